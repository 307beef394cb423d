"""What the waiting list answers: (name, about, role, statement, wanted, before, after)."""

ENTRIES, OFFERS = "clinic.waiting_list_entries", "clinic.waiting_list_offers"
FREED, SLOTS = "clinic.freed_slots", "clinic.appointment_slots"
LIST = f"{ENTRIES} {OFFERS} {FREED} {SLOTS} audit.audit_logs"
SETTING = (
    "insert into clinic.system_settings (clinic_id, category, key, value, updated_at)"
    " values ('{{home}}', '{0}', '{1}', '{2}', '2000-01-01')"
)
AT_ONCE = SETTING.format("waiting_list", "lead_minutes", 0)
NEXT_WEEK = SETTING.format("waiting_list", "lead_minutes", 10080)
TELLABLE = (
    "; update clinic.patients set sms_consent = true, phone = '+6590000000'"
    " where clinic_id = '{home}'"
)
CANCEL = "select booking.cancel_booking('waiting', '{appointment}', 'ill') ->> 'status'"
MADE = (
    "select count(notice_id) from clinic.waiting_list_offers"
    " where slot_id = '{slot}' and status = 'open'"
)
OFFER = (
    "select set_config('probe.offer', (select id::text from clinic.waiting_list_offers"
    " where clinic_id = '{%s}' and status = 'open'), true)"
)
MINE = "current_setting('probe.offer')::uuid"
ANSWER = f"select booking.answer_offer('k', {MINE}, '%s'%s) ->> '%s'"
STATUS = f"select status from clinic.waiting_list_offers where id = {MINE}"
# A link under the key of the server, left in a setting.
LINK = (
    "select set_config('probe.link', (select t from app.link_tokens(o.clinic_id, o.id) t limit 1),"
    " true) from clinic.waiting_list_offers o where o.clinic_id = '{%s}' and o.status = 'open';"
    " update clinic.waiting_list_offers"
    " set token_hash = sha256(convert_to(current_setting('probe.link'), 'UTF8'))"
    " where clinic_id = '{%s}' and status = 'open'"
)
LOOK = "select status from booking.offer_by_link('{pass}', %s, '127.0.0.7')"
ENTRY = (
    "(select id from clinic.waiting_list_entries where status = '%s' and patient_id = '{patient}')"
)
HELD = (
    "update clinic.waiting_list_offers set slot_id = '{free}' where clinic_id = '{home}'"
    " and status = 'open';"
    " update clinic.appointment_slots set held_until = now() + interval '1 min',"
    " held_for = '{patient}' where id = '{free}'"
)
BOOK = "select booking.create_booking('w', '{me}', '{home}', '{free}', '{patient}') ->> 'status'"
AGO = (
    "; update clinic.appointments set starts_at = now() - interval '5 hours', ends_at = now()"
    " - interval '5 hours' + duration_minutes * interval '1 minute' where id = '{appointment}'"
)
ON = SETTING.format("appointment", "no_show_after_hours", 2)
OVER = (
    "; update clinic.waiting_list_offers set made_at = now() - interval '2 hours',"
    " expires_at = now() - interval '1 hour' where status = 'open'"
)

WAITING_ANSWERS = (
    # what comes free
    ("a freed time is offered", f"{LIST} clinic.notifications clinic.system_settings"
     " clinic.appointments", "staff", CANCEL, 1, AT_ONCE + TELLABLE, MADE),
    ("a time that starts too soon is not", f"{LIST} clinic.system_settings", "staff", CANCEL, 0,
     NEXT_WEEK + TELLABLE, MADE),
    ("leave taken back", f"{FREED} clinic.doctor_leave", "owner",
     "update clinic.doctor_leave set deleted_at = now() where id = '{leave}'", True,
     "update clinic.doctor_leave set starts_at = '{free_starts}' where id = '{leave}'",
     "select count(*) > 0 from clinic.freed_slots"
     " where cause = 'leave' and clinic_id = '{home}'"),
    ("booked for whom it is held", LIST, "staff", BOOK, "accepted booked", HELD,
     "select o.status || ' ' || e.status from clinic.waiting_list_offers o join"
     " clinic.waiting_list_entries e on e.id = o.entry_id where o.slot_id = '{free}'"),
    # answers
    ("accepted at the desk", LIST, "staff", ANSWER % ("accepted", "", "status"), "success",
     OFFER % "home", ""),
    ("declined by the patient", LIST, "patient", ANSWER % ("declined", "", "status"), "declined",
     OFFER % "home", STATUS),
    ("accepted elsewhere", LIST, "staff", ANSWER % ("accepted", "", "code"), "offer_not_found",
     OFFER % "other", ""),
    ("accepted without the link", OFFERS, "worker", ANSWER % ("accepted", ", 'x'", "code"),
     "offer_not_found", OFFER % "home", ""),
    ("accepted with the link", OFFERS, "worker",
     ANSWER % ("accepted", ", current_setting('probe.link')", "status"), "success",
     f"{OFFER % 'home'}; {LINK % ('home', 'home')}", ""),
    ("accepted by a nurse", OFFERS, "nurse", ANSWER % ("accepted", "", "code"), "42501",
     OFFER % "home", ""),
    # the link
    ("the page of a link", OFFERS, "app", LOOK % "current_setting('probe.link')", "open",
     LINK % ("home", "home"), ""),
    ("the page of a link elsewhere", OFFERS, "app", LOOK % "current_setting('probe.link')", "open",
     LINK % ("other", "other"), ""),
    ("a wrong link", f"{OFFERS} app.login_failures", "app", LOOK % "'x'", 1, "",
     "select failures from app.login_failures where ip = '127.0.0.7'"),
    ("too many wrong links", f"{OFFERS} app.login_failures", "app", LOOK % "'x'", "blocked",
     "insert into app.login_failures (email, ip, failures)"
     " values ('link of an offer', '127.0.0.7', 10)", ""),
    ("no link inside", OFFERS, "staff", LOOK % "'x'", "42501", "", ""),
    ("the desk's own link", OFFERS, "staff",
     f"select booking.offer_token({MINE}) = current_setting('probe.link')", True,
     f"{OFFER % 'home'}; {LINK % ('home', 'home')}", ""),
    ("a link of elsewhere", OFFERS, "staff", f"select booking.offer_token({MINE}) is null", True,
     f"{OFFER % 'other'}; {LINK % ('other', 'other')}", ""),
    # by hand, and off the list
    ("offered by hand", LIST, "staff",
     f"select booking.offer_by_hand('k', {ENTRY % 'waiting'}, '{{free}}') ->> 'status'",
     "success", AT_ONCE, ""),
    ("offered by hand elsewhere", LIST, "staff",
     f"select booking.offer_by_hand('k', {ENTRY % 'waiting'}, '{{other_free}}') ->> 'code'",
     "slot_not_found", AT_ONCE, ""),
    ("withdrawn by the patient", LIST, "patient",
     f"select booking.withdraw_entry({ENTRY % 'offered'}) ->> 'status'", "declined",
     OFFER % "home", STATUS),
    # jobs
    ("nobody answered", LIST, "worker", "select booking.work_waiting_list() > 0", "expired",
     OFFER % "home" + OVER, STATUS),
    ("the list is worked by jobs", OFFERS, "staff", "select booking.work_waiting_list()", "42501",
     "", ""),
    ("who never came", "clinic.appointments clinic.system_settings clinic.queue_entries", "worker",
     "select booking.mark_no_shows()", 1,
     ON + AGO + "; update clinic.queue_entries set status = 'cancelled'", ""),
    ("who stands in line came", "clinic.queue_entries", "worker", "select booking.mark_no_shows()",
     0, ON + AGO, ""),
    ("never came, without a context", "clinic.appointments", "worker!",
     "select booking.mark_no_shows()", "RW001", "", ""),
    # the figure
    ("the fill rate", f"{FREED} {OFFERS}", "staff", "select freed || ' ' || offered from"
     " booking.fill_rate(now() - interval '1 day', now() + interval '1 day')", "1 1", "", ""),
)  # fmt: skip
