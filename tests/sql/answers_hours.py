"""What the functions of working time answer, in the shape of answers_webhooks."""

HOURS = "clinic.doctor_working_hours"
SLOTS = (
    f"clinic.appointment_slots clinic.doctors {HOURS} clinic.clinics clinic.doctor_leave"
    " clinic.extra_sessions clinic.holidays"
)
PERMITS = "clinic.limit_permits clinic.appointments clinic.appointment_slots"
MAKE = "select booking.generate_slots('{doctor}', '%s', '%s')"
BOOK = "select booking.create_booking('new', '{me}', '{home}', '{%s}', '{patient2}') ->> '%s'"
FULL = "update clinic.doctors set max_daily_appointments = 0 where id = '{doctor}'"
PERMIT = "select booking.permit_over_limit('{%s}', '{%s}', 'Fever') ->> '%s'"
PLAN = (
    "jsonb_build_object('from', current_date + 2, 'hours', '[]'::jsonb, 'breaks', '[]'::jsonb,"
    " 'minutes', 15, 'before', 0, 'after', 0, 'lead', 0, 'ahead', 30, 'daily', 7)"
)
SAVE = (
    "select booking.save_hours('{%s}', booking.hours_stamp('{home}', '{doctor}'), " + PLAN + ")"
    " ->> '%s'"
)
NEW = "00000000-0000-4000-8000-00000000000%d"
CHANGE = "select booking.change_calendar('%s', '%s', '%s') ->> '%s'"
DAY = '{{"first_day": "2033-01-01", "last_day": "2033-01-02", "name": "x"}}'
SESSION = '{{"doctor_id": "{%s}", "day": "2033-01-05", "starts": "20:00", "ends": "21:00"}}'
LEAVE = '{{"doctor_id": "{doctor}", "starts": "2033-02-01T00:00", "ends": "2033-02-02T00:00"}}'
WITHDRAW = "select booking.change_calendar('%s', id, null) ->> 'status' from clinic.%s limit 1"
GONE = "select count(*) from clinic.%s where clinic_id = '{home}' and deleted_at is not null"
OUTSIDE = "select count(*) from booking.uncovered_visits()"

HOURS_ANSWERS = (
    ("a day off the plan", SLOTS, "admin", MAKE % ("2034-06-18", "2034-06-18"), 0, "", ""),
    ("an extra session", SLOTS, "admin", MAKE % ("2034-06-10", "2034-06-10"), 36, "", ""),
    ("slots of one doctor alone", SLOTS, "worker", MAKE % ("2035-01-01", "2035-01-01"), 1,
     "", "select count(distinct doctor_id) from clinic.appointment_slots"
     " where clinic_id = '{home}' and slot_date = '2035-01-01'"),
    ("book when closed", "clinic.holidays", "staff", BOOK % ("free", "code"), "doctor_unavailable",
     "update clinic.holidays set (first_day, last_day) = (select slot_date, slot_date"
     " from clinic.appointment_slots where id = '{free}') where clinic_id = '{home}'", ""),
    # the limit of a day, and over it
    ("book on a full day", PERMITS, "staff", BOOK % ("free", "code"), "doctor_unavailable",
     FULL, ""),
    ("book with a permit", PERMITS, "staff", BOOK % ("free", "status"), "success",
     FULL + "; insert into clinic.limit_permits (clinic_id, slot_id, patient_id, reason)"
     " values ('{home}', '{free}', '{patient2}', 'Fever')", ""),
    ("a permit", PERMITS, "staff", PERMIT % ("free", "patient2", "status"), "success", "", ""),
    ("a permit is kept", PERMITS, "staff", PERMIT % ("free", "patient2", "status"), True, "",
     "select permitted_by = '{bob}' from clinic.limit_permits"
     " where slot_id = '{free}' and patient_id = '{patient2}'"),
    ("another reason", PERMITS, "staff", PERMIT % ("slot", "patient", "status"), "Fever",
     "update clinic.limit_permits set reason = 'x' where clinic_id = '{home}'",
     "select reason from clinic.limit_permits where clinic_id = '{home}'"),
    ("a permit elsewhere", PERMITS, "staff", PERMIT % ("other_free", "patient2", "code"),
     "slot_not_found", "", ""),
    ("a permit for nobody", PERMITS, "staff", PERMIT % ("free", "other_patient", "code"),
     "patient_not_found", "", ""),
    ("a full day", PERMITS, "staff", "select booking.slot_needs_permit('{free}')", True, FULL, ""),
    ("a day that is not full", PERMITS, "staff", "select booking.slot_needs_permit('{free}')",
     False, "", ""),
    ("a full day guards the insert", "clinic.appointments", "", """
     set local role clinic_booker; select set_config('app.entered_clinic_id', '{home}', true);
     insert into clinic.appointments (clinic_id, patient_id, doctor_id, appointment_number,
       appointment_date, appointment_time, starts_at, ends_at)
     values ('{home}', '{patient2}', '{doctor}', 'N1', '2033-03-01', '10:00',
       '2033-03-01 10:00Z', '2033-03-01 10:15Z')""", "23P01", FULL, ""),
    ("a full day guards a move", "clinic.appointments", "", """
     set local role clinic_booker; select set_config('app.entered_clinic_id', '{home}', true);
     update clinic.appointments set appointment_date = '2033-03-01' where id = '{appointment}'""",
     "23P01", FULL + "; delete from clinic.limit_permits where clinic_id = '{home}'", ""),
    # changing when a doctor works
    ("save hours", f"{HOURS} clinic.doctors", "admin", SAVE % ("doctor", "status"), "success",
     "", ""),
    ("save hours: ended", HOURS, "admin", SAVE % ("doctor", "status"), 7, "",
     "select count(*) from clinic.doctor_working_hours"
     " where doctor_id = '{doctor}' and effective_to = current_date + 1"),
    ("save hours: limits", "clinic.doctors", "doctor", SAVE % ("doctor", "status"), 7, "",
     "select max_daily_appointments from clinic.doctors where id = '{doctor}'"),
    ("save a colleague's hours", HOURS, "doctor", SAVE % ("doctor2", "code"), "not_allowed",
     "", ""),
    ("save hours elsewhere", HOURS, "admin", SAVE % ("other_doctor", "code"), "doctor_not_found",
     "", ""),
    ("close", "clinic.holidays", "admin", CHANGE % ("holiday", NEW % 1, DAY, "status"), "success",
     "", ""),
    ("add a session", "clinic.extra_sessions", "doctor",
     CHANGE % ("session", NEW % 2, SESSION % "doctor", "status"), "success", "", ""),
    ("add a session elsewhere", "clinic.extra_sessions", "admin",
     CHANGE % ("session", NEW % 2, SESSION % "other_doctor", "code"), "doctor_not_found", "", ""),
    ("take leave", "clinic.doctor_leave", "doctor",
     CHANGE % ("leave", NEW % 3, LEAVE, "status"), "success", "", ""),
    ("withdraw closed days", "clinic.holidays", "admin", WITHDRAW % ("holiday", "holidays"), 1,
     "", GONE % "holidays"),
    ("withdraw a session", "clinic.extra_sessions", "admin",
     WITHDRAW % ("session", "extra_sessions"), 1, "", GONE % "extra_sessions"),
    ("withdraw leave", "clinic.doctor_leave", "admin", WITHDRAW % ("leave", "doctor_leave"), 1,
     "", GONE % "doctor_leave"),
    # what is left outside
    ("visits outside", f"{HOURS} clinic.appointments", "staff", OUTSIDE, 2,
     "update clinic.doctor_working_hours set effective_to = '2020-01-02'"
     " where clinic_id = '{home}'", ""),
    ("a doctor's visits outside", f"{HOURS} clinic.appointments", "doctor", OUTSIDE, 1,
     "update clinic.doctor_working_hours set effective_to = '2020-01-02'"
     " where clinic_id = '{home}'", ""),
    ("visits outside, nurses", HOURS, "nurse", OUTSIDE, "42501", "", ""),
)  # fmt: skip
