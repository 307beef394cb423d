"""What overbooking answers: (name, about, role, statement, wanted, before, after)."""

ABOUT = (
    "clinic.appointments clinic.appointment_slots clinic.doctors clinic.patients clinic.staff"
    " booking.booking_requests clinic.appointment_counters audit.audit_logs"
)
OVER = "select booking.overbook_slot('new', '{%s}', '{%s}', 'urgent') ->> '%s'"
BOTH = "select booking.book_overlapping('new', '{%s}', '{patient}', 'Why') ->> '%s'"
ELSEWHERE = """insert into clinic.appointments (clinic_id, patient_id, appointment_number,
  appointment_date, appointment_time, starts_at, ends_at)
  values ('{home}', '{patient}', 'N9', '2033-03-01', '10:00', '{free_starts}',
    '{free_starts}'::timestamptz + interval '15 minutes')"""
RIGHT = "update clinic.staff set permissions = '{{\"overbook\": true}}' where user_id = '{bob}'"

OVERBOOKING_ANSWERS: tuple[tuple[str, str, str, str, object, str, str], ...] = (
    ("overbook", ABOUT, "admin", OVER % ("slot", "patient2", "status"), "urgent", "",
     "select overbooked_reason from clinic.appointments where slot_id = '{slot}'"
     " and id <> '{appointment}'"),
    ("overbook without the right", ABOUT, "staff", OVER % ("slot", "patient2", "code"),
     "not_allowed", "", ""),
    ("overbook with the right", ABOUT, "staff", OVER % ("slot", "patient2", "status"), "success",
     RIGHT, ""),
    ("overbook as a nurse", ABOUT, "nurse", OVER % ("slot", "patient2", "code"), "42501", "", ""),
    ("overbook elsewhere", ABOUT, "admin", OVER % ("other_slot", "patient2", "code"),
     "slot_not_found", "", ""),
    ("overbook for somebody elsewhere", ABOUT, "admin", OVER % ("slot", "other_patient", "code"),
     "patient_not_found", "", ""),
    ("overbook above the cap", ABOUT, "admin", OVER % ("slot", "patient2", "code"),
     "overbooking_limit",
     "update clinic.doctors set max_daily_overbookings = 0 where id = '{doctor}'", ""),
    ("overlap", ABOUT, "staff", BOTH % ("free", "status"), "Why", ELSEWHERE,
     "select overlap_reason from clinic.appointments where slot_id = '{free}'"),
    ("overlap elsewhere", ABOUT, "staff", BOTH % ("other_free", "code"), "slot_not_found", "", ""),
    ("overbooked visits", "clinic.appointments", "staff",
     "select sum(booked)::int from clinic.overbooked_visits", 1,
     "update clinic.appointments set overbooked_reason = 'urgent'"
     " where id in ('{appointment}', '{other_appointment}')", ""),
    ("overbooked visits of another doctor", "clinic.appointments", "doctor",
     "select count(*) from clinic.overbooked_visits", 0,
     "update clinic.appointments set overbooked_reason = 'urgent' where id = '{visit2}'", ""),
)  # fmt: skip
