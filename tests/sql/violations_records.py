"""What breaks each constraint of the clinical, money, settings, queue and message tables.

They are alike, so most statements are made from a table and a column.
"""

from django.apps import apps

ANY = "gen_random_uuid()"
APPS = ("clinic", "booking", "messaging", "webhooks")
MODELS = {m._meta.db_table: m for app in APPS for m in apps.get_app_config(app).get_models()}


def first(table: str, clinic: str = "home") -> str:
    """The id of one row of a clinic."""
    return f"(select id from clinic.{table} where clinic_id = '{{{clinic}}}' order by id limit 1)"


def change(table: str, settings: str) -> str:
    return f"update clinic.{table} set {settings} where id = {first(table)}"


def copy(table: str, **changed: str) -> str:
    """Add a row like the first one, with another id and what is changed (column=expression)."""
    columns = ", ".join(
        f.column for f in MODELS[table]._meta.local_fields if f.column and not f.generated
    )
    pairs = ", ".join(f"'{name}', {value}" for name, value in {"id": ANY, **changed}.items())
    return (
        f"insert into clinic.{table} ({columns}) select {columns}"
        f" from jsonb_populate_record(null::clinic.{table}, (select to_jsonb(t)"
        f" || jsonb_build_object({pairs}) from clinic.{table} t where id = {first(table)}))"
    )


CHECKS = {
    "appointment_transitions": {
        "action": "action = 'x'", "channel": "channel = 'x'", "initiator": "initiator = 'x'",
    },
    "public_booking_requests": {
        "contact_preference": "contact_preference = 'x'", "status": "status = 'x'",
    },
    "queue_entries": {"priority": "priority = 11"},
    "queue_management": {"total": "total_waiting = -1"},
    "telemedicine_sessions": {"status": "status = 'x'", "values": "patient_rating = 6"},
    "health_screening_packages": {"price": "price = -1"},
    "health_screening_results": {"json": "results = '[]'"},
    "medical_records": {
        "blood_pressure_diastolic": "blood_pressure_diastolic = 1",
        "blood_pressure_systolic": "blood_pressure_systolic = 1",
        "heart_rate_bpm": "heart_rate_bpm = 1",
        "height_cm": "height_cm = 1",
        "json": "attachments = '{{}}'",
        "mc_dates": "mc_end_date = '2026-01-01'",
        "mc_days": "mc_days = 367",
        "oxygen_saturation_percent": "oxygen_saturation_percent = 101",
        "respiratory_rate_bpm": "respiratory_rate_bpm = 1",
        "temperature_celsius": "temperature_celsius = 20",
        "weight_kg": "weight_kg = 0",
    },
    "lab_results": {
        "json": "results = '[]'", "reviewed": "status = 'reviewed'", "status": "status = 'x'",
    },
    "imaging_results": {
        "imaging_type": "imaging_type = 'x'", "json": "images_url = '{{}}'",
        "status": "status = 'x'",
    },
    "payments": {
        "completed": "status = 'completed'",
        "money": "change_amount = -1",
        "payment_method": "payment_method = 'x'",
        "refund": "is_refunded = true",
        "refunded": "status = 'refunded'",
        "total": "total_amount = 49",
    },
    "payment_items": {"item_type": "item_type = 'x'", "money": "total_price = 49"},
    "insurance_claims": {
        "approved": "approved_amount = 21",
        "claim_type": "claim_type = 'x'",
        "json": "documents = '{{}}'",
        "money": "claimed_amount = -1",
        "status": "status = 'x'",
    },
    "prescriptions": {
        "collection_method": "collection_method = 'x'", "status": "status = 'x'",
        "valid_until": "valid_until = '2025-01-01'",
    },
    "prescription_items": {"money": "unit_price = -1", "quantity": "dispensed_quantity = 31"},
    "user_feedback": {"rating": "rating = 6"},
    "vaccination_records": {"dose_number": "dose_number = 0"},
    "notifications": {
        "status": "status = 'x'", "times": "scheduled_for = now(), expires_at = now()",
        "values": "priority = 11",
    },
    "email_messages": {"json": "cc_emails = '{{}}'", "status": "status = 'x'"},
    "sms_messages": {"status": "status = 'x'", "values": "segments = 0"},
    "whatsapp_messages": {"status": "status = 'x'"},
    "clinic_entries": {"check": "expires_at = entered_at", "reason_check": "reason = 'x'"},
    "glass_breaks": {
        "check": "expires_at = opened_at", "check1": "reviewed_at = now()",
        "reason_check": "reason = 'x'",
    },
}  # fmt: skip

PATIENT, DOCTOR = {"patient": "'{other_patient}'"}, {"doctor": "'{other_doctor}'"}
VISIT = {"appointment": "'{other_appointment}'"}
RECORD = {"medical_record": first("medical_records", "other")}
REVIEWER = {"reviewed_by": "'{other_doctor}'"}
MESSAGE = {"notification": first("notifications", "other")}
PAYMENT = {"payment": first("payments", "other")}
KEYS = {
    "public_booking_requests": VISIT,
    "appointment_transitions": VISIT
    | {"from_slot": "'{other_slot}'", "to_slot": "'{other_slot}'"},
    "queue_entries": VISIT | DOCTOR | PATIENT,
    "telemedicine_sessions": VISIT | DOCTOR | PATIENT,
    "health_screening_results": VISIT | PATIENT
    | {"package": first("health_screening_packages", "other")},
    "medical_records": VISIT | DOCTOR | PATIENT,
    "lab_results": RECORD | DOCTOR | PATIENT | REVIEWER,
    "imaging_results": RECORD | DOCTOR | PATIENT | REVIEWER,
    "vaccination_records": PATIENT,
    "payments": VISIT | PATIENT,
    "payment_items": PAYMENT,
    "insurance_claims": PAYMENT | PATIENT,
    "prescriptions": RECORD | DOCTOR | PATIENT,
    "prescription_items": {"prescription": first("prescriptions", "other")},
    "email_messages": MESSAGE,
    "sms_messages": MESSAGE,
    "whatsapp_messages": MESSAGE,
}  # fmt: skip

# Foreign keys to clinics, as Django names them.
CLINICS = {
    "public_booking_requests": "5b40fe84", "queue_management": "4e75919f",
    "health_screening_packages": "d838c4ed", "system_settings": "f7fe7e19",
    "user_feedback": "204abce3", "notifications": "178d38dc",
}  # fmt: skip

TABLES = sorted({*CHECKS, *KEYS, *CLINICS})


def column(key: str) -> str:
    return key if key == "reviewed_by" else f"{key}_id"


def both(before: str, then: str) -> str:
    return f"{before}; {then}"


RECORD_VIOLATIONS = (
    {f"{table}_{name}": change(table, settings)
     for table, checks in CHECKS.items() for name, settings in checks.items()}
    | {f"{table}_{key}_fk": change(table, f"{column(key)} = {value}")
       for table, keys in KEYS.items() for key, value in keys.items()}
    | {f"{table}_pkey": change(table, f"id = {first(table, 'other')}") for table in TABLES}
    | {f"{table}_clinic_id_{digest}_fk_clinics_id": copy(table, clinic_id=ANY)
       for table, digest in CLINICS.items()}
    | {
        "clinic_entries_clinic_id_fkey":
            "insert into clinic.clinic_entries (clinic_id, user_id, user_name, reason)"
            f" values ({ANY}, {ANY}, 'N', 'Looking into a ticket')",
        "glass_breaks_clinic_id_patient_id_fkey":
            change("glass_breaks", "patient_id = '{other_patient}'"),
        "public_booking_requests_key": both(
            change("public_booking_requests", "idempotency_key = 'k'"),
            copy("public_booking_requests")),
        "appointment_transitions_version": copy("appointment_transitions"),
        "queue_entries_ticket": copy("queue_entries", appointment_id="null"),
        "queue_management_day": copy("queue_management"),
        "telemedicine_sessions_appointment":
            copy("telemedicine_sessions", session_token_hash="'x'"),
        "telemedicine_sessions_token": copy("telemedicine_sessions", appointment_id=ANY),
        "medical_records_appointment": both(
            change("medical_records", "appointment_id = '{appointment}'"),
            copy("medical_records", record_number="'N1'")),
        "medical_records_clinic_number": copy("medical_records", appointment_id="null"),
        "prescriptions_clinic_number": copy("prescriptions"),
        "payments_clinic_intent": both(
            change("payments", "payment_intent_id = 'i'"),
            copy("payments", payment_number="'N1'", receipt_number="'N1'")),
        "payments_clinic_number": copy("payments", receipt_number="'N1'"),
        "payments_clinic_receipt": copy("payments", payment_number="'N1'"),
        "insurance_claims_clinic_number": copy("insurance_claims"),
        "system_settings_clinic_key": copy("system_settings"),
        # of the product, not of a clinic
        "feature_flags_pkey": "insert into clinic.feature_flags (id, name)"
        " select '{home}', n from unnest(array['n1', 'n2']) n",
        "feature_flags_name_key": "insert into clinic.feature_flags (name) values ('n'), ('n')",
        "feature_flags_rollout":
            "insert into clinic.feature_flags (name, rollout_percentage) values ('n', 101)",
    }
)  # fmt: skip
