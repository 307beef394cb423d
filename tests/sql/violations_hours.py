"""What breaks each constraint of what says when doctors work."""

from tests.sql.violations_records import ANY, change, copy, first

HOURS = "update clinic.doctor_working_hours set %s where doctor_id = '{doctor}'"
DOCTOR = "update clinic.doctors set %s where id = '{doctor}'"

HOURS_VIOLATIONS = {
    "doctors_breaks": DOCTOR % """break_times = '[{{"starts": "13:00", "ends": "12:00"}}]'""",
    "doctors_online_limits": DOCTOR % "lead_time_minutes = -1",
    "doctor_working_hours_weeks": HOURS % "every_weeks = 2",
    "extra_sessions_pkey": change("extra_sessions", f"id = {first('extra_sessions', 'other')}"),
    "extra_sessions_times": change("extra_sessions", "ends = starts"),
    "extra_sessions_overlap": copy("extra_sessions"),
    "extra_sessions_doctor_fk": copy("extra_sessions", doctor_id="'{other_doctor}'"),
    "holidays_pkey": change("holidays", f"id = {first('holidays', 'other')}"),
    "holidays_days": change("holidays", "last_day = first_day - 1"),
    "holidays_name": change("holidays", "name = ''"),
    "holidays_overlap": copy("holidays"),
    "holidays_clinic_id_4b17ebe4_fk_clinics_id": copy("holidays", clinic_id=ANY),
    "limit_permits_pkey": change("limit_permits", f"id = {first('limit_permits', 'other')}"),
    "limit_permits_clinic_slot_patient": copy("limit_permits"),
    "limit_permits_reason": change("limit_permits", "reason = ' '"),
    "limit_permits_slot_fk": copy("limit_permits", slot_id="'{other_free}'"),
    "limit_permits_patient_fk": copy("limit_permits", patient_id="'{other_patient}'"),
}
