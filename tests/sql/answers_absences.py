"""What the functions of absences answer: (name, about, role, statement, wanted, before, after)."""

ABOUT = "clinic.absences clinic.absence_rows clinic.absence_runs"
BOOKED = f"{ABOUT} clinic.appointments clinic.appointment_slots clinic.appointment_transitions"
TOLD = f"{BOOKED} clinic.notifications booking.booking_requests clinic.patients clinic.clinics"
START = (
    "select booking.start_absence('%s', '%s', '{starts}'::timestamptz - interval '1 hour',"
    " '{starts}'::timestamptz + interval '1 hour', 'sick') ->> '%s'"
)
# The superuser's row, as the function makes it, for one visit in its time.
AWAY = (
    "insert into clinic.absences (id, clinic_id, doctor_id, starts_at, ends_at, reason, leave_ids)"
    " values ('{home}', '{home}', '{doctor}', '{starts}'::timestamptz - interval '1 hour',"
    " '{starts}'::timestamptz + interval '1 hour', 'sick', array['{leave}']::uuid[]);"
    " update clinic.patients set sms_consent = true, phone = '+6591234567' where id = '{patient}'"
)
CHOICES = (
    "jsonb_build_array(jsonb_build_object('appointment_id', '{appointment}', 'version',"
    " (select version from clinic.appointments where id = '{appointment}'), 'choice', '%s',"
    " 'slot_id', '{free}'))"
)
APPLY = "select booking.apply_absence('new', '{home}', 1, %s) #>> '{{result,done}}'"
FREE = "; update clinic.appointment_slots set doctor_id = '{doctor2}' where id = '{free}'"
STATE = "select state from clinic.absence_rows where absence_id = '{home}'"
ASKED = (
    "; insert into clinic.absence_rows (clinic_id, absence_id, appointment_id, state, slot_id,"
    " held_until, from_starts_at) values ('{home}', '{home}', '{appointment}', 'asked', '{free}',"
    " now() + interval '1 hour', '{starts}'); update clinic.appointment_slots set held_for ="
    " '{patient}', held_until = now() + interval '1 hour' where id = '{free}'"
)
ANSWER = "select booking.answer_absence('new', '{home}', '{appointment}', %s, 1) ->> 'status'"
UNDO = "select booking.undo_absence('new', '{home}', 1) ->> '%s'"

ABSENCE_ANSWERS = (
    ("away", f"{ABOUT} clinic.doctor_leave clinic.doctors audit.audit_logs", "staff",
     START % ("new", "{doctor}", "status"), 1, "",
     "select count(*) from clinic.absence_rows r join clinic.absences a on a.id = r.absence_id"
     " where a.doctor_id = '{doctor}' and r.appointment_id = '{appointment}'"
     " and a.starts_at < '{starts}' and a.ends_at > '{starts}'"
     " and exists (select from clinic.doctor_leave l where l.id = any (a.leave_ids))"
     " and exists (select from clinic.absence_runs u where u.absence_id = a.id)"),
    ("away twice", ABOUT, "staff", START % ("new", "{doctor}", "code"), "already_absent", AWAY, ""),
    ("away elsewhere", ABOUT, "staff", START % ("new", "{other_doctor}", "code"),
     "doctor_not_found", "", ""),
    ("away by a nurse", ABOUT, "nurse", START % ("new", "{doctor}", "code"), "42501", "", ""),
    ("who is concerned", BOOKED, "staff",
     "select count(*) from booking.affected_visits('{home}')", 1, AWAY, ""),
    ("who is concerned, without a context", BOOKED, "staff!",
     "select count(*) from booking.affected_visits('{home}')", 0, AWAY, ""),
    ("places", BOOKED, "staff",
     "select count(*) > 0 from booking.propose_places('{home}')", True, AWAY, ""),
    ("asked", TOLD, "staff", APPLY % CHOICES % "ask", "asked", AWAY + FREE, STATE),
    ("a message for the asked", TOLD, "staff", APPLY % CHOICES % "ask", 1, AWAY + FREE,
     "select count(*) from clinic.notifications n join clinic.absence_rows r on r.notice_id = n.id"
     " where r.absence_id = '{home}' and n.type = 'appointment_ask' and n.status = 'pending'"),
    ("cancelled for an absence", TOLD, "staff", APPLY % CHOICES % "cancel", "cancelled", AWAY,
     STATE),
    ("applied by somebody slow", ABOUT, "staff",
     "select booking.apply_absence('new', '{home}', 9, '[]') ->> 'code'", "stale", AWAY, ""),
    ("applied elsewhere", ABOUT, "staff",
     "select booking.apply_absence('new', id, 1, '[]') ->> 'code' from"
     " (select current_setting('probe.absence')::uuid as id) x", "absence_not_found",
     "select set_config('probe.absence', (select id::text from clinic.absences"
     " where clinic_id = '{other}' limit 1), true)", ""),
    ("the asked declined", BOOKED, "staff", ANSWER % "false", "open", AWAY + ASKED, STATE),
    ("the asked agreed", BOOKED, "staff", ANSWER % "true", "moved", AWAY + ASKED + FREE, STATE),
    ("taken back", f"{ABOUT} clinic.doctor_leave", "staff", UNDO % "status", True, AWAY,
     "select undone_at is not null and exists (select from clinic.doctor_leave"
     " where id = '{leave}' and deleted_at is not null)"
     " from clinic.absences where id = '{home}'"),
    ("taken back too late", ABOUT, "staff", UNDO % "code", "too_late",
     AWAY + "; update clinic.absences set undo_until = now() where id = '{home}'", ""),
)  # fmt: skip
