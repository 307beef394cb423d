"""What is let go and taken back: (name, about, role, statement, wanted, before, after)."""

from tests.sql.answers_absences import ASKED, AWAY

ABOUT = "clinic.appointments clinic.appointment_slots clinic.appointment_transitions"
CAME = "update clinic.appointments set checked_in_at = now() where id = '{appointment}'"
LEAVE = "select booking.change_status('left', '{appointment}', 'leave') ->> 'status'"
# Two calls in one statement: the second waits for the first.
BACK = (
    "select booking.undo_transition('back', '{appointment}', (select version + 1 from"
    " clinic.appointments where id = '{appointment}')) ->> '%s' from (select"
    " booking.change_status('left', '{appointment}', 'leave') as done offset 0) x"
    " where done is not null"
)
BEGAN = (
    "; update clinic.appointments set starts_at = now() - interval '5 min', ends_at = now()"
    " - interval '5 min' + duration_minutes * interval '1 min' where id = '{appointment}'"
)
FULL = (
    "; update clinic.doctors set max_daily_appointments = 0 where id = '{doctor}';"
    " delete from clinic.limit_permits where slot_id = '{slot}'"
)
HELD = (
    "select is_available is false and appointment_id = '{appointment}'"
    " from clinic.appointment_slots where id = '{slot}'"
)
LONG = (
    "select booking.cancel_booking('away', a.appointment_id, 'ill') ->> 'status' from (select"
    " (booking.create_booking('scan', '{me}', '{home}', '{free}', '{patient2}', null,"
    " 'consultation', (select id from clinic.services where code = 'stock'))"
    " -> 'result' ->> 'appointment_id')::uuid as appointment_id) a"
)

UNDO_ANSWERS = (
    ("who leaves before the time leaves it", ABOUT, "nurse", LEAVE, True, CAME,
     "select is_available from clinic.appointment_slots where id = '{slot}'"),
    ("who comes back has it again", ABOUT, "nurse", BACK % "status", True, CAME, HELD),
    ("who comes back on a full day is refused", f"{ABOUT} clinic.doctors", "staff", BACK % "code",
     "doctor_unavailable", CAME + BEGAN + FULL, ""),
    ("every time of a long visit comes free", f"{ABOUT} clinic.freed_slots", "staff", LONG, 3, "",
     "select count(*) from clinic.freed_slots where clinic_id = '{home}' and cause = 'visit'"
     " and freed_at >= now()"),
    ("a hold for somebody else says nothing", "clinic.appointment_slots", "patient",
     "select booking.create_booking('new', '{me}', '{home}', '{free}', '{patient2}') ->> 'code'",
     "patient_not_found", "update clinic.appointment_slots set held_until = now() + interval"
     " '1 min', held_for = '{patient}' where id = '{free}'", ""),
    ("nobody is asked about a visit that is over", f"{ABOUT} clinic.absence_rows", "staff",
     "select booking.cancel_booking('over', '{appointment}', 'ill') ->> 'status'", "open true",
     AWAY + ASKED, "select r.state || ' ' || (s.held_until is null) from clinic.absence_rows r"
     " join clinic.appointment_slots s on s.id = '{free}' where r.absence_id = '{home}'"),
)  # fmt: skip
