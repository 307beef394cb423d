"""Two clinics to probe, through one superuser's connection that becomes whom it is told to be.

Everything happens in that connection's transaction, so that a probe sees a guard that was taken
away and not yet put back.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from django.db import connections

from audit.sealing import seal_all
from booking.models import (
    Appointment,
    AppointmentResource,
    AppointmentSlot,
    AppointmentTransition,
    Resource,
    WaitingListEntry,
    WaitingListOffer,
)
from clinic.models import Payment, Prescription, SystemSetting
from clinic.tenancy.access import note_access
from clinic.tenancy.backend.base import OPEN, opening_values
from clinic.tenancy.context import Context
from clinic.tenancy.signing import door_pass
from tests.attacker import stocked
from tests.factories import DoctorFactory, PatientFactory, UserFactory, World, make_world
from tests.factories.absences import stock_absences
from tests.factories.people import MembershipFactory, StaffFactory, WorkingHoursFactory
from tests.factories.records import clinical, new, opened, paid, subscribed, told, waiting
from tests.factories.series import repeated
from tests.factories.waiting import EVER

# The statements of a run are filled in once; this pass outlives them.
FAR = 4e9
ROLES = ("patient", "staff", "nurse", "doctor", "admin", "superadmin", "worker")

# More of the home clinic than its cast, so that one's own rows are not all there are.
SECOND_VISIT = """
insert into clinic.appointments (clinic_id, patient_id, doctor_id, appointment_number,
  appointment_date, appointment_time, starts_at, ends_at, deleted_at)
values (%s, %s, %s, %s, '2030-01-01', '10:00', %s, %s::timestamptz + interval '15 min', %s)
"""


@dataclass(slots=True)
class Answer:
    """What a statement came to: its rows and first value, or the error."""

    rows: int = 0
    value: Any = None
    error: str = ""
    constraint: str = ""


@dataclass
class Stage:
    sql: psycopg.Connection
    home: World
    other: World
    names: dict[str, Any]

    @cached_property
    def people(self) -> dict[str, Any]:
        """{role: the user's id}."""
        home = self.home
        users = {"patient": home.dana, "staff": home.bob, "nurse": home.nur, "doctor": home.chen}
        ids = {role: user.id for role, user in users.items()}
        return ids | {"admin": home.alice.id, "superadmin": self.names["root"], "worker": None}

    def become(self, role: str) -> None:
        """Take a role of the home clinic: with its context, or "staff!" without any.

        "app" is the site's login before anyone is inside, "" the superuser.
        """
        if role.endswith("!") or role == "app":
            self.sql.execute(f"set local role clinic_{role.rstrip('!')}")
        elif role:
            context = Context(self.home.id, self.people.get(role), role)
            self.sql.execute(OPEN, opening_values(context))

    def fill(self, statement: str, role: str = "") -> str:
        return statement.format(**self.names, me=self.people.get(role.rstrip("!")) or "")

    def ask(self, role: str, statement: str, *, before: str = "", after: str = "") -> Answer:
        """Run a statement as role, undo it, and say what it came to.

        before and after run as the superuser; with after, value is what after selects.
        """
        try:
            with self.sql.transaction(force_rollback=True):
                if before:
                    self.sql.execute(self.fill(before, role))
                self.become(role)
                cursor = self.sql.execute(self.fill(statement, role))
                if not statement.startswith("select count"):
                    self.sql.execute("set constraints all immediate")
                if after:
                    self.sql.execute("reset role")
                    rows, cursor = cursor.rowcount, self.sql.execute(self.fill(after, role))
                    return Answer(rows, *(cursor.fetchone() or [None])[:1])
                value = (cursor.fetchone() or [None])[0] if cursor.description else None
                return Answer(cursor.rowcount, value)
        except psycopg.Error as error:
            return Answer(error=error.sqlstate or "?", constraint=error.diag.constraint_name or "")

    def count(self, table: str, where: str) -> int:
        """Rows of the home clinic, whoever may see them."""
        key = "id" if table == "clinic.clinics" else "clinic_id"
        statement = f"select count(*) from {table} where {key} = '{{home}}' and ({where})"
        return int(self.sql.execute(self.fill(statement)).fetchone()[0])


def furnish(home: World) -> dict[str, Any]:
    """A second patient and doctor, a superadmin, and rows that are gone."""
    gone = {"deleted_at": dt.datetime.now(dt.UTC)}
    with home.as_owner():
        root = UserFactory(clinic=home.clinic, full_name="Root", role="superadmin")
        MembershipFactory(clinic=home.clinic, user=root, role="superadmin")
        doctor = DoctorFactory(clinic=home.clinic, full_name="Dr Second")
        patient = PatientFactory(clinic=home.clinic, full_name="Second Patient")
        UserFactory(clinic=home.clinic, full_name="Gone", **gone)
        DoctorFactory(clinic=home.clinic, full_name="Dr Gone", **gone)
        PatientFactory(clinic=home.clinic, full_name="Gone Patient", **gone)
        StaffFactory(clinic=home.clinic, full_name="Gone Staff", **gone)
        WorkingHoursFactory(clinic=home.clinic, doctor=doctor, weekday=1, **gone)
        with connections["owner"].cursor() as cursor:
            cursor.execute("update clinic.staff set full_name = 'Bob at the desk'"
                           " where user_id = %s", [home.bob.id])  # fmt: skip
            for number, who, by, at, deleted in (
                ("X-1", patient, doctor, "2030-01-01 10:00+00", None),
                ("X-2", patient, home.doctor, "2030-01-02 10:00+00", gone["deleted_at"]),
                ("X-3", home.patient, doctor, "2030-01-03 10:00+00", gone["deleted_at"]),
            ):
                cursor.execute(SECOND_VISIT, [home.id, who.id, by.id, number, at, at, deleted])
        first, second = visits("X-1"), visits("X-2")
        AppointmentTransition.objects.using("owner").create(
            clinic=home.clinic, appointment=first, action="confirm", from_status="scheduled",
            to_status="confirmed", version=2, from_starts_at=first.starts_at,
            to_starts_at=first.starts_at, initiator="clinic", channel="desk", actor_role="staff",
        )  # fmt: skip
        room = Resource.objects.using("owner").get(name="Stock room 2")
        new(AppointmentResource, clinic=home.clinic, appointment=first, resource=room,
            busy_from=first.starts_at, busy_to=first.ends_at)  # fmt: skip
        repeated(home.clinic, first, home.bob)
        kept = furnish_records(home, doctor, patient, root, gone)
        waiting(home.clinic, patient, doctor, second, "B1")
        stock_absences(home.clinic, doctor, first, root)
        waits = new(
            WaitingListEntry, clinic=home.clinic, patient=patient, doctor=doctor,
            appointment_type="vaccination", added_by=home.bob, **EVER,
        )  # fmt: skip
        new(
            WaitingListOffer, clinic=home.clinic, entry=waits, slot=last_slot(home),
            expires_at=dt.datetime(2099, 1, 1, tzinfo=dt.UTC), token_hash=b"x" * 32,
            status="declined", closed_at=gone["deleted_at"],
        )  # fmt: skip
    return kept | {
        "root": root.id, "doctor2": doctor.id, "patient2": patient.id, "visit2": first.id,
    }  # fmt: skip


def last_slot(home: World) -> AppointmentSlot:
    """The latest of the clinic. Call it as its owner."""
    return AppointmentSlot.objects.using("owner").filter(clinic_id=home.id).latest("starts_at")


def visits(number: str) -> Appointment:
    return Appointment.objects.using("owner").get(appointment_number=number)


def furnish_records(
    home: World, doctor: Any, patient: Any, root: Any, gone: dict[str, Any]
) -> dict[str, Any]:
    """Records of others, restricted and sensitive ones, and a patient opened to everybody."""
    clinic, mine = home.clinic, home.doctor
    shut = PatientFactory(clinic=clinic, full_name="Opened Patient")
    hidden = {"access_restricted": True}, {"is_sensitive": True}
    clinical(clinic, patient, doctor, home.nur)  # of neither Dr Chen's
    clinical(clinic, home.patient, doctor, home.nur)
    clinical(clinic, patient, mine, home.chen)
    clinical(clinic, shut, doctor, home.nur)
    clinical(clinic, home.patient, mine, home.chen, **gone)
    clinical(clinic, shut, mine, home.chen, **gone)
    for who in (home.patient, patient, shut):
        for how in hidden:
            clinical(clinic, who, doctor, home.nur, record=how)
    for user in (home.chen, home.nur, home.alice, root):
        opened(clinic, shut, user, at=dt.datetime.now(dt.UTC))
    paid(clinic, patient)
    lost = paid(clinic, home.patient, **gone)
    subscribed(clinic, doctor=doctor, token="second")
    subscribed(clinic, patient=home.patient, user=home.dana, token="third")
    subscribed(clinic, patient=patient, token="fourth")
    told(clinic, home.chen)
    told(clinic, home.nur)
    public, secret = {"is_public": True}, {"is_encrypted": True}
    for key, how in (("public", public), ("secret", secret)):
        new(SystemSetting, clinic=clinic, category="n", key=key, value=1, **how)
    scripts = Prescription.objects.using("owner")
    return {
        "patient3": shut.id, "gone_payment": lost.id,
        "script": scripts.filter(doctor=mine, patient=home.patient).earliest("created_at").id,
        "script2": scripts.filter(doctor=doctor, patient=home.patient).earliest("created_at").id,
        "payment": Payment.objects.using("owner").filter(deleted_at=None).earliest("created_at").id,
    }  # fmt: skip


def ids(world: World, prefix: str) -> dict[str, Any]:
    """The names that statements use for what a clinic has."""
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute("select id from clinic.staff where user_id = %s", [world.bob.id])
        (staff,) = cursor.fetchone()
        cursor.execute("select id, slot_id from clinic.appointments where slot_id is not null")
        appointment, slot = cursor.fetchone()
        cursor.execute("select id from clinic.doctor_leave")
        (leave,) = cursor.fetchone()
        starts_at = AppointmentSlot.objects.using("owner").get(pk=slot).starts_at
    free = world.free_slots()
    found = {
        "clinic": world.id, "code": world.clinic.code, "user": world.alice.id,
        "doctor": world.doctor.id, "staff": staff,
        "patient": world.patient.id, "appointment": appointment, "slot": slot, "leave": leave,
        "starts": starts_at, "free": free[1].id, "free_starts": free[1].starts_at,
        "email": world.bob.email, "bob": world.bob.id, "dana": world.dana.id, "chen": world.chen.id,
    }  # fmt: skip
    return {f"{prefix}{name}": value for name, value in found.items()}


def set_up() -> tuple[World, World, dict[str, Any]]:
    """The two clinics, committed, and the names of what is in them."""
    home, other = stocked(make_world()), stocked(make_world(mallory=True))
    more = furnish(home)
    with home.as_user(home.bob):
        note_access("READ", "patients", patient_id=more["patient2"])
    seal_all()
    names = (
        {"home": home.id, "other": other.id, "pass": door_pass(now=FAR)}
        | ids(home, "")
        | ids(other, "other_")
        | more
    )
    return home, other, names


@contextmanager
def stage(url: str, clinics: tuple[World, World, dict[str, Any]]) -> Iterator[Stage]:
    """A stage in a transaction of its own, with a row in every partition of the trail."""
    with psycopg.connect(url) as sql:
        found = Stage(sql, *clinics)
        sql.execute(
            "insert into audit.audit_logs (table_schema, table_name, action, clinic_id, created_at)"
            " select 'x', 'x', 'INSERT', %s, t from unnest(%s::timestamptz[]) t",
            [found.home.id, [dt.datetime(2001, 1, 1, tzinfo=dt.UTC), *months(sql)]],
        )
        yield found
        sql.rollback()


def months(sql: psycopg.Connection) -> list[dt.datetime]:
    """A time in each monthly partition."""
    rows = sql.execute(
        "select to_date(right(inhrelid::regclass::text, 7), 'YYYY_MM') + time '12:00'"
        " from pg_inherits where inhparent = 'audit.audit_logs'::regclass"
        " and inhrelid::regclass::text ~ '\\d{4}_\\d{2}$'"
    ).fetchall()
    return [row[0].replace(tzinfo=dt.UTC) for row in rows]
