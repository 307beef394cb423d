"""For every constraint a statement that breaks it, and no other that is looked at before it.

They run as the superuser: constraints hold for everyone.
"""

from tests.sql.violations_absences import ABSENCE_VIOLATIONS
from tests.sql.violations_find import FIND_VIOLATIONS
from tests.sql.violations_hours import HOURS_VIOLATIONS
from tests.sql.violations_records import RECORD_VIOLATIONS
from tests.sql.violations_series import SERIES_VIOLATIONS
from tests.sql.violations_services import SERVICE_VIOLATIONS
from tests.sql.violations_waiting import WAITING_VIOLATIONS
from tests.sql.violations_webhooks import WEBHOOK_VIOLATIONS

ANY = "gen_random_uuid()"
CLINIC = "update clinic.clinics set %s where id = '{home}'"
DOCTOR = "update clinic.doctors set %s where id = '{doctor}'"
PATIENT = "update clinic.patients set %s where id = '{patient}'"
STAFF = "update clinic.staff set %s where id = '{staff}'"
USER = "update clinic.users set %s where id = '{bob}'"
HOURS = "update clinic.doctor_working_hours set %s where doctor_id = '{doctor}'"
VISIT = "update clinic.appointments set %s where id = '{appointment}'"
SLOT = "update clinic.appointment_slots set %s where id = '{slot}'"
LEAVE = "update clinic.doctor_leave set %s where id = '{leave}'"
REQUEST = "update booking.booking_requests set %s where clinic_id = '{home}'"

NEW_USER = "insert into clinic.users (id, clinic_id, email, full_name) values (%s, %s, '%s', 'N')"
NEW_DOCTOR = """
insert into clinic.doctors (id, clinic_id, user_id, full_name, employee_id,
  medical_registration_number, license_expiry)
values (%s, %s, %s, 'N', 'N1', 'N1', '2099-01-01')
"""
NEW_PATIENT = """
insert into clinic.patients (id, clinic_id, user_id, patient_number, full_name, date_of_birth,
  gender, phone, emergency_contact_phone)
values (%s, %s, %s, 'N1', 'N', '1990-01-01', 'male', '', '')
"""
NEW_STAFF = """
insert into clinic.staff (id, clinic_id, user_id, full_name, employee_id, start_date)
values (%s, %s, %s, 'N', 'N1', '2020-01-01')
"""
NEW_MEMBER = """
insert into clinic.memberships (id, clinic_id, user_id, role) values (%s, %s, %s, 'nurse')
"""
NEW_HOURS = """
insert into clinic.doctor_working_hours (id, clinic_id, doctor_id, weekday, starts, ends,
  effective_from)
values (%s, '{home}', %s, 1, '08:00', '10:00', '2030-01-01')
"""
NEW_LEAVE = """
insert into clinic.doctor_leave (id, clinic_id, doctor_id, starts_at, ends_at)
select %s, '{home}', %s, %s, %s from clinic.doctor_leave where id = '{leave}'
"""
NEW_VISIT = """
insert into clinic.appointments (id, clinic_id, patient_id, doctor_id, slot_id,
  appointment_number, appointment_date, appointment_time, starts_at, ends_at)
select %s, clinic_id, %s, %s, %s, 'N1', appointment_date, appointment_time, %s, %s
from clinic.appointments where id = '{appointment}'
"""
LATER = ("starts_at + interval '1 year'", "ends_at + interval '1 year'")
NEW_SLOT = """
insert into clinic.appointment_slots (id, clinic_id, doctor_id, slot_date, slot_time, starts_at,
  ends_at)
values (%s, '{home}', %s, '2030-01-01', '10:00', %s, %s::timestamptz + interval '15 min')
"""
YEAR_AHEAD = ("'2030-01-01 10:00Z'", "'2030-01-01 10:00Z'")
KEY = """
insert into app.clinic_keys
  (id, clinic_id, purpose, version, state, wrapped, wrapped_by, fingerprint)
select %s, clinic_id, %s, %s, %s, %s, wrapped_by, %s
from app.clinic_keys where clinic_id = '{home}' and purpose = 'data'
"""
HOME, MINE_2 = "'{home}'", "'{doctor2}'"
TWICE = "insert into {0} select * from {0} where clinic_id = '{{home}}' limit 1"
OTHERS_KEY = "(select id from %s where clinic_id = '{other}' limit 1)"

VIOLATIONS = {
    # clinic.clinics
    "clinics_pkey": CLINIC % "id = '{other}'",
    "clinics_code": CLINIC % "code = 'a b'",
    "clinics_code_key": CLINIC % "code = (select code from clinic.clinics where id = '{other}')",
    "clinics_country": CLINIC % "country = 'sg'",
    "clinics_currency": CLINIC % "currency = 'S$'",
    "clinics_json": CLINIC % "settings = '[]'",
    "clinics_latitude": CLINIC % "latitude = 91",
    "clinics_longitude": CLINIC % "longitude = -181",
    "clinics_slot_step": CLINIC % "slot_step_minutes = 7",
    "clinics_time_zone": CLINIC % "time_zone = 'Mars/Base'",
    "valid_email": CLINIC % "email = 'nobody'",
    "valid_phone": CLINIC % "phone = 'none'",
    # clinic.users, clinic.memberships
    "users_pkey": NEW_USER % ("'{other_bob}'", HOME, "n@x.test"),
    "users_email": USER % "email = 'nobody'",
    "users_home": USER % "clinic_id = null",
    "users_clinic_email": NEW_USER % (ANY, HOME, "{email}"),
    "users_clinic_id_f3ab86db_fk_clinics_id": NEW_USER % (ANY, ANY, "n@x.test"),
    "memberships_pkey": NEW_MEMBER % (OTHERS_KEY % "clinic.memberships", HOME, "'{dana}'"),
    "memberships_clinic_user_role": "update clinic.memberships set role = 'nurse',"
    " user_id = '{bob}' where clinic_id = '{home}' and role in ('nurse', 'staff')",
    "memberships_clinic_id_7ee1b73e_fk_clinics_id": NEW_MEMBER % (ANY, ANY, "'{dana}'"),
    "memberships_user_id_5a99f855_fk_users_id": NEW_MEMBER % (ANY, HOME, ANY),
    # clinic.doctors
    "doctors_pkey": NEW_DOCTOR % ("'{other_doctor}'", HOME, "null"),
    "doctors_booking_limits": DOCTOR % "consultation_duration_minutes = 1",
    "doctors_fees": DOCTOR % "consultation_fee = -1",
    "doctors_json": DOCTOR % "blocked_dates = '{{}}'",
    "doctors_rating": DOCTOR % "average_rating = 6",
    "doctors_clinic_id_37c3b1d3_fk_clinics_id": NEW_DOCTOR % (ANY, ANY, "null"),
    "doctors_user_id_480f6e79_fk_users_id": NEW_DOCTOR % (ANY, HOME, ANY),
    "doctors_clinic_user": NEW_DOCTOR % (ANY, HOME, "'{chen}'"),
    "doctors_clinic_employee": "update clinic.doctors set employee_id = 'N1'"
    " where clinic_id = '{home}'",
    "doctors_clinic_registration": "update clinic.doctors set medical_registration_number = 'N1'"
    " where clinic_id = '{home}'",
    # clinic.doctor_leave, clinic.doctor_working_hours
    "doctor_leave_pkey": NEW_LEAVE % ("'{other_leave}'", MINE_2, "starts_at", "ends_at"),
    "doctor_leave_times": LEAVE % "ends_at = starts_at",
    "doctor_leave_doctor_fk": NEW_LEAVE % (ANY, "'{other_doctor}'", "starts_at", "ends_at"),
    "doctor_leave_overlap": NEW_LEAVE % (ANY, "doctor_id", "starts_at", "ends_at"),
    "doctor_working_hours_pkey": NEW_HOURS % (OTHERS_KEY % "clinic.doctor_working_hours", MINE_2),
    "doctor_working_hours_dates": HOURS % "effective_to = '2019-01-01'",
    "doctor_working_hours_times": HOURS % "ends = starts",
    "doctor_working_hours_weekday": HOURS % "weekday = 8",
    "doctor_working_hours_doctor_fk": NEW_HOURS % (ANY, "'{other_doctor}'"),
    "doctor_working_hours_overlap": NEW_HOURS % (ANY, "'{doctor}'"),
    # clinic.patients
    "patients_pkey": NEW_PATIENT % ("'{other_patient}'", HOME, "null"),
    "patients_counts": PATIENT % "total_visits = -1",
    "patients_emergency_phone": PATIENT % "emergency_contact_phone = '123'",
    "patients_height": PATIENT % "height_cm = 1",
    "patients_json": PATIENT % "tags = '{{}}'",
    "patients_phone": PATIENT % "phone = '123'",
    "patients_weight": PATIENT % "weight_kg = 0",
    "patients_clinic_id_828ae627_fk_clinics_id": NEW_PATIENT % (ANY, ANY, "null"),
    "patients_preferred_doctor_fk": PATIENT % "preferred_doctor_id = '{other_doctor}'",
    "patients_user_id_11c42fa7_fk_users_id": NEW_PATIENT % (ANY, HOME, ANY),
    "patients_clinic_nric": "update clinic.patients set nric_hash = 'x' where clinic_id = '{home}'",
    "patients_clinic_number": "update clinic.patients set patient_number = 'x'"
    " where clinic_id = '{home}'",
    "patients_clinic_user": NEW_PATIENT % (ANY, HOME, "'{dana}'"),
    # clinic.staff
    "staff_pkey": NEW_STAFF % ("'{other_staff}'", HOME, "null"),
    "staff_dates": STAFF % "end_date = start_date - 1",
    "staff_json": STAFF % "permissions = '[]'",
    "staff_clinic_id_ccbf069d_fk_clinics_id": NEW_STAFF % (ANY, ANY, "null"),
    "staff_reporting_to_fk": STAFF % "reporting_to = '{other_staff}'",
    "staff_user_id_e6242ba6_fk_users_id": NEW_STAFF % (ANY, HOME, ANY),
    "staff_clinic_employee": "update clinic.staff set employee_id = 'N1'"
    " where clinic_id = '{home}'",
    "staff_clinic_user": NEW_STAFF % (ANY, HOME, "'{bob}'"),
    # clinic.appointments
    "appointments_pkey": NEW_VISIT % (
        "'{other_appointment}'", "patient_id", "doctor_id", "null", *LATER),
    "appointments_cancelled": VISIT % "status = 'cancelled'",
    "appointments_duration": VISIT % "duration_minutes = 0",
    "appointments_json": VISIT % "reminder_channels = '{{}}'",
    "appointments_length": VISIT % "duration_minutes = 5",
    "appointments_money": VISIT % "total_amount = -1",
    "appointments_patient_fk": NEW_VISIT % (ANY, "'{other_patient}'", "doctor_id", "null", *LATER),
    "appointments_slot_fk": VISIT % "slot_id = '{other_slot}', deleted_at = now()",
    "appointments_rescheduled_from_fk": VISIT % "rescheduled_from = '{other_appointment}'",
    "appointments_clinic_number": "update clinic.appointments set appointment_number = 'N1'"
    " where clinic_id = '{home}'",
    "appointments_slot": NEW_VISIT % (ANY, "patient_id", "doctor_id", "slot_id", *LATER),
    "appointments_doctor_overlap": NEW_VISIT % (
        ANY, "'{patient2}'", "doctor_id", "null", "starts_at", "ends_at"),
    "appointments_patient_overlap": NEW_VISIT % (
        ANY, "patient_id", "'{doctor2}'", "null", "starts_at", "ends_at"),
    # clinic.appointment_slots
    "appointment_slots_pkey": NEW_SLOT % ("'{other_free}'", MINE_2, *YEAR_AHEAD),
    "appointment_slots_duration": SLOT % "duration_minutes = 0",
    "appointment_slots_free": SLOT % "is_available = true",
    "appointment_slots_hold": SLOT % "held_until = now()",
    "appointment_slots_held_for_fk": "update clinic.appointment_slots set held_until = now(),"
    " held_for = '{other_patient}' where id = '{free}'",
    "appointment_slots_length": SLOT % "duration_minutes = 5",
    "appointment_slots_doctor_fk": NEW_SLOT % (ANY, "'{other_doctor}'", *YEAR_AHEAD),
    "appointment_slots_appointment_fk": "update clinic.appointment_slots set is_available = false,"
    " appointment_id = gen_random_uuid() where id = '{free}'",
    "appointment_slots_appointment": "update clinic.appointment_slots set is_available = false,"
    " appointment_id = '{appointment}' where id = '{free}'",
    "appointment_slots_doctor_start": NEW_SLOT % (ANY, "'{doctor}'", "'{starts}'", "'{starts}'"),
    # counters, idempotency keys
    "appointment_counters_pkey": TWICE.format("clinic.appointment_counters"),
    "appointment_counters_positive": "update clinic.appointment_counters set last_value = 0",
    "appointment_counters_clinic_id_43452306_fk_clinics_id":
        "insert into clinic.appointment_counters values (current_date, 1, gen_random_uuid())",
    "number_counters_pkey": TWICE.format("clinic.number_counters"),
    "number_counters_kind_check": "update clinic.number_counters set kind = 'A b'",
    "number_counters_last_value_check": "update clinic.number_counters set last_value = 0",
    "number_counters_clinic_id_fkey":
        "insert into clinic.number_counters values (gen_random_uuid(), 'x', 1)",
    "booking_requests_pkey": TWICE.format("booking.booking_requests"),
    "booking_requests_operation_check": REQUEST % "operation = 'steal'",
    "booking_requests_idempotency_key_check": REQUEST % "idempotency_key = ''",
    # the trail, and what stands at the door
    "audit_logs_action_check": "insert into audit.audit_logs (table_schema, table_name, action)"
    " values ('x', 'x', 'SELECT')",
    "audit_logs_pkey": "insert into audit.audit_logs (id, table_schema, table_name, action,"
    " created_at) overriding system value"
    " select 1, 'x', 'x', 'INSERT', '2001-01-01' from generate_series(1, 2)",
    "access_logs_action_check": "insert into audit.access_logs (table_name, action)"
    " values ('x', 'LOOK')",
    "access_logs_pkey": "insert into audit.access_logs (id, table_name, action)"
    " select 1, 'x', 'READ' from generate_series(1, 2)",
    "seals_pkey": "update audit.seals set position = 1 where clinic_id = '{home}'",
    "seals_entry": "update audit.seals set entry_id = 1 where clinic_id = '{home}'",
    "chains_pkey": TWICE.format("audit.chains"),
    "segments_pkey": TWICE.format("audit.segments"),
    "sealing_pkey": "insert into audit.sealing select * from audit.sealing",
    "context_keys_id_check": "update app.context_keys set id = 'A b'",
    "context_keys_inner_pad_check": "update app.context_keys set inner_pad = ''",
    "context_keys_outer_pad_check": "update app.context_keys set outer_pad = ''",
    "context_keys_pkey": "insert into app.context_keys select * from app.context_keys",
    # keys
    "clinic_keys_pkey": KEY % ("id", "purpose", "version + 1", "'old'", "wrapped", "fingerprint"),
    "clinic_keys_version": KEY % (ANY, "purpose", "version", "'old'", "wrapped", "fingerprint"),
    "clinic_keys_purpose_check": KEY % (ANY, "'x'", "1", "state", "wrapped", "fingerprint"),
    "clinic_keys_version_check": KEY % (ANY, "purpose", "0", "state", "wrapped", "fingerprint"),
    "clinic_keys_state_check": KEY % (ANY, "purpose", "9", "'x'", "null", "fingerprint"),
    "clinic_keys_wrapped": KEY % (ANY, "purpose", "9", "'old'", "null", "fingerprint"),
    "clinic_keys_fingerprint_check": KEY % (ANY, "purpose", "9", "'old'", "wrapped", "''::bytea"),
    "clinic_keys_clinic_id_fkey": "update app.clinic_keys set clinic_id = gen_random_uuid()"
    " where clinic_id = '{home}'",
    "unlocked_keys_pkey": "insert into app.unlocked_keys select * from app.unlocked_keys",
    "unlocked_keys_cipher_key_check": "update app.unlocked_keys set cipher_key = ''",
    "unlocked_keys_mac_key_check": "update app.unlocked_keys set mac_key = ''",
    "key_transports_pkey": "insert into app.key_transports"
    " select '{home}', sha256('') from generate_series(1, 2)",
    "key_transports_one_time_key_check":
        "insert into app.key_transports (one_time_key) values ('')",
    "sessions_pkey": "insert into app.sessions"
    " select '\\x00', '', now() from generate_series(1, 2)",
    "login_failures_pkey": "insert into app.login_failures"
    " select 'x', '127.0.0.1' from generate_series(1, 2)",
}  # fmt: skip
VIOLATIONS |= RECORD_VIOLATIONS | WEBHOOK_VIOLATIONS | HOURS_VIOLATIONS | SERVICE_VIOLATIONS
VIOLATIONS |= SERIES_VIOLATIONS | ABSENCE_VIOLATIONS | WAITING_VIOLATIONS | FIND_VIOLATIONS

# What PostgreSQL calls it when a partition refuses.
CALLED = {"audit_logs_pkey": "audit_logs_default_pkey"}
