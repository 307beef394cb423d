"""What the functions of series answer: (name, about, role, statement, wanted, before, after)."""

ABOUT = (
    "clinic.appointment_series clinic.appointments clinic.appointment_slots clinic.doctors"
    " clinic.patients booking.booking_requests clinic.appointment_counters"
    " clinic.appointment_transitions audit.audit_logs"
)
READS = (
    "clinic.appointment_series clinic.appointments clinic.appointment_slots clinic.doctors"
    " clinic.patients clinic.clinics clinic.doctor_working_hours clinic.doctor_leave"
)
MINE, THEIRS = ("appointment",) * 3, ("other_appointment",) * 3
RULE = "1, '{{1}}', '2030-01-07', '09:00', 2, null"
BOOK = (
    "select booking.book_series('new', '{%s}', '{%s}', " + RULE + ","
    " array['{free_starts}'::timestamptz]) ->> '%s'"
)
PREVIEW = "select count(*) from booking.preview_series('{patient2}', '{%s}', " + RULE + ")"
MOVES = "select count(*) from booking.preview_series_move('{%s}', 'all', null, null, '10:00')"
THAT = "array['{%s}'::uuid], array[coalesce((select version from clinic.appointments"
THAT += " where id = '{%s}'), 1)]"
MOVE = (
    "select booking.move_series('new', '{%s}', 'all', '{doctor}', " + THAT + ","
    " array['{free_starts}'::timestamptz]) ->> '%s'"
)
CANCEL = "booking.cancel_series('new', '{%s}', 'all', " + THAT + ", 'Moving away')"
UNDO = (
    f"with gone as materialized (select {CANCEL % MINE} as it)"
    " select booking.undo_series('new', '{appointment}',"
    " (select version from clinic.appointments where id = '{appointment}') + 1) ->> 'status'"
    " from gone where it ->> 'status' = 'success'"
)

SERIES_ANSWERS: tuple[tuple[str, str, str, str, object, str, str], ...] = (
    ("book a series", ABOUT, "staff", BOOK % ("patient2", "doctor", "status"), "success", "", ""),
    ("a series for somebody elsewhere", ABOUT, "staff",
     BOOK % ("other_patient", "doctor", "code"), "patient_not_found", "", ""),
    ("a series with a doctor elsewhere", ABOUT, "staff",
     BOOK % ("patient2", "other_doctor", "code"), "slot_not_found", "", ""),
    ("a series as a nurse", ABOUT, "nurse", BOOK % ("patient2", "doctor", "status"), "42501",
     "", ""),
    ("look at a series", READS, "staff", PREVIEW % "doctor", 2, "", ""),
    ("look at a series elsewhere", READS, "staff", PREVIEW % "other_doctor", 0, "", ""),
    ("look at a move of a series", READS, "staff", MOVES % "appointment", 1, "", ""),
    ("look at a move elsewhere", READS, "staff", MOVES % "other_appointment", 0, "", ""),
    ("move a series", ABOUT, "staff", MOVE % (*MINE, "status"),
     True, "",
     "select starts_at = '{free_starts}' from clinic.appointments where id = '{appointment}'"),
    ("move a series elsewhere", ABOUT, "staff",
     MOVE % (*THEIRS, "code"),
     "appointment_not_found", "", ""),
    ("cancel a series", ABOUT, "staff",
     f"select {CANCEL % MINE} ->> 'status'", "cancelled", "",
     "select status::text from clinic.appointments where id = '{appointment}'"),
    ("cancel a series elsewhere", ABOUT, "staff",
     f"select {CANCEL % THEIRS} ->> 'code'", "appointment_not_found",
     "", ""),
    ("undo a change of a series", ABOUT, "staff", UNDO, "success", "", ""),
    ("undo a change elsewhere", ABOUT, "staff",
     "select booking.undo_series('new', '{other_appointment}', 1) ->> 'code'",
     "appointment_not_found", "", ""),
)  # fmt: skip
