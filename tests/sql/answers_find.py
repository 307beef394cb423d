"""What finding times and calendars answer."""

FEEDS = "clinic.calendar_feeds audit.audit_logs"
SLOTS = (
    "clinic.appointment_slots clinic.doctors clinic.doctor_leave clinic.appointments clinic.clinics"
)
FOUND = "select exists (select from booking.find_slots(p_limit => 200) where slot_id = '{%s}')"
DOOR = "select app.calendar_clinic('{pass}', 'feed {%s}')::text"
SHOWN = "select booking.calendar('feed {%s}') "
LIVE = (
    "select count(*) from clinic.calendar_feeds where clinic_id = '{home}' and revoked_at is null"
)
END = "update clinic.calendar_feeds set revoked_at = now() where clinic_id = '{home}'"
MINE = (
    "(select id from clinic.calendar_feeds where clinic_id = '{home}' and doctor_id = '{doctor}')"
)
ALLOW = (
    "insert into clinic.system_settings (clinic_id, category, key, value)"
    " values ('{%s}', 'calendar', 'patient_names', 'true')"
)
AWAY = (
    "insert into clinic.doctor_leave (clinic_id, doctor_id, starts_at, ends_at)"
    " select clinic_id, doctor_id, starts_at, ends_at from clinic.appointment_slots"
    " where id = '{free}'"
)
HELD = (
    "update clinic.appointment_slots set held_until = now() + interval '1 min',"
    " held_by = '{chen}' where id = '{free}'"
)

FIND_ANSWERS = (
    # free times: the same for everyone, held and absent ones left out, no other clinic's
    *((f"find as {role}", SLOTS, role, FOUND % "free", True, "", "")
      for role in ("patient", "staff", "nurse", "doctor", "admin", "superadmin", "worker")),
    ("find elsewhere", SLOTS, "staff", FOUND % "other_free", False, "", ""),
    ("find what is booked", SLOTS, "staff", FOUND % "slot", False, "", ""),
    ("find what another holds", SLOTS, "patient", FOUND % "free", False, HELD, ""),
    ("find what oneself holds", SLOTS, "doctor", FOUND % "free", True, HELD, ""),
    ("find in leave", SLOTS, "patient", FOUND % "free", False, AWAY, ""),
    ("find without a context", SLOTS, "staff!", FOUND % "free", "RW001", "", ""),
    # the door of calendars
    ("a calendar at the door", FEEDS, "app", f"{DOOR % 'home'} = '{{home}}'", True, "", ""),
    ("another's at the door", FEEDS, "app", f"{DOOR % 'other'} = '{{other}}'", True, "", ""),
    ("a revoked one at the door", FEEDS, "app", DOOR % "home", None, END, ""),
    ("one whose owner left", f"{FEEDS} clinic.memberships", "app", DOOR % "home", None,
     "update clinic.memberships set is_active = false where user_id = '{chen}'", ""),
    ("no door inside", FEEDS, "staff", DOOR % "home", "42501", "", ""),
    # what it shows
    ("a calendar", f"{FEEDS} {SLOTS}", "worker", SHOWN % "home" + "->> 'limited'", 1, "",
     "select fetches from clinic.calendar_feeds where id = " + MINE),
    ("a calendar without names", f"{FEEDS} clinic.system_settings", "worker",
     SHOWN % "home" + "-> 'events' -> 0 ->> 'patient' is null", True, ALLOW % "other", ""),
    ("a calendar with names", f"{FEEDS} clinic.system_settings clinic.patients", "worker",
     SHOWN % "home" + "-> 'events' -> 0 ->> 'patient' is null", False, ALLOW % "home", ""),
    ("a calendar elsewhere", FEEDS, "worker", SHOWN % "other", None, "", ""),
    ("a revoked calendar", FEEDS, "worker", SHOWN % "home", None, END, ""),
    ("a calendar without a context", FEEDS, "worker!", SHOWN % "home", "RW001", "", ""),
    ("a calendar for the desk", FEEDS, "staff", SHOWN % "home", "42501", "", ""),
    # made and revoked
    ("make one's own", FEEDS, "doctor",
     "select length(booking.make_calendar_feed('{doctor}', null))", 1, END, LIVE),
    ("make a patient's own", FEEDS, "patient",
     "select length(booking.make_calendar_feed(null, '{patient}'))", 1, END, LIVE),
    ("make another doctor's", FEEDS, "doctor",
     "select booking.make_calendar_feed('{doctor2}', null)", "RW003", "", ""),
    ("make another patient's", FEEDS, "patient",
     "select booking.make_calendar_feed(null, '{patient2}')", "RW003", "", ""),
    ("make one elsewhere", FEEDS, "admin",
     "select booking.make_calendar_feed('{other_doctor}', null)", "RW003", "", ""),
    ("make nobody's", FEEDS, "admin", "select booking.make_calendar_feed(null, null)", "22023",
     "", ""),
    ("make at the desk", FEEDS, "staff", "select booking.make_calendar_feed('{doctor}', null)",
     "42501", "", ""),
    ("revoke one's own", FEEDS, "doctor",
     f"select booking.revoke_calendar_feed({MINE}) is not null", True, "",
     f"select revoked_by = '{{chen}}' from clinic.calendar_feeds where id = {MINE}"),
    ("revoke another's", FEEDS, "patient",
     "select booking.revoke_calendar_feed(current_setting('probe.feed')::uuid)", "RW003",
     f"select set_config('probe.feed', {MINE}::text, true)", ""),
    ("revoke one elsewhere", FEEDS, "admin",
     "select booking.revoke_calendar_feed(current_setting('probe.feed')::uuid)", "RW003",
     "select set_config('probe.feed', (select min(id::text) from clinic.calendar_feeds"
     " where clinic_id = '{other}'), true)", ""),
)  # fmt: skip
