"""Locks, cut connections and ways around the function: all or nothing."""

import time
import uuid
from typing import Any

import psycopg
import pytest
from django.db import connection

from booking.models import Appointment, BookingRequest
from booking.services.appointments import book_appointment
from clinic.errors import Unavailable
from clinic.tenancy.backend.base import OPEN, opening_values
from tests.attacker import REFUSED, attempts
from tests.factories import World, make_world
from tests.races import BOOK, Connection, book, connect, context_of


@pytest.fixture(scope="module")
def desk(django_db_setup: None) -> World:
    world = make_world()
    world.make_slots(days=1)
    return world


def begun(world: World, connection: Connection, slot: Any) -> None:
    """A booking in a transaction that stays open."""
    context = context_of(world, world.bob)
    connection.execute("begin")
    connection.execute(OPEN, opening_values(context))
    args = [str(slot), world.bob.id, world.id, slot, world.patient.id, None, "consultation"]
    connection.execute(BOOK, args)


def left(world: World, slot: Any) -> tuple[int, int]:
    """(appointments, keys) of a slot."""
    with world.as_owner():
        visits = Appointment.objects.using("owner").filter(slot_id=slot)
        keys = BookingRequest.objects.using("owner").filter(clinic_id=world.id, slot_id=slot)
        return visits.count(), keys.count()


@pytest.mark.parametrize("how", ["rollback", "close", "terminate"])
def test_a_booking_that_is_cut_before_commit_leaves_nothing(
    desk: World, admin_url: str, how: str
) -> None:
    slot, broken = desk.free_slots(1)[0].id, connect()
    begun(desk, broken, slot)
    if how == "rollback":
        broken.execute("rollback")
    elif how == "terminate":
        with connect(admin_url) as admin:
            admin.execute("select pg_terminate_backend(%s, 5000)", [broken.info.backend_pid])
    broken.close()
    with connect() as site:
        answer = book(
            site, context_of(desk, desk.bob), key=str(slot), slot=slot, patient=desk.patient.id
        )
    assert (answer["status"], answer["idempotent"]) == ("success", False)
    assert left(desk, slot) == (1, 1)


@pytest.mark.parametrize(
    ("setting", "state"), [("lock_timeout", "55P03"), ("statement_timeout", "57014")]
)
def test_a_slot_held_by_somebody_is_not_waited_for(desk: World, setting: str, state: str) -> None:
    """An error that says to try again, nothing written, and the same key works afterwards."""
    slot, context = desk.free_slots(1)[0].id, context_of(desk, desk.alice)
    key = str(uuid.uuid4())
    with connect() as holder, connect() as site:
        begun(desk, holder, slot)
        site.execute(f"set {setting} = '150ms'".encode())
        with pytest.raises(psycopg.Error) as raised:
            book(site, context, key=key, slot=slot, patient=desk.patient.id)
        holder.execute("rollback")
        site.execute(f"set {setting} = '5s'".encode())
        assert raised.value.sqlstate == state
        assert left(desk, slot) == (0, 0)
        answer = book(site, context, key=key, slot=slot, patient=desk.patient.id)
    assert answer["status"] == "success"


def test_the_site_waits_two_seconds_at_most(desk: World) -> None:
    slot = desk.free_slots(1)[0].id
    with connect() as holder, connect() as site:
        begun(desk, holder, slot)
        started = time.monotonic()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            book(site, context_of(desk, desk.alice), key="w", slot=slot, patient=desk.patient.id)
        assert 1.5 < time.monotonic() - started < 10
        holder.execute("rollback")


def test_an_older_snapshot_still_answers_for_the_race_it_lost(desk: World) -> None:
    """REPEATABLE READ: the slot was taken after the snapshot. An error, never a second booking."""
    slot, context = desk.free_slots(1)[0].id, context_of(desk, desk.alice)
    with connect() as site, connect() as rival:
        site.execute("begin isolation level repeatable read")
        site.execute(OPEN, opening_values(context))
        site.execute("select 1 from clinic.appointment_slots")
        assert book(rival, context_of(desk, desk.bob), key=str(slot), slot=slot,
                    patient=desk.patient.id)["status"] == "success"  # fmt: skip
        args = [str(uuid.uuid4()), desk.alice.id, desk.id, slot, desk.patient.id, None, "screening"]
        with pytest.raises(psycopg.errors.SerializationFailure):
            site.execute(BOOK, args)
    assert left(desk, slot) == (1, 1)


AROUND = [
    "insert into clinic.appointments (clinic_id, patient_id, slot_id, appointment_number,"
    " appointment_date, appointment_time, starts_at, ends_at) select clinic_id, '{patient}', id,"
    " 'X', slot_date, slot_time, starts_at, ends_at from clinic.appointment_slots limit 1",
    "update clinic.appointments set status = 'completed'",
    "update clinic.appointments set starts_at = starts_at + interval '1 hour'",
    "update clinic.appointments set patient_id = '{patient}'",
    "update clinic.appointments set deleted_at = now()",
    "update clinic.appointments set version = 99",
    "update clinic.appointments set appointment_number = 'X'",
    "delete from clinic.appointments",
    "update clinic.appointment_slots set is_available = true, appointment_id = null",
    "update clinic.appointment_slots set starts_at = now()",
    "insert into clinic.appointment_slots (clinic_id, doctor_id, slot_date, slot_time, starts_at,"
    " ends_at) select clinic_id, doctor_id, slot_date, slot_time, starts_at, ends_at"
    " from clinic.appointment_slots limit 1",
    "delete from clinic.appointment_slots",
    "insert into booking.booking_requests select * from booking.booking_requests",
    "delete from booking.booking_requests",
    "update clinic.appointment_counters set last_value = 1",
    "select * from clinic.appointment_counters",
    "update clinic.number_counters set last_value = 1",
]


@pytest.mark.parametrize("role", ["staff", "admin", "superadmin", "patient"])
def test_there_is_no_way_around_the_function(desk: World, role: str) -> None:
    with connect() as site, site.transaction(force_rollback=True):
        context = context_of(desk, desk.alice if role != "patient" else desk.dana, role)
        site.execute(OPEN, opening_values(context))
        told = attempts(site, [query.format(patient=desk.patient.id) for query in AROUND])
        control = attempts(site, ["update clinic.appointments set visit_reason = visit_reason"])
    assert dict.fromkeys(AROUND, REFUSED) == dict(zip(AROUND, told, strict=True))
    assert control == ([REFUSED] if role == "patient" else [str(int(control[0]) or "none")])


@pytest.mark.parametrize("setting", ["app.entered_clinic_id", "app.current_clinic_id"])
def test_a_plain_setting_does_not_move_the_booking(
    desk: World, other_world: World, setting: str
) -> None:
    """The functions note the verified clinic in a setting: writing it first helps nobody."""
    other_world.make_slots(days=0)
    theirs = other_world.free_slots(1)[0].id
    with connect() as site, site.transaction(force_rollback=True):
        site.execute(OPEN, opening_values(context_of(desk, desk.bob)))
        site.execute("select set_config(%s, %s, true)", [setting, str(other_world.id)])
        args = ["k", desk.bob.id, desk.id, theirs, other_world.patient.id, None, "consultation"]
        row = site.execute(BOOK, args).fetchone()
        assert row
        assert row[0]["code"] == "slot_not_found"
        seen = site.execute("select count(*) from clinic.patients where clinic_id = %s",
                            [other_world.id]).fetchone()  # fmt: skip
    assert seen == (0,)


@pytest.mark.parametrize("at", ["question", "commit"])
def test_a_lost_connection_has_a_name(desk: World, admin_url: str, at: str) -> None:
    """And leaves nothing; the next use of the site has a new connection."""
    slot = desk.free_slots(1)[0].id
    ids = {"user_id": desk.bob.id, "clinic_id": desk.id, "patient_id": desk.patient.id}

    def lose() -> None:
        with desk.as_user(desk.bob):
            if at == "commit":
                book_appointment(idempotency_key=str(slot), slot_id=slot, **ids)
            with connect(admin_url) as admin:
                pid = connection.connection.info.backend_pid
                admin.execute("select pg_terminate_backend(%s, 5000)", [pid])
            if at == "question":
                book_appointment(idempotency_key=str(slot), slot_id=slot, **ids)

    with pytest.raises(Unavailable):
        lose()
    connection.close_if_unusable_or_obsolete()
    assert left(desk, slot) == (0, 0)
    with desk.as_user(desk.bob):
        outcome = book_appointment(idempotency_key=str(slot), slot_id=slot, **ids)
    assert (outcome.ok, outcome.idempotent) == (True, False)
