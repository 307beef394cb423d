"""What breaks each constraint of the tables of absences."""

from tests.sql.violations_records import ANY, change, copy, first

ELSEWHERE = "(select id from clinic.%s where clinic_id = '{other}' limit 1)"
FAR = "starts_at = '2040-01-01', ends_at = '2040-01-02'"

ABSENCE_VIOLATIONS = {
    "absences_pkey": change("absences", f"id = {first('absences', 'other')}, {FAR}"),
    "absences_times": change("absences", "ends_at = starts_at"),
    "absences_reason": change("absences", "reason = 'x'"),
    "absences_undone": change("absences", "undone_at = now()"),
    "absences_overlap": copy("absences"),
    "absences_doctor_fk": change("absences", f"doctor_id = {ELSEWHERE % 'doctors'}"),
    "absence_rows_pkey": copy(
        "absence_rows", id=first("absence_rows", "other"), appointment_id="'{visit2}'"
    ),
    "absence_rows_once": copy("absence_rows"),
    "absence_rows_state": change("absence_rows", "state = 'x'"),
    "absence_rows_choice": change("absence_rows", "choice = 'x'"),
    "absence_rows_asked": change("absence_rows", "state = 'asked', slot_id = null"),
    "absence_rows_done": change("absence_rows", "state = 'moved'"),
    "absence_rows_absence_fk": change("absence_rows", f"absence_id = {ELSEWHERE % 'absences'}"),
    "absence_rows_appointment_fk":
        change("absence_rows", "appointment_id = '{other_appointment}'"),
    "absence_rows_slot_fk": change("absence_rows", "slot_id = '{other_slot}'"),
    "absence_rows_notice_fk":
        change("absence_rows", f"notice_id = {first('notifications', 'other')}"),
    "absence_runs_pkey": copy(
        "absence_runs", id=first("absence_runs", "other"), idempotency_key="'n'"
    ),
    "absence_runs_key": copy("absence_runs"),
    "absence_runs_action": change("absence_runs", "action = 'x'"),
    "absence_runs_absence_fk": change("absence_runs", f"absence_id = {ANY}"),
    "absence_runs_key_length": change("absence_runs", "idempotency_key = ''"),
    "absence_runs_json": change("absence_runs", "answer = '[]'"),
    "appointment_transitions_notice_fk":
        change("appointment_transitions", f"notice_id = {first('notifications', 'other')}"),
}  # fmt: skip
