"""Who reaches which rows, command by command: the rows are those where a condition holds.

Whoever is not named is refused. Conditions are asked of the home clinic's rows alone, so a row of
another clinic in an answer makes it wrong.
"""

from tests.sql.access_absences import CHANGE_ABSENCES, READ_ABSENCES, REFUSED_ABSENCES
from tests.sql.access_find import CHANGE_FIND, READ_FIND, REFUSED_FIND
from tests.sql.access_holds import REFUSED_HOLDS
from tests.sql.access_hours import ADD_HOURS, CHANGE_HOURS, READ_HOURS, REFUSED_HOURS
from tests.sql.access_records import (
    ADD_RECORDS,
    CHANGE_RECORDS,
    DESK,
    HEADS,
    HERE,
    PEOPLE,
    READ_RECORDS,
    REFUSED_RECORDS,
    Access,
)
from tests.sql.access_series import CHANGE_SERIES, READ_SERIES, REFUSED_SERIES
from tests.sql.access_services import (
    ADD_SERVICES,
    CHANGE_SERVICES,
    READ_SERVICES,
    REFUSED_SERVICES,
)
from tests.sql.access_waiting import (
    ADD_WAITING,
    CHANGE_WAITING,
    READ_WAITING,
    REFUSED_WAITING,
)
from tests.sql.access_webhooks import (
    ADD_WEBHOOKS,
    CHANGE_WEBHOOKS,
    READ_WEBHOOKS,
    REFUSED_WEBHOOKS,
)

READ: Access = {
    "clinic.clinics": {f"patient {PEOPLE} worker": HERE},
    "clinic.users": {PEOPLE: HERE, "patient": "id = '{me}'"},
    "clinic.memberships": {PEOPLE: "true", "patient": "user_id = '{me}'"},
    "clinic.patients": {PEOPLE: HERE, "patient": "user_id = '{me}'"},
    "clinic.doctors": {f"patient {PEOPLE} worker": HERE},
    "clinic.staff": {PEOPLE: HERE},
    "clinic.appointment_slots": {f"patient {PEOPLE} worker": "true"},
    "clinic.appointments": {
        "staff nurse admin superadmin": HERE,
        "doctor": f"doctor_id = '{{doctor}}' and {HERE}",
        "patient": f"patient_id = '{{patient}}' and {HERE}",
    },
    "clinic.appointment_counters": {},
    "clinic.number_counters": {},
    "booking.booking_requests": {HEADS: "true"},
    "audit.audit_logs": {HEADS: "true"},
    "app.clinic_keys": {},
    "audit.access_logs": {HEADS: "true", "patient": "patient_id = '{patient}'"},
    "audit.seals": {HEADS: "true"},
    "audit.chains": {HEADS: "true"},
    "audit.segments": {HEADS: "true"},
    **READ_HOURS,
    **READ_RECORDS,
    **READ_SERIES,
    **READ_WEBHOOKS,
    **READ_SERVICES,
    **READ_ABSENCES,
    **READ_WAITING,
    **READ_FIND,
}

CHANGE: Access = {
    "clinic.clinics set branch_name = 'x'": {HEADS: HERE},
    "clinic.users set display_name = 'x'": {
        "patient staff nurse doctor": "id = '{me}'",
        HEADS: "role <> 'superadmin'",
    },
    "clinic.memberships set is_active = true": {
        HEADS: "role <> 'superadmin' and user_id <> '{me}'",
    },
    "clinic.patients set address = 'x'": {DESK: HERE, "patient": "user_id = '{me}'"},
    "clinic.doctors set room = 'x'": {HEADS: HERE},
    "clinic.staff set department = 'x'": {HEADS: HERE},
    "clinic.appointment_slots set block_reason = 'x'": {DESK: "true"},
    "clinic.appointments set internal_notes = 'x'": {DESK: HERE},
    "clinic.appointment_counters set last_value = 9": {},
    "clinic.number_counters set last_value = 9": {},
    "booking.booking_requests set created_at = now()": {},
    "audit.audit_logs set reason = 'x'": {},
    "app.clinic_keys set state = 'old'": {},
    "audit.access_logs set reason = 'x'": {},
    "audit.seals set hash = ''": {},
    "audit.chains set hash = ''": {},
    "audit.segments set hash = ''": {},
    **CHANGE_HOURS,
    **CHANGE_RECORDS,
    **CHANGE_SERIES,
    **CHANGE_WEBHOOKS,
    **CHANGE_SERVICES,
    **CHANGE_ABSENCES,
    **CHANGE_WAITING,
    **CHANGE_FIND,
}

# {clinic} is the home clinic, then the other: the first is added, the second refused.
ADD: dict[str, tuple[str, str]] = {
    "clinic.users": (HEADS, "(clinic_id, email, full_name) values ('{clinic}', 'n@x.test', 'N')"),
    "clinic.memberships": (
        HEADS,
        "(clinic_id, user_id, role) values ('{clinic}', '{dana}', 'nurse')",
    ),
    "clinic.patients": (
        DESK,
        "(clinic_id, full_name, date_of_birth, gender, phone, emergency_contact_phone)"
        " values ('{clinic}', 'New', '1990-01-01', 'male', '', '')",
    ),
    "clinic.doctors": (
        HEADS,
        "(clinic_id, full_name, employee_id, medical_registration_number, license_expiry)"
        " values ('{clinic}', 'New', 'N1', 'N1', '2099-01-01')",
    ),
    "clinic.staff": (
        HEADS,
        "(clinic_id, full_name, employee_id, start_date)"
        " values ('{clinic}', 'New', 'N1', '2020-01-01')",
    ),
    **ADD_HOURS,
    **ADD_RECORDS,
    **ADD_WEBHOOKS,
    **ADD_SERVICES,
    **ADD_WAITING,
}

# Rows of one's own clinic that may still not be written so.
REFUSED = (
    ("staff", "insert into clinic.patients (clinic_id, user_id, full_name, date_of_birth, gender,"
     " phone, emergency_contact_phone)"
     " values ('{home}', '{bob}', 'N', '1990-01-01', 'male', '', '')"),
    *(("staff", f"insert into clinic.patients (clinic_id, {column}, full_name, date_of_birth,"
       " gender, phone, emergency_contact_phone)"
       " values ('{home}', 'x', 'N', '1990-01-01', 'male', '', '')")
      for column in ("nric_encrypted", "nric_hash", "passport_number_encrypted",
                     "chas_card_number_encrypted", "insurance_policy_number_encrypted")),
    ("staff", "insert into clinic.insurance_claims (clinic_id, patient_id, insurance_provider,"
     " claimed_amount, policy_number_encrypted) values ('{home}', '{patient}', 'I', 1, 'x')"),
    ("admin", "insert into clinic.users (clinic_id, email, full_name, role)"
     " values ('{home}', 'n@x.test', 'N', 'superadmin')"),
    ("admin", "insert into clinic.users (clinic_id, email, full_name, is_verified)"
     " values ('{home}', 'n@x.test', 'N', true)"),
    ("admin", "insert into clinic.memberships (clinic_id, user_id, role)"
     " values ('{home}', '{me}', 'nurse')"),
    ("admin", "insert into clinic.memberships (clinic_id, user_id, role)"
     " values ('{home}', '{bob}', 'superadmin')"),
    ("admin", "insert into clinic.memberships (clinic_id, user_id, role)"
     " values ('{home}', '{other_user}', 'nurse')"),
    ("admin", "update clinic.memberships set role = 'superadmin' where user_id = '{bob}'"),
    ("admin", "insert into clinic.doctors (clinic_id, user_id, full_name, employee_id,"
     " medical_registration_number, license_expiry)"
     " values ('{home}', '{other_user}', 'N', 'N1', 'N1', '2099-01-01')"),
    ("admin", "update clinic.doctors set user_id = '{other_user}' where id = '{doctor2}'"),
    ("admin", "insert into clinic.staff (clinic_id, user_id, full_name, employee_id, start_date)"
     " values ('{home}', '{other_user}', 'N', 'N1', '2020-01-01')"),
    ("admin", "update clinic.staff set user_id = '{other_user}' where id = '{staff}'"),
    *REFUSED_HOURS,
    *REFUSED_HOLDS,
    *REFUSED_RECORDS,
    *REFUSED_SERIES,
    *REFUSED_WEBHOOKS,
    *REFUSED_SERVICES,
    *REFUSED_ABSENCES,
    *REFUSED_WAITING,
    *REFUSED_FIND,
)  # fmt: skip
