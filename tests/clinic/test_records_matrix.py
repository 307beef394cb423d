"""The role matrix of records, money, settings and messages, tried as the site's login."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest

from booking.models import Appointment
from clinic.models import Doctor, MedicalRecord, Payment, Prescription, SystemSetting
from clinic.tenancy.backend.base import OPEN, opening_values
from clinic.tenancy.context import Context
from tests.attacker import stocked
from tests.factories import PatientFactory, World, make_world
from tests.factories.people import DoctorFactory, MembershipFactory, UserFactory
from tests.factories.records import clinical, new, told
from tests.races import Connection, connect

ROLES = ("patient", "doctor", "nurse", "staff", "admin", "superadmin", "worker")
COMMANDS = ("select", "insert", "update", "delete")
S, SI, SIU = ("select",), ("select", "insert"), ("select", "insert", "update")

HEADS_READ = {"admin": S, "superadmin": S}
CLINICAL = {"patient": S, "doctor": SIU, "nurse": S, **HEADS_READ}
NURSED = CLINICAL | {"nurse": SI}
AT_THE_DESK = {"patient": S, "staff": SIU, "admin": SIU, "superadmin": SIU}
WRITTEN_ONCE = {"patient": S, "staff": SI, "admin": SI, "superadmin": SI}

MATRIX: dict[str, dict[str, tuple[str, ...]]] = {
    "medical_records": NURSED,
    "prescriptions": CLINICAL,
    "prescription_items": CLINICAL,
    "lab_results": CLINICAL,
    "imaging_results": CLINICAL,
    "vaccination_records": NURSED,
    "payments": AT_THE_DESK,
    "payment_items": WRITTEN_ONCE,
    "insurance_claims": AT_THE_DESK,
    "system_settings": {
        "patient": S, "doctor": S, "nurse": S, "staff": S, "worker": S, "admin": SIU,
        "superadmin": SIU,
    },
    "notifications": WRITTEN_ONCE | {"doctor": S, "nurse": S},
}  # fmt: skip

CARE = "(clinic_id, patient_id, doctor_id, "
OF = "values ('{clinic}', '{patient}', '{doctor}', "
INSERTS = {
    "medical_records": f"{CARE} record_date) {OF} '2026-01-01')",
    "medical_records by nurse": "(clinic_id, patient_id, record_date, weight_kg)"
    " values ('{clinic}', '{patient}', '2026-01-01', 60)",
    "prescriptions": f"{CARE} prescription_date) {OF} '2026-01-01')",
    "prescription_items": "(clinic_id, prescription_id, medication_name, dosage, frequency,"
    " quantity) values ('{clinic}', '{prescriptions}', 'N', '1', 'daily', 1)",
    "lab_results": f"{CARE} lab_name, test_date) {OF} 'N', '2026-01-01')",
    "imaging_results": f"{CARE} imaging_type, imaging_date) {OF} 'ct', '2026-01-01')",
    "vaccination_records": "(clinic_id, patient_id, administered_by, vaccine_name,"
    " administered_date)"
    " values ('{clinic}', '{patient}', app.current_user_id(), 'N', '2026-01-01')",
    "payments": "(clinic_id, patient_id, payment_date, payment_method, subtotal, total_amount)"
    " values ('{clinic}', '{patient}', '2026-01-01', 'cash', 1, 1)",
    "payment_items": "(clinic_id, payment_id, item_type, item_description, unit_price,"
    " total_price) values ('{clinic}', '{payments}', 'lab', 'N', 1, 1)",
    "insurance_claims": "(clinic_id, patient_id, insurance_provider, claimed_amount)"
    " values ('{clinic}', '{patient}', 'N', 1)",
    "system_settings": "(clinic_id, category, key, value, updated_by)"
    " values ('{clinic}', 'n', 'n', '1', app.current_user_id())",
    "notifications": "(clinic_id, type, channel, recipient, message)"
    " values ('{clinic}', 'n', 'sms', '+6590000000', 'N')",
}
UPDATES = {
    "medical_records": "chief_complaint = 'x'", "prescriptions": "pharmacy_notes = 'x'",
    "prescription_items": "unit = 'x'", "lab_results": "comments = 'x'",
    "imaging_results": "findings = 'x'", "vaccination_records": "injection_site = 'x'",
    "payments": "notes = 'x'", "payment_items": "item_description = 'x'",
    "insurance_claims": "rejection_reason = 'x'", "system_settings": "description = 'x'",
    "notifications": "subject = 'x'",
}  # fmt: skip


@dataclass
class Cast:
    """A stocked clinic: its people by role, the names that statements use, the site's login."""

    world: World
    people: dict[str, UUID | None]
    names: dict[str, Any]
    site: Connection

    def ask(self, role: str, statement: str, *before: str, user: UUID | None = None) -> Any:
        """What a statement comes to, undone: its first value, its row count, or the SQLSTATE."""
        context = Context(self.world.id, user or self.people[role], role)
        try:
            with self.site.transaction(force_rollback=True):
                self.site.execute(OPEN, opening_values(context))
                for each in (*before, statement):
                    cursor = self.site.execute(each.format(**self.names).encode())
                if cursor.description:
                    return (cursor.fetchone() or [None])[0]
                return cursor.rowcount
        except psycopg.Error as error:
            return error.sqlstate

    def sees(self, role: str, row: MedicalRecord, *before: str, table: str = "") -> bool:
        """Whether a role reads a record, or the one row of a table that belongs to it."""
        where = f"medical_record_id = '{row.id}'" if table else f"id = '{row.id}'"
        found = self.ask(
            role, f"select count(*) from clinic.{table or 'medical_records'} where {where}", *before
        )
        assert found in (0, 1), found
        return bool(found)


def own_rows(world: World) -> dict[str, Any]:
    """{table: the id of its row}, of Dr Chen's and Dana's; a public setting."""
    with world.as_owner():
        found = {}
        for model in (m for m in MedicalRecord._meta.apps.get_models() if m._meta.managed):
            if model._meta.db_table in MATRIX:
                found[model._meta.db_table] = model._default_manager.using("owner").get().pk
        SystemSetting.objects.using("owner").update(is_public=True)
        return found


@pytest.fixture(scope="module")
def cast(django_db_setup: None) -> Iterator[Cast]:
    world = stocked(make_world())
    names = {"clinic": world.id, "patient": world.patient.id, "doctor": world.doctor.id}
    names |= own_rows(world)
    with world.as_owner():
        root = UserFactory(clinic=world.clinic, full_name="Root", role="superadmin")
        MembershipFactory(clinic=world.clinic, user=root, role="superadmin")
        for user in (world.chen, world.nur):
            names[f"notifications of {user.role}"] = told(world.clinic, user).id
        names["visit"] = Appointment.objects.using("owner").get().id
    people = {"patient": world.dana.id, "doctor": world.chen.id, "nurse": world.nur.id}
    people |= {"staff": world.bob.id, "admin": world.alice.id, "superadmin": root.id}
    with connect() as site:
        yield Cast(world, {**people, "worker": None}, names, site)


def statements(cast: Cast, table: str, role: str) -> dict[str, str]:
    """A statement of each kind about a role's own row."""
    row = cast.names.get(f"{table} of {role}", cast.names[table])
    values = INSERTS.get(f"{table} by {role}", INSERTS[table])
    return {
        "select": f"select count(*) from clinic.{table} where id = '{row}'",
        "insert": f"insert into clinic.{table} {values}",
        "update": f"update clinic.{table} set {UPDATES[table]} where id = '{row}'",
        "delete": f"delete from clinic.{table} where id = '{row}'",
    }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", MATRIX)
def test_the_matrix(cast: Cast, table: str, role: str) -> None:
    found = {kind: cast.ask(role, sql) for kind, sql in statements(cast, table, role).items()}
    assert set(found.values()) <= {1, 0, "42501"}
    allowed = tuple(kind for kind in COMMANDS if found[kind] == 1)
    assert allowed == MATRIX[table].get(role, ())


@pytest.mark.parametrize("table", MATRIX)
def test_a_patient_sees_their_own_only(cast: Cast, table: str) -> None:
    with cast.world.as_owner():
        stranger = PatientFactory(clinic=cast.world.clinic)
        login = UserFactory(clinic=cast.world.clinic, role="patient")
        MembershipFactory(clinic=cast.world.clinic, user=login, role="patient")
        stranger.user = login
        stranger.save(using="owner")
    where = "not is_public" if table == "system_settings" else "true"
    query = f"select count(*) from clinic.{table} where {where}"
    assert cast.ask("patient", query, user=login.id) == 0


# records that are hidden

CANCELLED = {
    "status": "cancelled",
    "cancelled_at": dt.datetime.now(dt.UTC),
    "cancellation_reason": "ill",
}

SEEN_BY: dict[str, set[str]] = {
    "plain": {"doctor", "nurse", "admin", "superadmin", "patient"},
    "sensitive": {"doctor", "admin", "superadmin", "patient"},
    "restricted": set(),
    "restricted, Dr Chen's own": {"doctor"},
    "a stranger's": {"nurse", "admin", "superadmin"},
    "a stranger's, Dr Chen's own": {"doctor", "nurse", "admin", "superadmin"},
}
READERS = ("patient", "doctor", "nurse", "admin", "superadmin")


@pytest.fixture(scope="module")
def records(cast: Cast) -> dict[str, MedicalRecord]:
    """A record of each kind, with what belongs to it; by another doctor unless said otherwise."""
    clinic, patient, chen = cast.world.clinic, cast.world.patient, cast.world.doctor
    hidden = {"access_restricted": True}
    with cast.world.as_owner():
        other, stranger = DoctorFactory(clinic=clinic), PatientFactory(clinic=clinic)
        cast.names |= {"stranger": stranger.id, "other_doctor": other.id}

        def made(who: Any, by: Any, **how: Any) -> MedicalRecord:
            return clinical(clinic, who, by, cast.world.nur, record=how)

        return {
            "plain": made(patient, other),
            "sensitive": made(patient, other, is_sensitive=True),
            "restricted": made(patient, other, **hidden),
            "restricted, Dr Chen's own": made(patient, chen, **hidden),
            "a stranger's": made(stranger, other),
            "a stranger's, Dr Chen's own": made(stranger, chen),
            "a stranger's, restricted": made(stranger, other, **hidden),
        }


@pytest.mark.parametrize("kind", SEEN_BY)
def test_records_are_hidden(cast: Cast, records: dict[str, Any], kind: str) -> None:
    assert {role for role in READERS if cast.sees(role, records[kind])} == SEEN_BY[kind]


@pytest.mark.parametrize("table", ["prescriptions", "lab_results", "imaging_results"])
@pytest.mark.parametrize("kind", SEEN_BY)
def test_what_belongs_to_a_record_is_hidden_with_it(
    cast: Cast, records: dict[str, Any], kind: str, table: str
) -> None:
    readers = {role for role in READERS if cast.sees(role, records[kind], table=table)}
    assert readers == SEEN_BY[kind]


@pytest.mark.parametrize(
    "gone",
    [
        (Appointment, CANCELLED),
        (Appointment, {"deleted_at": dt.datetime.now(dt.UTC)}),
        (Doctor, {"is_active": False}),
        (Doctor, {"deleted_at": dt.datetime.now(dt.UTC)}),
    ],
    ids=["visit cancelled", "visit deleted", "doctor left", "doctor deleted"],
)
def test_who_no_longer_treats_reads_no_more(gone: Any) -> None:
    model, how = gone
    world = stocked(make_world())
    with world.as_owner():
        seen = clinical(world.clinic, world.patient, DoctorFactory(clinic=world.clinic), None)
    records = MedicalRecord.objects.filter(pk=seen.pk)
    with world.as_user(world.chen):
        assert records.count() == 1
    with world.as_owner():
        rows = model._default_manager.using("owner")
        rows.filter(pk=world.doctor.pk if model is Doctor else rows.get().pk).update(**how)
    with world.as_user(world.chen):
        assert records.count() == 0


# breaking the glass

BREAK = "select app.break_glass('{stranger}', 'Found unconscious') > now()"
CLINICIANS = ("doctor", "nurse", "admin", "superadmin")


@pytest.mark.parametrize("role", CLINICIANS)
def test_broken_glass_opens_the_records_of_one_patient(
    cast: Cast, records: dict[str, Any], role: str
) -> None:
    shut, other = records["a stranger's, restricted"], records["restricted"]
    assert not cast.sees(role, shut)
    assert cast.sees(role, shut, BREAK)
    assert cast.sees(role, shut, BREAK, table="lab_results")
    assert not cast.sees(role, other, BREAK)


def test_glass_is_whole_again_in_time(cast: Cast, records: dict[str, Any]) -> None:
    shut, world = records["a stranger's, restricted"], cast.world
    hour = dt.timedelta(hours=1)
    begun = {"now": dt.datetime.now(dt.UTC), "before": dt.datetime.now(dt.UTC) - 2 * hour}
    seen = {}
    for when, at in begun.items():
        other = make_world()
        with other.as_owner():
            patient = PatientFactory(clinic=other.clinic)
            row = clinical(other.clinic, patient, other.doctor, other.nur,
                           record={"access_restricted": True})  # fmt: skip
            new(
                shut._meta.apps.get_model("clinic", "GlassBreak"), clinic=other.clinic,
                patient=patient, user=other.nur, reason="Found unconscious", opened_at=at,
                expires_at=at + hour,
            )  # fmt: skip
        with other.as_user(other.nur):
            seen[when] = MedicalRecord.objects.filter(pk=row.pk).count()
    assert seen == {"now": 1, "before": 0}
    assert not cast.sees("nurse", shut), world


@pytest.mark.parametrize(
    ("role", "call", "error"),
    [
        ("doctor", "'{stranger}', 'too short'", "23514"),
        ("doctor", "'{stranger}', '          '", "23514"),
        ("doctor", "'{stranger}', null", "23502"),
        ("doctor", "'{stranger}', 'Found unconscious', 241", "23514"),
        ("doctor", "'{stranger}', 'Found unconscious', 0", "23514"),
        ("doctor", "'{stranger}', 'Found unconscious', null", "23502"),
        ("doctor", "gen_random_uuid(), 'Found unconscious'", "RW003"),
        ("staff", "'{stranger}', 'Found unconscious'", "42501"),
        ("patient", "'{stranger}', 'Found unconscious'", "42501"),
        ("worker", "'{stranger}', 'Found unconscious'", "42501"),
    ],
)
def test_glass_is_not_broken_lightly(
    cast: Cast, records: dict[str, Any], role: str, call: str, error: str
) -> None:
    assert cast.ask(role, f"select app.break_glass({call})") == error


def test_no_glass_in_another_clinic(cast: Cast, other_world: World) -> None:
    call = f"select app.break_glass('{other_world.patient.id}', 'Found unconscious')"
    assert cast.ask("doctor", call) == "RW003"


REVIEW = (
    "update clinic.glass_breaks set reviewed_by = app.current_user_id(), reviewed_at = now()"
    " where user_id = '{}'"
)


def test_broken_glass_is_listed_and_reviewed_by_somebody_else(cast: Cast) -> None:
    """The stock holds one of Nur's."""
    listed = "select count(*) from clinic.glass_breaks"
    found = {role: cast.ask(role, listed) for role in ROLES}
    assert found == {
        "admin": 1, "superadmin": 1, "nurse": 1, "doctor": 0, "staff": "42501",
        "patient": "42501", "worker": "42501",
    }  # fmt: skip
    review = REVIEW.format(cast.people["nurse"])
    assert cast.ask("admin", review) == 1
    assert cast.ask("nurse", review) == "42501"
    own = REVIEW.format(cast.people["admin"])
    assert cast.ask("admin", own, BREAK.replace("{stranger}", "{patient}")) == 0


# money

REFUND = (
    "update clinic.payments set paid_amount = 50, status = 'refunded', is_refunded = true,"
    " refunded_amount = 50, refund_reason = 'x', refunded_at = now() where id = '{payments}'"
)


def test_only_administrators_refund(cast: Cast) -> None:
    found = {role: cast.ask(role, REFUND) for role in ("staff", "admin", "superadmin")}
    assert found == {"staff": "42501", "admin": 1, "superadmin": 1}
    called_so = "update clinic.payments set status = 'refunded' where id = '{payments}'"
    assert cast.ask("staff", called_so) == "23514"


def test_nobody_reads_a_policy_number_or_a_pharmacy_token(cast: Cast) -> None:
    asked = {
        ask: {cast.ask(role, f"select {ask}") for role in ROLES}
        for ask in (
            "policy_number_encrypted from clinic.insurance_claims",
            "e_prescription_token from clinic.prescriptions",
            "session_token_hash from clinic.telemedicine_sessions",
        )
    }
    assert set(map(frozenset, asked.values())) == {frozenset({"42501"})}


# settings and flags


def test_settings_of_everybody_are_for_deploys(cast: Cast) -> None:
    add = "insert into clinic.system_settings (category, key, value, updated_by)"
    assert cast.ask("admin", f"{add} values ('n', 'n', '1', app.current_user_id())") == "42501"
    taken = "update clinic.system_settings set value = '2' where clinic_id is null"
    assert cast.ask("admin", taken) in (0, "42501")


def test_a_feature_is_on_for_whom_it_says(cast: Cast) -> None:
    assert cast.ask("staff", "select app.feature_enabled('no such')") is False
    assert cast.ask("staff", "select app.feature_enabled('some_feature')") is False
    assert cast.ask("admin", "update clinic.feature_flags set is_enabled = true") == "42501"


# views


def test_a_visit_paid_in_two_parts_is_one_visit() -> None:
    world = stocked(make_world())
    today = dt.datetime.now(dt.UTC).date()
    with world.as_owner():
        rows = Appointment.objects.using("owner")
        rows.update(appointment_date=today)
        for part in (20, 30):
            new(
                Payment, clinic=world.clinic, patient=world.patient, appointment=rows.get(),
                payment_date=today, payment_method="cash", subtotal=part, total_amount=part,
                paid_amount=part, status="completed",
            )  # fmt: skip
    site = Cast(world, {"admin": world.alice.id, "staff": world.bob.id}, {}, connect())
    with site.site:
        day = "select (appointments, revenue)::text from clinic.daily_clinic_metrics"
        assert site.ask("admin", day) == "(1,50.00)"
        owed = (
            "select (upcoming_appointments, outstanding_amount)::text from clinic.patient_summary"
        )
        assert site.ask("staff", owed) == "(1,50.00)"  # the stock's payment is open


def test_a_patient_sees_themselves_in_views(cast: Cast, records: dict[str, Any]) -> None:
    """There are others: the stranger of the records."""
    summary = "select string_agg(patient_id::text, ',') from clinic.patient_summary"
    ahead = "select string_agg(patient_id::text, ',') from clinic.upcoming_appointments"
    me = str(cast.world.patient.id)
    assert cast.ask("patient", summary) == me
    assert cast.ask("patient", ahead) == me
    assert cast.ask("staff", "select count(*) from clinic.patient_summary") > 1
    assert cast.ask("patient", "select count(*) from clinic.daily_clinic_metrics") == "42501"


def test_views_show_one_clinic(cast: Cast, other_world: World) -> None:
    theirs = f"clinic_id = '{other_world.id}'"
    for view in ("patient_summary", "upcoming_appointments", "daily_clinic_metrics"):
        assert cast.ask("admin", f"select count(*) from clinic.{view} where {theirs}") == 0


def test_prescriptions_keep_their_clinic(cast: Cast, other_world: World) -> None:
    with other_world.as_owner():
        clinical(other_world.clinic, other_world.patient, other_world.doctor, other_world.nur)
        theirs = Prescription.objects.using("owner").get().id
    item = INSERTS["prescription_items"].replace("{prescriptions}", str(theirs))
    assert cast.ask("doctor", f"insert into clinic.prescription_items {item}") == "42501"
