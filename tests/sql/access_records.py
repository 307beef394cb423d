"""Who reaches which rows of the clinical, money, settings, queue and message tables."""

HERE = "deleted_at is null"
DESK = "staff admin superadmin"
HEADS = "admin superadmin"
CARE = "nurse staff admin superadmin"
PEOPLE = "staff nurse doctor admin superadmin"

OWN = "patient_id = '{patient}'"
OPEN = "patient_id = '{patient3}'"  # on whom everybody of the cast broke the glass
BY_ME = "doctor_id = '{doctor}'"

Access = dict[str, dict[str, str]]

RECORDS = {
    "doctor": f"{HERE} and ({BY_ME} or {OWN} and not access_restricted or {OPEN})",
    "nurse": f"{HERE} and (not is_sensitive and not access_restricted or {OPEN})",
    HEADS: f"{HERE} and (not access_restricted or {OPEN})",
    "patient": f"{HERE} and {OWN} and not access_restricted",
}


def linked(role: str) -> str:
    """That the record which a row belongs to may be read, if there is one."""
    return (
        "(medical_record_id is null or exists (select from clinic.medical_records r"
        f" where r.id = medical_record_id and {RECORDS[role]}))"
    )


ORDERS = {
    "doctor": f"{HERE} and ({BY_ME} or {OWN} and {linked('doctor')} or {OPEN})",
    "nurse": f"{HERE} and {linked('nurse')}",
    HEADS: f"{HERE} and {linked(HEADS)}",
    "patient": f"{HERE} and {OWN} and {linked('patient')}",
}
TREATED = f"{HERE} and ({OWN} or {OPEN})"
MONEY = {DESK: HERE, "patient": f"{HERE} and {OWN}"}


def inside(parent: str, key: str, rules: dict[str, str]) -> dict[str, str]:
    """Rows that are read with their parent."""
    return {
        roles: f"exists (select from {parent} p where p.id = {key} and {where})"
        for roles, where in rules.items()
    }


READ_RECORDS: Access = {
    "clinic.medical_records": RECORDS,
    "clinic.prescriptions": ORDERS,
    "clinic.prescription_items": inside("clinic.prescriptions", "prescription_id", ORDERS),
    "clinic.lab_results": ORDERS,
    "clinic.imaging_results": ORDERS,
    "clinic.vaccination_records": {
        "doctor": f"{HERE} and (administered_by = '{{me}}' or {OWN} or {OPEN})",
        "nurse admin superadmin": HERE,
        "patient": f"{HERE} and {OWN}",
    },
    "clinic.health_screening_packages": {f"patient {PEOPLE}": "true"},
    "clinic.health_screening_results": {
        "doctor": TREATED,
        "nurse admin superadmin": HERE,
        "patient": f"{HERE} and {OWN}",
    },
    "clinic.payments": MONEY,
    "clinic.payment_items": inside("clinic.payments", "payment_id", MONEY),
    "clinic.insurance_claims": MONEY,
    "clinic.system_settings": {f"{DESK} worker": "true", "patient nurse doctor": "is_public"},
    "clinic.user_feedback": {HEADS: "true"},
    "clinic.queue_management": {PEOPLE: "true"},
    "clinic.queue_entries": {CARE: "true", "doctor": BY_ME, "patient": OWN},
    "clinic.telemedicine_sessions": {DESK: "true", "doctor": BY_ME, "patient": OWN},
    "clinic.appointment_transitions": {
        CARE: "true",
        **inside("clinic.appointments", "appointment_id", {"doctor": BY_ME, "patient": OWN}),
    },
    "clinic.public_booking_requests": {DESK: "true"},
    "clinic.glass_breaks": {HEADS: "true", "doctor nurse": "user_id = '{me}'"},
    "clinic.clinic_entries": {HEADS: "true"},
    "clinic.notifications": {DESK: "true", "patient nurse doctor": "user_id = '{me}'"},
    "clinic.sms_messages": {DESK: "true"},
    "clinic.whatsapp_messages": {DESK: "true"},
    "clinic.email_messages": {DESK: "true"},
}

MINE = f"{HERE} and {BY_ME}"
CHANGE_RECORDS: Access = {
    "clinic.medical_records set chief_complaint = 'x'": {"doctor": MINE},
    "clinic.prescriptions set pharmacy_notes = 'x'": {"doctor": MINE},
    "clinic.prescription_items set unit = 'x'": inside(
        "clinic.prescriptions", "prescription_id", {"doctor": MINE}
    ),
    "clinic.lab_results set comments = 'x'": {"doctor": MINE},
    "clinic.imaging_results set findings = 'x'": {"doctor": MINE},
    "clinic.vaccination_records set injection_site = 'x'": {
        "doctor": f"{HERE} and administered_by = '{{me}}'",
    },
    "clinic.health_screening_packages set description = 'x'": {HEADS: "true"},
    "clinic.health_screening_results set doctor_notes = 'x'": {"doctor": f"{HERE} and {OWN}"},
    "clinic.payments set notes = 'x'": {DESK: HERE},
    "clinic.payment_items set item_description = 'x'": {},
    "clinic.insurance_claims set rejection_reason = 'x'": {DESK: HERE},
    "clinic.system_settings set description = 'x'": {HEADS: "not is_encrypted"},
    "clinic.user_feedback set rating = 1": {},
    "clinic.queue_management set total_waiting = 1": {CARE: "true"},
    "clinic.queue_entries set priority = 1": {CARE: "true"},
    "clinic.telemedicine_sessions set doctor_notes = 'x'": {"doctor": BY_ME},
    "clinic.public_booking_requests set status = 'contacted'": {DESK: "true"},
    "clinic.glass_breaks set reviewed_by = app.current_user_id(), reviewed_at = now()": {
        HEADS: "user_id <> '{me}'",
    },
    "clinic.clinic_entries set reason = 'Nothing at all'": {},
    "clinic.notifications set subject = 'x'": {},
    "clinic.sms_messages set provider = 'x'": {},
    "clinic.whatsapp_messages set media_type = 'x'": {},
    "clinic.email_messages set provider = 'x'": {},
}

WHO = "(clinic_id, patient_id, doctor_id, "
ME = "'{clinic}', '{patient}', '{doctor}', "
ADD_RECORDS: dict[str, tuple[str, str]] = {
    "clinic.medical_records": ("doctor", f"{WHO} record_date) values ({ME} '2026-01-01')"),
    "clinic.prescriptions": ("doctor", f"{WHO} prescription_date) values ({ME} '2026-01-01')"),
    "clinic.prescription_items": (
        "doctor",
        "(clinic_id, prescription_id, medication_name, dosage, frequency, quantity)"
        " values ('{clinic}', '{script}', 'N', '1', 'daily', 1)",
    ),
    "clinic.lab_results": (
        "doctor",
        f"{WHO} lab_name, test_date) values ({ME} 'N', '2026-01-01')",
    ),
    "clinic.imaging_results": (
        "doctor",
        f"{WHO} imaging_type, imaging_date) values ({ME} 'ct', '2026-01-01')",
    ),
    "clinic.vaccination_records": (
        "doctor nurse",
        "(clinic_id, patient_id, administered_by, vaccine_name, administered_date)"
        " values ('{clinic}', '{patient}', app.current_user_id(), 'N', '2026-01-01')",
    ),
    "clinic.health_screening_packages": (
        HEADS,
        "(clinic_id, name, price) values ('{clinic}', 'N', 1)",
    ),
    "clinic.health_screening_results": (
        "doctor",
        "(clinic_id, patient_id, report_date, results)"
        " values ('{clinic}', '{patient}', '2026-01-01', '{{}}')",
    ),
    "clinic.payments": (
        DESK,
        "(clinic_id, patient_id, payment_date, payment_method, subtotal, total_amount)"
        " values ('{clinic}', '{patient}', '2026-01-01', 'cash', 1, 1)",
    ),
    "clinic.payment_items": (
        DESK,
        "(clinic_id, payment_id, item_type, item_description, unit_price, total_price)"
        " values ('{clinic}', '{payment}', 'lab', 'N', 1, 1)",
    ),
    "clinic.insurance_claims": (
        DESK,
        "(clinic_id, patient_id, insurance_provider, claimed_amount)"
        " values ('{clinic}', '{patient}', 'N', 1)",
    ),
    "clinic.system_settings": (
        HEADS,
        "(clinic_id, category, key, value, updated_by)"
        " values ('{clinic}', 'n', 'n', '1', app.current_user_id())",
    ),
    "clinic.user_feedback": (
        f"patient {PEOPLE}",
        "(clinic_id, user_id, rating) values ('{clinic}', app.current_user_id(), 5)",
    ),
    "clinic.queue_management": (DESK, "(clinic_id, queue_date) values ('{clinic}', '2031-01-01')"),
    "clinic.queue_entries": (
        DESK,
        "(clinic_id, patient_id, queue_date, ticket_number)"
        " values ('{clinic}', '{patient}', '2031-01-01', 'N1')",
    ),
    "clinic.telemedicine_sessions": (
        DESK,
        f"{WHO} appointment_id, session_token_hash, scheduled_start, scheduled_end)"
        f" values ({ME} '{{visit2}}', 'N', '2031-01-01 10:00Z', '2031-01-01 11:00Z')",
    ),
    "clinic.notifications": (
        DESK,
        "(clinic_id, user_id, type, channel, recipient, message)"
        " values ('{clinic}', '{dana}', 'n', 'sms', '+6590000000', 'N')",
    ),
}

NEW_RECORD = "insert into clinic.medical_records (clinic_id, patient_id, doctor_id, record_date)"
NEW_SCRIPT = (
    "insert into clinic.prescriptions (clinic_id, patient_id, doctor_id, prescription_date)"
)
NEW_LAB = "insert into clinic.lab_results (clinic_id, patient_id, doctor_id, lab_name, test_date)"
NEW_IMAGE = (
    "insert into clinic.imaging_results (clinic_id, patient_id, doctor_id, imaging_type,"
    " imaging_date)"
)
NEW_SHOT = (
    "insert into clinic.vaccination_records (clinic_id, patient_id, administered_by,"
    " vaccine_name, administered_date)"
)
STRANGER = "values ('{home}', '{patient2}', '{doctor}', "
COLLEAGUE = "values ('{home}', '{patient}', '{doctor2}', "

# Rows of one's own clinic that may still not be written so.
REFUSED_RECORDS = (
    *(
        ("doctor", f"{new} {who}{rest})")
        for who in (STRANGER, COLLEAGUE)
        for new, rest in (
            (NEW_RECORD, "'2026-01-01'"),
            (NEW_SCRIPT, "'2026-01-01'"),
            (NEW_LAB, "'N', '2026-01-01'"),
            (NEW_IMAGE, "'ct', '2026-01-01'"),
        )
    ),
    ("nurse", f"{NEW_SHOT} values ('{{home}}', '{{patient}}', '{{bob}}', 'N', '2026-01-01')"),
    ("doctor", f"{NEW_SHOT} values ('{{home}}', '{{patient}}', '{{bob}}', 'N', '2026-01-01')"),
    ("doctor", f"{NEW_SHOT} values ('{{home}}', '{{patient2}}', '{{me}}', 'N', '2026-01-01')"),
    ("nurse", "insert into clinic.medical_records (clinic_id, patient_id, record_date,"
     " access_restricted) values ('{home}', '{patient}', '2026-01-01', true)"),
    ("doctor", "insert into clinic.prescription_items (clinic_id, prescription_id,"
     " medication_name, dosage, frequency, quantity)"
     " values ('{home}', '{script2}', 'N', '1', 'daily', 1)"),
    ("doctor", "insert into clinic.health_screening_results (clinic_id, patient_id, report_date,"
     " results) values ('{home}', '{patient2}', '2026-01-01', '{{}}')"),
    ("staff", "insert into clinic.payments (clinic_id, patient_id, payment_date, payment_method,"
     " subtotal, total_amount, is_refunded)"
     " values ('{home}', '{patient}', '2026-01-01', 'cash', 1, 1, true)"),
    ("staff", "update clinic.payments set is_refunded = true"),
    ("staff", "insert into clinic.payment_items (clinic_id, payment_id, item_type,"
     " item_description, unit_price, total_price)"
     " values ('{home}', '{gone_payment}', 'lab', 'N', 1, 1)"),
    ("staff", "insert into clinic.insurance_claims (clinic_id, patient_id, insurance_provider,"
     " claimed_amount, deleted_at) values ('{home}', '{patient}', 'N', 1, now())"),
    ("admin", "insert into clinic.system_settings (clinic_id, category, key, value, updated_by)"
     " values (null, 'n', 'n', '1', '{me}')"),
    ("admin", "insert into clinic.system_settings (clinic_id, category, key, value, updated_by)"
     " values ('{home}', 'n', 'n', '1', '{bob}')"),
    ("patient", "insert into clinic.user_feedback (clinic_id, user_id, rating)"
     " values ('{home}', '{bob}', 5)"),
    ("staff", "insert into clinic.notifications (clinic_id, type, channel, recipient, message,"
     " status) values ('{home}', 'n', 'sms', '+6590000000', 'N', 'sent')"),
    ("admin", "update clinic.glass_breaks set reviewed_by = '{bob}', reviewed_at = now()"
     " where user_id <> '{me}'"),
)  # fmt: skip
