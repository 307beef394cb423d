"""Who reaches which rows of absences: the desk all, doctors their own; functions write."""

from tests.sql.access_records import DESK, Access

READ_ABSENCES: Access = {
    "clinic.absences": {DESK: "true", "doctor": "doctor_id = '{doctor}'"},
    "clinic.absence_rows": {
        DESK: "true",
        "doctor": "exists (select from clinic.absences a"
        " where a.id = absence_id and a.doctor_id = '{doctor}')",
    },
    "clinic.absence_runs": {DESK: "true"},
}
CHANGE_ABSENCES: Access = {
    "clinic.absences set note = 'x'": {},
    "clinic.absence_rows set code = 'x'": {},
    "clinic.absence_runs set action = 'undo'": {},
}
REFUSED_ABSENCES = (
    ("staff", "select idempotency_key from clinic.absence_runs"),
    ("admin", "select request_hash from clinic.absence_runs"),
    ("admin", "insert into clinic.absences (clinic_id, doctor_id, starts_at, ends_at, reason)"
     " values ('{home}', '{doctor2}', '2031-01-01', '2031-01-02', 'sick')"),
    ("staff", "insert into clinic.doctor_leave (clinic_id, doctor_id, starts_at, ends_at)"
     " values ('{home}', '{doctor2}', '2031-01-01', '2031-01-02')"),
    ("doctor", "select booking.propose_places('{home}')"),
)  # fmt: skip
