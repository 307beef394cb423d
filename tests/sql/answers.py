"""What functions answer: definers reach just what they are for, and nothing is lost on them."""

from dataclasses import dataclass

from tests.sql.access import ADD
from tests.sql.answers_absences import ABSENCE_ANSWERS
from tests.sql.answers_find import FIND_ANSWERS
from tests.sql.answers_hours import HOURS_ANSWERS
from tests.sql.answers_overbooking import OVERBOOKING_ANSWERS
from tests.sql.answers_series import SERIES_ANSWERS
from tests.sql.answers_services import SERVICE_ANSWERS
from tests.sql.answers_undo import UNDO_ANSWERS
from tests.sql.answers_waiting import WAITING_ANSWERS
from tests.sql.answers_webhooks import WEBHOOK_ANSWERS
from tests.sql.stage import Stage

NEW_PATIENT = f"insert into clinic.patients {ADD['clinic.patients'][1]}"

BOOK = "select booking.create_booking('{key}', '{{me}}', '{{home}}', '{{{slot}}}', '{{{who}}}')"
BOOKING = (
    "clinic.clinics clinic.patients clinic.doctors clinic.appointment_slots clinic.appointments"
    " clinic.doctor_leave booking.booking_requests clinic.appointment_counters audit.audit_logs"
)


@dataclass(frozen=True)
class Question:
    """A statement by a role, and what must come of it; before and after are the superuser's."""

    name: str
    about: str
    role: str
    statement: str
    wanted: object
    before: str = ""
    after: str = ""

    @property
    def tables(self) -> frozenset[str]:
        return frozenset(self.about.split())

    def run(self, stage: Stage) -> str:
        answer = stage.ask(self.role, self.statement, before=self.before, after=self.after)
        found = answer.error or answer.value
        return "" if found == self.wanted else f"{found}, not {self.wanted}"


def book(key: str, slot: str, who: str, answer: str) -> str:
    return BOOK.format(key=key, slot=slot, who=who) + f" ->> '{answer}'"


LOST = "delete from {0} where id = (select min(id) from {0} where clinic_id = '{{home}}')"
PRUNED = """
with gone as (
  delete from audit.seals where clinic_id = '{home}' and position <= 2 returning *)
insert into audit.segments (clinic_id, position, hash, entries, entries_before)
select clinic_id, position, hash, 2, entry_at from gone where position = 2
"""
GONE = "update clinic.{} set deleted_at = now() where {}"

SHARE = (
    "insert into clinic.system_settings (category, key, value, is_public)"
    " values ('n', 'shared', '1', true)"
)
SHARED = "select count(*) from clinic.system_settings where key = 'shared'"

WHY = "Wrong patient"
# What each role may take back: one of its rows.
OURS = {
    "doctor medical_records": "doctor_id = '{doctor}'",
    "doctor prescriptions": "doctor_id = '{doctor}'",
    "doctor lab_results": "doctor_id = '{doctor}'",
    "doctor imaging_results": "doctor_id = '{doctor}'",
    "doctor health_screening_results": "patient_id = '{patient}'",
    "doctor vaccination_records": "administered_by = '{me}'",
    "nurse vaccination_records": "administered_by = '{me}'",
    "admin payments": "true",
    "admin insurance_claims": "true",
}
# Rows that are seen and may not be.
THEIRS = {
    "doctor medical_records": "patient_id = '{patient}' and doctor_id <> '{doctor}'",
    "doctor prescriptions": "patient_id = '{patient}' and doctor_id <> '{doctor}'",
    "doctor health_screening_results": "patient_id = '{patient3}'",
    "nurse vaccination_records": "administered_by <> '{me}'",
}


def taken(table: str, where: str, reason: str = WHY) -> str:
    """Take back the first row that the role sees."""
    row = f"(select id from clinic.{table} where {where} order by id limit 1)"
    return f"select app.take_back('{table}', {row}, '{reason}') is not null"


def taking_back() -> tuple[Question, ...]:
    """Whose rows go, that the trail says why, and whose do not."""
    logged = (
        "select count(*) from audit.audit_logs where table_name = '{}' and reason = '" + WHY + "'"
        " and changed_fields = '[\"deleted_at\"]' and clinic_id = '{{home}}'"
    )
    asked = [
        Question(f"take back: {key}", f"clinic.{table} audit.audit_logs", role,
                 taken(table, where), 1, after=logged.format(table))
        for key, where in OURS.items() for role, table in [key.split()]
    ]  # fmt: skip
    asked += [
        Question(f"take back another's: {key}", f"clinic.{table}", role, taken(table, where),
                 "RW003")
        for key, where in THEIRS.items() for role, table in [key.split()]
    ]  # fmt: skip
    moved = (
        "update clinic.payments set paid_amount = 50, status = 'completed'"
        " where clinic_id = '{home}'"
    )
    asked += [
        Question("take back without a reason", "clinic.medical_records", "doctor",
                 taken("medical_records", "true", "  "), "RW002"),
        Question("take back a record as admin", "clinic.medical_records", "admin",
                 taken("medical_records", "true"), "RW002"),
        Question("take back as reception", "clinic.payments", "staff", taken("payments", "true"),
                 "42501"),
        Question("take back money that moved", "clinic.payments", "admin",
                 taken("payments", "true"), "RW003", before=moved),
        Question("take back another table", "clinic.patients", "admin",
                 taken("patients", "true"), "RW002"),
    ]  # fmt: skip
    return tuple(asked)


ANSWERS = (
    # at the door
    Question("candidates", "clinic.users", "app",
             "select count(*) from app.login_candidates('{pass}', '{email}')", 1),
    Question("candidates elsewhere", "clinic.users", "app",
             "select count(*) from app.login_candidates('{pass}', '{other_email}')", 1),
    Question("session user", "clinic.users", "app",
             "select count(*) from app.session_user('{pass}', '{other_bob}')", 1),
    Question("memberships", "clinic.memberships clinic.clinics", "app",
             "select count(*) from app.user_memberships('{pass}', '{other_bob}')", 1),
    Question("clinics", "clinic.clinics", "worker",
             "select count(*) from app.clinic_ids() where id in ('{home}', '{other}')", 2),
    Question("login is noted", "clinic.users audit.audit_logs", "app",
             "select app.record_login('{pass}', '{email}', '127.0.0.1', '{bob}')", True,
             after="select last_login_at = now() from clinic.users where id = '{bob}'"),
    Question("people are not listed before login", "clinic.users", "app",
             "select count(*) from clinic.users", "42501"),
    Question("clinics to enter", "clinic.clinics clinic.users", "app",
             "select count(*) from app.clinics_to_enter('{pass}', '{root}')"
             " where code in ('{code}', '{other_code}')", 2),
    Question("no clinics to enter", "clinic.clinics clinic.users", "app",
             "select count(*) from app.clinics_to_enter('{pass}', '{bob}')", 0),
    Question("enter a clinic", "clinic.clinics clinic.users clinic.clinic_entries"
             " clinic.memberships", "app",
             "select app.enter_clinic('{pass}', '{root}', '{other_code}', 'Looking into a ticket')"
             " > now()", 2,
             after="select count(*) from app.user_memberships('{pass}', '{root}')"
             " where 'superadmin' = any (roles) and reason = 'Looking into a ticket'",
             before="insert into clinic.clinic_entries (clinic_id, user_id, user_name, reason)"
             " values ('{home}', '{root}', 'Root', 'Looking into a ticket')"),
    Question("an administrator enters no clinic", "clinic.users clinic.clinic_entries", "app",
             "select app.enter_clinic('{pass}', '{bob}', '{other_code}', 'Looking into a ticket')",
             "RW002"),
    Question("who came in is named", "clinic.clinic_entries", "staff",
             "select full_name from app.member_names() where user_id = '{other_bob}'", "A guest",
             before="insert into clinic.clinic_entries (clinic_id, user_id, user_name, reason)"
             " values ('{home}', '{other_bob}', 'A guest', 'Looking into a ticket')"),
    # inside
    Question("own doctor", "clinic.doctors", "doctor",
             "select count(*) from app.own_doctor_ids()", 1),
    Question("own patient", "clinic.patients", "patient",
             "select count(*) from app.own_patient_ids()", 1),
    Question("names", "clinic.memberships clinic.users clinic.doctors clinic.staff", "staff",
             "select count(full_name) from app.member_names()", 6),
    Question("name of staff", "clinic.staff clinic.memberships", "staff",
             "select full_name from app.member_names() where user_id = '{bob}'", "Bob at the desk"),
    Question("own password", "clinic.users audit.audit_logs", "staff",
             "select app.set_password('{me}', 'new')", "new",
             after="select password_hash from clinic.users where id = '{me}'"),
    Question("a superadmin's password", "clinic.users", "admin",
             "select app.set_password('{root}', 'new')", "RW003"),
    Question("a password elsewhere", "clinic.users", "admin",
             "select app.set_password('{other_bob}', 'new')", "RW003"),
    Question("partitions", "audit.audit_logs", "worker", "select audit.ensure_partitions(5)", 2),
    # the chain, and who looked
    Question("whole", "audit.seals audit.chains audit.audit_logs audit.access_logs", "admin",
             "select exists (select from audit.verify_chain('{home}') where problem like 'end%'"
             " or problem like 'head%' or problem like 'seal%' or problem like '%missing%')",
             False),
    Question("a seal is gone", "audit.seals", "admin", "select exists (select from"
             " audit.verify_chain('{home}') where position = 2 and problem = 'seal missing')", True,
             before="delete from audit.seals where clinic_id = '{home}' and position = 2"),
    Question("an entry is gone", "audit.audit_logs", "admin", "select count(*) from"
             " audit.verify_chain('{home}') where problem = 'entry missing, or moved'", 1,
             before=LOST.format("audit.audit_logs")),
    Question("an access is gone", "audit.access_logs", "admin", "select count(*) from"
             " audit.verify_chain('{home}') where problem = 'entry missing, or moved'", 1,
             before=LOST.format("audit.access_logs")),
    Question("a beginning was pruned", "audit.segments", "admin", "select exists (select from"
             " audit.verify_chain('{home}') where problem like 'seal%')", False, before=PRUNED),
    Question("a failed login", "app.login_failures audit.access_logs", "app",
             "select app.record_login('{pass}', '{email}', '127.0.0.9', null)", 1,
             before="set local session_replication_role = replica",
             after="select count(*) from audit.access_logs where action = 'LOGIN_FAIL'"
             " and clinic_id = '{home}'"),
    Question("on record", "audit.access_logs", "nurse",
             "select audit.record_access('PRINT', 'patients', null, '{patient2}')", 1,
             after="select count(*) from audit.access_logs where action = 'PRINT'"
             " and clinic_id = '{home}' and actor_role = 'nurse'"),
    Question("who viewed me", "audit.access_logs", "patient",
             "select count(*) from audit.who_viewed_me()", 1),
    Question("redacted", "audit.audit_logs audit.seals", "superadmin",
             "select audit.redact_entry(id, array['notes'], 'A court has said so') from"
             " audit.audit_logs where table_name = 'patients' and action = 'INSERT' limit 1", 1,
             after="select count(*) from audit.audit_logs where action = 'REDACT'"
             " and clinic_id = '{home}'"),
    # rows that are gone
    Question("a clinic that is gone", "clinic.clinics", "staff",
             "select count(*) from clinic.clinics", 0,
             before=GONE.format("clinics", "id = '{home}'")),
    Question("a patient who is gone", "clinic.patients", "patient",
             "select count(*) from clinic.patients", 0,
             before=GONE.format("patients", "user_id = '{me}'")),
    Question("a login that is gone", "clinic.users", "patient",
             "select count(*) from clinic.users", 0,
             before=GONE.format("users", "id = '{me}'")),
    Question("a clinic that is gone is left alone", "clinic.clinics", "admin",
             "update clinic.clinics set branch_name = 'x'", False,
             before=GONE.format("clinics", "id = '{home}'"),
             after="select branch_name = 'x' from clinic.clinics where id = '{home}'"),
    Question("patient numbers", "clinic.number_counters", "staff",
             NEW_PATIENT + " returning patient_number ~ '^P-0000[4-9]$'", True),
    # records
    Question("treated", "clinic.appointments", "doctor",
             "select count(*) from app.treated_patient_ids()", 1),
    Question("opened", "clinic.glass_breaks", "nurse",
             "select count(*) from app.opened_patient_ids()", 1),
    Question("break the glass", "clinic.glass_breaks clinic.patients", "doctor",
             "select app.break_glass('{patient2}', 'Found unconscious') > now()", True),
    Question("no glass elsewhere", "clinic.glass_breaks clinic.patients", "doctor",
             "select app.break_glass('{other_patient}', 'Found unconscious')", "RW003"),
    Question("a nurse adds vitals", "clinic.medical_records", "nurse",
             "insert into clinic.medical_records (clinic_id, patient_id, record_date, weight_kg)"
             " values ('{home}', '{patient2}', '2026-01-01', 60) returning weight_kg = 60", True),
    *taking_back(),
    # encryption
    Question("what is encrypted comes back", "app.clinic_keys app.unlocked_keys", "staff",
             "select public.decrypt_sensitive_data(public.encrypt_sensitive_data('x', 'y'), 'y')",
             "x"),
    Question("a key for a journey", "app.key_transports", "worker",
             "select octet_length(one_time_key) from app.open_transport()", 32),
    Question("no working copy for the owner", "app.unlocked_keys", "owner",
             "select count(*) from app.unlocked_keys", 0),
    Question("none of the owner's making", "app.unlocked_keys", "owner",
             "insert into app.unlocked_keys values ('{home}', sha256('a'), sha256('b'))", "42501"),
    Question("no journey's key for the owner", "app.key_transports", "owner",
             "select count(*) from app.key_transports", 0,
             before="insert into app.key_transports (one_time_key) values (sha256('a'))"),
    Question("no journey of the owner's making", "app.key_transports", "owner",
             "insert into app.key_transports (one_time_key) values (sha256('a'))", "42501"),
    Question("a national id", "clinic.patients audit.audit_logs", "staff",
             "select app.set_secret('clinic.patients.nric_encrypted', '{patient}', 'S1234567D')",
             True, after="select length(nric_hash) = 64 and nric_encrypted ^@ 'UlcA'"
             " from clinic.patients where id = '{patient}'"),
    Question("a policy number", "clinic.insurance_claims audit.audit_logs", "staff",
             "select app.set_secret('clinic.insurance_claims.policy_number_encrypted', id, 'P')"
             " from clinic.insurance_claims where deleted_at is null limit 1", 1,
             after="select count(policy_number_encrypted) from clinic.insurance_claims"
             " where clinic_id = '{home}'"),
    Question("a second factor", "clinic.users audit.audit_logs", "nurse",
             "select app.set_secret('clinic.users.two_factor_secret', '{me}', 'x')", 1,
             after="select count(two_factor_secret) from clinic.users where id = '{me}'"),
    Question("a number in full is on record", "clinic.patients audit.audit_logs", "staff",
             "select app.reveal_secret('clinic.patients.nric_encrypted', '{patient}')", 1,
             after="select count(*) from audit.audit_logs where action = 'REVEAL'"
             " and record_id = '{patient}'"),
    Question("keys end with their clinic's code", "clinic.clinics app.clinic_keys", "owner",
             "select app.destroy_keys((select code from clinic.clinics))", 2),
    # settings of all clinics
    Question("inside a clinic", "clinic.system_settings", "staff", SHARED, 1, before=SHARE),
    Question("without a clinic", "clinic.system_settings", "staff!", SHARED, 0, before=SHARE),
    Question("public, inside", "clinic.system_settings", "nurse", SHARED, 1, before=SHARE),
    Question("public, without", "clinic.system_settings", "nurse!", SHARED, 0, before=SHARE),
    # booking
    Question("book", BOOKING, "staff", book("new", "free", "patient2", "status"), "success"),
    Question("book again", BOOKING, "staff",
             book("stock", "slot", "patient", "idempotent"), "true"),
    Question("book what is taken", BOOKING, "staff",
             book("new", "slot", "patient2", "code"), "slot_unavailable"),
    Question("book elsewhere", BOOKING, "staff",
             book("new", "other_free", "patient2", "code"), "slot_not_found"),
    Question("book for somebody elsewhere", BOOKING, "staff",
             book("new", "free", "other_patient", "code"), "patient_not_found"),
    Question("book during leave", BOOKING, "staff",
             book("new", "free", "patient2", "code"), "doctor_unavailable",
             before="update clinic.doctor_leave set starts_at = '{free_starts}'"
             " where id = '{leave}'"),
    Question("book what another holds", BOOKING, "staff",
             book("new", "free", "patient2", "code"), "slot_unavailable",
             before="update clinic.appointment_slots set held_until = now() + interval '1 min',"
             " held_for = '{patient}' where id = '{free}'"),
    Question("hold", "clinic.appointment_slots", "staff",
             "select booking.hold_slot('{free}') ->> 'status'", True,
             after="select held_by = '{bob}' and held_until > now()"
             " from clinic.appointment_slots where id = '{free}'"),
    Question("let go", "clinic.appointment_slots", "staff",
             "select booking.release_slot('{free}') ->> 'status'", True,
             before="update clinic.appointment_slots set held_until = now() + interval '1 min',"
             " held_by = '{bob}' where id = '{free}'",
             after="select held_until is null from clinic.appointment_slots where id = '{free}'"),
    Question("a change is told", "clinic.appointment_transitions clinic.appointments", "staff",
             "select booking.change_status('told', '{appointment}', 'confirm') ->> 'status'",
             "success"),
    Question("who comes stands in line", "clinic.queue_entries clinic.appointments", "staff",
             "select booking.change_status('comes', '{appointment}', 'check_in') ->> 'status'",
             True,
             before="update clinic.appointments set starts_at = now(),"
             " ends_at = now() + duration_minutes * interval '1 minute' where id = '{appointment}'",
             after="select count(*) = 1 from clinic.queue_entries"
             " where appointment_id = '{appointment}' and status = 'waiting'"),
    Question("a webhook's secret", "clinic.integration_webhooks audit.audit_logs", "admin",
             "select app.set_secret('clinic.integration_webhooks.secret_encrypted', id, 's')"
             " from clinic.integration_webhooks limit 1", 1,
             after="select count(secret_encrypted) from clinic.integration_webhooks"
             " where clinic_id = '{home}'"),
    Question("cancel", BOOKING, "staff",
             "select booking.cancel_booking('new', '{appointment}', 'ill') ->> 'status'",
             "success"),
    Question("make slots", "clinic.appointment_slots clinic.doctors clinic.doctor_working_hours"
             " clinic.clinics clinic.doctor_leave", "admin",
             "select booking.generate_slots('{doctor}', '2035-01-01', '2035-01-01') > 0", True),
    *(Question(*question, before=before, after=after)
      for *question, before, after in (
          *ABSENCE_ANSWERS, *FIND_ANSWERS, *HOURS_ANSWERS, *UNDO_ANSWERS, *OVERBOOKING_ANSWERS,
          *SERIES_ANSWERS, *SERVICE_ANSWERS, *WAITING_ANSWERS, *WEBHOOK_ANSWERS,
      )),
)  # fmt: skip
