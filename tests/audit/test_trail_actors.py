"""Whose name stands in an entry: the verified one, or what was at work."""

import datetime as dt
from collections import Counter
from functools import partial
from typing import Any

import psycopg
import pytest

from booking.services.appointments import book_appointment, generate_slots
from clinic.models import DoctorLeave, Patient
from clinic.tenancy.context import tenant_context
from clinic.tenancy.door import at_the_door
from tests.attacker import attempts, open_as
from tests.audit.trail import entries, owner_sql, patients, since
from tests.factories import PatientFactory, World
from tests.races import ask, at_once, connect, context_of, desks


def test_the_actor_is_the_one_who_was_signed_for(world: World, other_world: World) -> None:
    """The readable settings say somebody else; the context does not."""
    found = since(world)
    with connect() as site, site.transaction():
        open_as(
            site,
            context_of(world, world.bob),
            app__current_user_id=str(world.alice.id),
            app__current_clinic_id=str(other_world.id),
            app__entered_clinic_id=str(other_world.id),
        )
        site.execute("update clinic.patients set notes = 'by bob'")
    (entry,) = found()
    assert (entry.user_id, entry.actor_role) == (world.bob.id, "staff")
    assert entry.clinic_id == world.id


@pytest.mark.parametrize("role", ["staff", "admin", "superadmin"])
def test_the_role_is_the_one_in_force(world: World, role: str) -> None:
    found = since(world)
    with world.as_user(world.alice, role):
        Patient.objects.update(notes=role)
    assert [(e.user_id, e.actor_role) for e in found()] == [(world.alice.id, role)]


def test_actors_that_are_nobody(world: World) -> None:
    """A job, the owner and the login before anybody is known, each by name."""
    slots, users, people = (since(world, t) for t in ("appointment_slots", "users", "patients"))
    with tenant_context(clinic=world.id, role="worker", reason="nightly"):
        generate_slots(doctor_id=world.doctor.id, from_date=dt.date(2027, 6, 9),
                       to_date=dt.date(2027, 6, 9))  # fmt: skip
    owner_sql(world, "update clinic.patients set notes = 'by owner'")
    at_the_door("app.record_login", world.bob.email, "::1", world.bob.id)
    assert {(e.actor_role, e.user_id, e.reason) for e in slots()} == {("worker", None, "nightly")}
    assert [(e.actor_role, e.user_id) for e in people()] == [("owner", None)]
    assert [(e.actor_role, e.user_id) for e in users()] == [("clinic_app", None)]


def test_a_booking_leaves_three_entries_and_a_refusal_none(world: World) -> None:
    world.make_slots(days=0)
    tables = ("booking_requests", "appointment_slots", "appointments")
    found = [since(world, table) for table in tables]
    slot = world.free_slots()[0].id
    for key in ("k", "k", "other"):
        with world.as_user(world.dana):
            book_appointment(idempotency_key=key, user_id=world.dana.id, clinic_id=world.id,
                             slot_id=slot, patient_id=world.patient.id)  # fmt: skip
    assert [[e.action for e in f()] for f in found] == [["INSERT"], ["UPDATE"], ["INSERT"]]
    assert {(e.user_id, e.actor_role) for f in found for e in f()} == {(world.dana.id, "patient")}


def test_writers_at_once_leave_all_their_entries(world: World) -> None:
    """Eight connections, 160 writes."""
    found, context = since(world), context_of(world, world.bob)
    with world.as_owner():
        people: list[Any] = PatientFactory.create_batch(8, clinic=world.clinic)

    def write(desk: psycopg.Connection[Any], patient: Any) -> None:
        query = (
            "with x as (update clinic.patients set notes = %s where id = %s returning 1) table x"
        )
        for turn in range(20):
            ask(desk, context, query, [str(turn), patient.id])

    with desks(8) as open_desks:
        at_once([partial(write, d, p) for d, p in zip(open_desks, people, strict=True)])
    counts = Counter(e.record_id for e in found() if e.action == "UPDATE")
    assert counts == {str(patient.id): 20 for patient in people}


@pytest.mark.parametrize(
    ("name", "value"),
    [("current_ip", "junk"), ("current_ip", "999.1.1.1"), ("current_request_id", "x" * 101)],
)
def test_junk_in_a_setting_writes_nothing_unaudited(world: World, name: str, value: str) -> None:
    """Only SQL could put it there; the write fails with its entry."""
    found = since(world)
    with connect() as site, site.transaction():
        open_as(site, context_of(world, world.bob), **{f"app__{name}": value})
        told = attempts(site, ["update clinic.patients set notes = 'unaudited'"])
    assert told[0] in ("22P02", "22001")
    assert found() == []
    assert [p.notes for p in patients(world)] == [""]


def test_empty_settings_are_null(world: World) -> None:
    found = since(world)
    with world.as_user(world.bob):
        Patient.objects.update(notes="x")
    (entry,) = found()
    assert (entry.ip_address, entry.user_agent, entry.request_id, entry.reason) == (None,) * 4


def test_leave_of_a_doctor_is_noted_by_name(world: World) -> None:
    with world.as_user(world.alice):
        leave = DoctorLeave.objects.create(
            clinic_id=world.id, doctor_id=world.doctor.id, reason="Course",
            starts_at=dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
            ends_at=dt.datetime(2030, 1, 2, tzinfo=dt.UTC),
        )  # fmt: skip
    (entry,) = entries(world, "doctor_leave", record_id=str(leave.pk))
    assert entry.new_values
    assert (entry.table_schema, entry.new_values["reason"]) == ("clinic", "Course")
