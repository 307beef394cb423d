"""Holds: a time kept for one user or one patient, until the clock of the database ends it."""

import datetime as dt
import uuid
from functools import partial
from typing import Any

import pytest
from django.db import ProgrammingError, connections

from booking.models import AppointmentSlot
from booking.services.appointments import BookingOutcome, book_appointment, hold_slot, release_slot
from messaging.models import Notification
from tests.booking.life import slot
from tests.factories import PatientFactory, World, make_world
from tests.factories.people import MembershipFactory, UserFactory
from tests.races import ask, at_once, context_of, desks


@pytest.fixture
def held(world: World) -> AppointmentSlot:
    """A free slot of tomorrow that Bob holds."""
    world.make_slots(days=0)
    free = world.free_slots(1)[0]
    with world.as_user(world.bob):
        assert hold_slot(slot_id=free.pk).ok
    return slot(world, free.pk)


def book(world: World, slot_id: Any, user: Any, patient_id: Any = None) -> BookingOutcome:
    with world.as_user(user):
        return book_appointment(
            idempotency_key=str(uuid.uuid4()), user_id=user.id, clinic_id=world.id,
            slot_id=slot_id, patient_id=patient_id or world.patient.id,
        )  # fmt: skip


def set_hold(world: World, slot_id: Any, **columns: Any) -> None:
    with world.as_owner():
        AppointmentSlot.objects.using("owner").filter(pk=slot_id).update(**columns)


def in_minutes(minutes: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)


def test_a_hold_is_the_users_and_ends(world: World, held: AppointmentSlot) -> None:
    assert held.held_by_id == world.bob.id
    left = held.held_until - dt.datetime.now(dt.UTC)
    assert dt.timedelta(minutes=4) < left <= dt.timedelta(minutes=5)
    assert book(world, held.pk, world.alice).code == "slot_unavailable"
    assert book(world, held.pk, world.dana).code == "slot_unavailable"
    set_hold(world, held.pk, held_until=in_minutes(-0.01))
    assert book(world, held.pk, world.alice).ok


def test_who_holds_it_books_it_and_the_hold_is_over(world: World, held: AppointmentSlot) -> None:
    assert book(world, held.pk, world.bob).ok
    now = slot(world, held.pk)
    assert (now.held_until, now.held_by_id, now.is_available) == (None, None, False)


def test_a_hold_for_a_patient_is_theirs_whoever_books(world: World, held: AppointmentSlot) -> None:
    with world.as_owner():
        other = PatientFactory(clinic=world.clinic)
    set_hold(world, held.pk, held_until=in_minutes(5), held_by=None, held_for=world.patient)
    assert book(world, held.pk, world.bob, other.pk).code == "slot_unavailable"
    assert book(world, held.pk, world.alice).ok


def test_holding_again_starts_anew(world: World, held: AppointmentSlot) -> None:
    set_hold(world, held.pk, held_until=in_minutes(1))
    with world.as_user(world.bob):
        again = hold_slot(slot_id=held.pk, seconds=900)
    assert again.held_until > in_minutes(14)
    with world.as_user(world.alice):
        assert hold_slot(slot_id=held.pk).code == "slot_unavailable"


def test_only_the_holder_lets_go(world: World, held: AppointmentSlot) -> None:
    with world.as_user(world.alice):
        assert release_slot(slot_id=held.pk).code == "slot_not_found"
    with world.as_user(world.bob):
        assert release_slot(slot_id=held.pk).ok
    assert slot(world, held.pk).held_until is None


def test_what_cannot_be_held(world: World, other_world: World) -> None:
    world.make_slots(days=0)
    other_world.make_slots(days=0)
    taken, blocked, past, *_ = world.free_slots()
    assert book(world, taken.pk, world.bob).ok
    set_hold(world, blocked.pk, is_blocked=True)
    ago = in_minutes(-60)
    set_hold(world, past.pk, starts_at=ago, ends_at=ago + (past.ends_at - past.starts_at))
    elsewhere = other_world.free_slots(1)[0]
    with world.as_user(world.bob):
        codes = [
            hold_slot(slot_id=pk).code
            for pk in (taken.pk, blocked.pk, past.pk, elsewhere.pk, uuid.uuid4())
        ]
        lengths = [hold_slot(slot_id=world.patient.id, seconds=n).code for n in (0, -1, 901)]
    assert codes == [
        "slot_unavailable", "slot_blocked", "slot_past", "slot_not_found", "slot_not_found",
    ]  # fmt: skip
    assert lengths == ["invalid_input"] * 3
    with world.as_user(world.chen), pytest.raises(ProgrammingError, match="permission denied"):
        hold_slot(slot_id=taken.pk)


def test_nobody_holds_everything(world: World) -> None:
    world.make_slots(days=0)
    free = [s.pk for s in world.free_slots()[:7]]
    with world.as_user(world.dana):
        assert [hold_slot(slot_id=pk).code for pk in free[:2]] == [None, "hold_limit"]
    with world.as_user(world.bob):
        assert [hold_slot(slot_id=pk).code for pk in free[1:]] == [None] * 5 + ["hold_limit"]


def test_of_many_who_want_it_one_holds_it() -> None:
    world = make_world()
    world.make_slots(days=0)
    free = world.free_slots(1)[0]
    with world.as_owner():
        users = [UserFactory(clinic=world.clinic, role="staff") for _ in range(8)]
        for user in users:
            MembershipFactory(clinic=world.clinic, user=user, role="staff")
    hold = "select booking.hold_slot(%s)"
    with desks(len(users)) as open_desks:
        pairs = zip(open_desks, users, strict=True)
        answers = at_once(
            [partial(ask, c, context_of(world, user), hold, [free.pk]) for c, user in pairs]
        )
    assert sorted(a.get("code", "held") for a in answers) == ["held"] + ["slot_unavailable"] * 7


def test_a_notice_waits_and_can_be_withdrawn(world: World) -> None:
    """By the channel that the patient agreed to; nobody who agreed to none is told anything."""
    with world.as_owner(), connections["owner"].cursor() as cursor:
        silent = PatientFactory(clinic=world.clinic, phone="+6591234567")
        told = PatientFactory(clinic=world.clinic, phone="+6591234568", sms_consent=True)
        queue = "select booking.queue_notice(%s, %s, 'appointment_moved', %s)"
        words = '{"clinic": "Tampines", "when": "Mon 3 Mar 10:00", "doctor": "Dr Chen"}'
        cursor.execute(queue, [world.id, silent.pk, words])
        assert cursor.fetchone() == (None,)
        cursor.execute(queue, [world.id, told.pk, words])
        (notice_id,) = cursor.fetchone()
        cursor.execute("select booking.withdraw_notice(%s, %s)", [world.id, notice_id])
        assert cursor.fetchone() == (True,)
        cursor.execute("select booking.withdraw_notice(%s, %s)", [world.id, notice_id])
        assert cursor.fetchone() == (False,)
        found = Notification.objects.using("owner").get(pk=notice_id)
    assert (found.channel, found.recipient, found.status) == ("sms", "+6591234568", "withdrawn")
    assert found.message == "Tampines: your appointment is moved to Mon 3 Mar 10:00 with Dr Chen."
    assert found.scheduled_for > in_minutes(2)


def test_a_patient_does_not_learn_for_whom_a_time_is_held(world: World) -> None:
    """Whoever names another's record gets one answer, held for that one or not, or for nobody."""
    world.make_slots(days=0)
    free = world.free_slots(1)[0]
    with world.as_owner():
        waiting, other = PatientFactory.create_batch(2, clinic=world.clinic)
    for held_for in (None, waiting.pk, other.pk, world.patient.pk):
        until = in_minutes(5) if held_for else None
        set_hold(world, free.pk, held_until=until, held_for=held_for, held_by=None)
        for named in (waiting.pk, other.pk, uuid.uuid4()):
            assert book(world, free.pk, world.dana, named).code == "patient_not_found"
    set_hold(world, free.pk, held_for=waiting.pk)
    assert book(world, free.pk, world.dana).code == "slot_unavailable"


@pytest.mark.parametrize("who", ["nur", "chen"])
def test_nurses_and_doctors_do_not_see_for_whom(world: World, who: str) -> None:
    world.make_slots(days=0)
    with world.as_user(getattr(world, who)):
        assert AppointmentSlot.objects.values_list("held_until", "held_by", "covered_by").exists()
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        world.as_user(getattr(world, who)),
    ):
        AppointmentSlot.objects.values_list("held_for").first()
