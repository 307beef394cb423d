"""Who reaches which rows of what says when doctors work: staff look, administrators keep it."""

from tests.sql.access_records import HEADS, HERE, PEOPLE, Access

READ_HOURS: Access = {
    "clinic.doctor_working_hours": {f"{PEOPLE} worker": HERE},
    "clinic.doctor_leave": {f"{PEOPLE} worker": "true"},
    "clinic.extra_sessions": {f"{PEOPLE} worker": "true"},
    "clinic.holidays": {f"{PEOPLE} worker": "true"},
    "clinic.limit_permits": {PEOPLE: "true"},
}
CHANGE_HOURS: Access = {
    "clinic.doctor_working_hours set effective_from = '2020-01-01'": {HEADS: HERE},
    "clinic.doctor_leave set reason = 'x'": {HEADS: "true"},
    "clinic.extra_sessions set reason = 'x'": {HEADS: "true"},
    "clinic.holidays set name = 'x'": {HEADS: "true"},
    "clinic.limit_permits set reason = 'x'": {},
}
ADD_HOURS: dict[str, tuple[str, str]] = {
    "clinic.doctor_working_hours": (
        HEADS,
        "(clinic_id, doctor_id, weekday, starts, ends, effective_from)"
        " values ('{clinic}', '{doctor2}', 1, '09:00', '10:00', '2020-01-01')",
    ),
    "clinic.doctor_leave": (
        HEADS,
        "(clinic_id, doctor_id, starts_at, ends_at)"
        " values ('{clinic}', '{doctor2}', '2031-01-01 00:00Z', '2031-01-02 00:00Z')",
    ),
    "clinic.extra_sessions": (
        HEADS,
        "(clinic_id, doctor_id, day, starts, ends)"
        " values ('{clinic}', '{doctor2}', '2031-01-01', '09:00', '10:00')",
    ),
    "clinic.holidays": (
        HEADS,
        "(clinic_id, first_day, last_day, name)"
        " values ('{clinic}', '2031-01-01', '2031-01-01', 'New year')",
    ),
}
REFUSED_HOURS = (
    ("admin", "insert into clinic.doctor_leave (clinic_id, doctor_id, starts_at, ends_at,"
     " deleted_at) values ('{home}', '{doctor2}', '2031-01-01', '2031-01-02', now())"),
    ("admin", "insert into clinic.doctor_working_hours (clinic_id, doctor_id, weekday, starts,"
     " ends, effective_from, deleted_at)"
     " values ('{home}', '{doctor2}', 1, '09:00', '10:00', '2020-01-01', now())"),
    ("admin", "insert into clinic.extra_sessions (clinic_id, doctor_id, day, starts, ends,"
     " deleted_at) values ('{home}', '{doctor2}', '2031-01-01', '09:00', '10:00', now())"),
    ("admin", "insert into clinic.holidays (clinic_id, first_day, last_day, name, deleted_at)"
     " values ('{home}', '2031-01-01', '2031-01-01', 'x', now())"),
)  # fmt: skip
