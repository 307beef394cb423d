"""What letting go and taking back answers: (name, about, role, statement, wanted, before, after)."""

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
HELD = (
    "select is_available is false and appointment_id = '{appointment}'"
    " from clinic.appointment_slots where id = '{slot}'"
)

MENDED_ANSWERS = (
    ("who leaves before the time leaves it", ABOUT, "nurse", LEAVE, True, CAME,
     "select is_available from clinic.appointment_slots where id = '{slot}'"),
    ("who comes back has it again", ABOUT, "nurse", BACK % "status", True, CAME, HELD),
)  # fmt: skip
