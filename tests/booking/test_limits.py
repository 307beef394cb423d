"""How soon, how far ahead and how many: patients are held to it, the desk gives a reason.

With what else changes between a list and a click (B29, B30 of the requirements).
"""

import datetime as dt
import uuid
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.utils import timezone

from booking.models import AppointmentSlot, LimitPermit
from booking.services.appointments import cancel_appointment, reschedule_appointment
from booking.services.despite import book_overlapping, overbook_slot
from clinic.models import Holiday, User
from tests.booking.limits import another, ask_for, limit, permit
from tests.factories import World, make_world
from tests.races import ask, at_once, book, context_of, desks


def slot_in(world: World, seconds: float) -> AppointmentSlot:
    """A slot that begins so many seconds from now."""
    at = timezone.now() + dt.timedelta(seconds=seconds)
    wall = at.astimezone(ZoneInfo(world.clinic.time_zone))
    with world.as_owner():
        return AppointmentSlot.objects.using("owner").create(
            clinic=world.clinic, doctor=world.doctor, slot_date=wall.date(), slot_time=wall.time(),
            starts_at=at, ends_at=at + dt.timedelta(minutes=15),
        )  # fmt: skip


@pytest.fixture
def ready(world: World) -> World:
    world.make_slots(days=2)
    return world


@pytest.mark.parametrize(
    ("seconds", "lead", "patient", "desk"),
    [
        (-86400, 0, "slot_past", "slot_past"),
        (-1, 0, "slot_past", "slot_past"),
        (5, 0, None, None),
        (3590, 60, "doctor_unavailable", None),
        (3610, 60, None, None),
        (86390, 1440, "doctor_unavailable", None),
    ],
)
def test_how_soon(
    world: World, seconds: int, lead: int, patient: str | None, desk: str | None
) -> None:
    limit(world, lead_time_minutes=lead)
    slot = slot_in(world, seconds)
    assert ask_for(world, slot, world.dana).code == patient
    if patient:
        assert ask_for(world, slot, world.bob).code == desk


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Asia/Singapore", "Pacific/Pago_Pago"])
def test_how_far_ahead_by_the_clinics_days(zone: str) -> None:
    """The last minute of the last day may be booked, the first one after it not."""
    world = make_world(time_zone=zone)
    limit(world, advance_booking_days=2)
    here = ZoneInfo(zone)
    midnight = dt.datetime.combine(
        timezone.localdate(timezone=here) + dt.timedelta(days=3), dt.time(), here
    )
    ahead = (midnight - timezone.now()).total_seconds()
    assert ask_for(world, slot_in(world, ahead - 960), world.dana).ok
    after = slot_in(world, ahead + 1)
    assert ask_for(world, after, world.dana).code == "doctor_unavailable"
    assert ask_for(world, after, world.bob, another(world)).ok


def test_a_full_day_is_full_for_patients_and_for_the_desk(ready: World) -> None:
    limit(ready, max_daily_appointments=2)
    first, second, third, *_ = ready.free_slots()
    assert ask_for(ready, first, ready.bob, another(ready)).ok
    made = ask_for(ready, second, ready.bob, another(ready))
    assert made.ok
    for who in (ready.dana, ready.bob, ready.alice):
        assert ask_for(ready, third, who).code == "doctor_unavailable"
    tomorrow = [s for s in ready.free_slots() if s.slot_date > third.slot_date]
    assert ask_for(ready, tomorrow[0], ready.dana).ok
    with ready.as_user(ready.bob):
        assert cancel_appointment(
            idempotency_key="c", appointment_id=made.appointment_id, reason="Well again"
        ).ok
    other = another(ready)
    assert ask_for(ready, third, ready.bob, other).ok


def permits(world: World) -> list[tuple[Any, ...]]:
    with world.as_owner():
        found = LimitPermit.objects.using("owner").filter(clinic_id=world.id)
        return list(found.values_list("slot_id", "patient_id", "reason", "permitted_by"))


def test_the_desk_goes_over_with_a_reason_for_one_patient_and_time(ready: World) -> None:
    limit(ready, max_daily_appointments=0)
    slot, later, *_ = ready.free_slots()
    assert ask_for(ready, slot, ready.bob).code == "doctor_unavailable"
    assert permit(ready, slot.pk, ready.patient.pk, ready.bob) is None
    assert permits(ready) == [(slot.pk, ready.patient.pk, "Fever", ready.bob.id)]
    assert ask_for(ready, slot, ready.bob, another(ready)).code == "doctor_unavailable"
    assert ask_for(ready, later, ready.bob).code == "doctor_unavailable"
    assert ask_for(ready, slot, ready.dana).code == "doctor_unavailable"
    made = ask_for(ready, slot, ready.bob)
    assert made.ok
    # A move within the day adds nothing; to another full day it needs a reason again.
    moved = partial(
        reschedule_appointment, appointment_id=made.appointment_id, reason="", version=None
    )
    limit(ready, max_daily_appointments=1)
    with ready.as_user(ready.bob):
        assert moved(idempotency_key="m1", slot_id=later.pk).ok
    limit(ready, max_daily_appointments=0)
    far = next(s for s in ready.free_slots() if s.slot_date > slot.slot_date)
    with ready.as_user(ready.bob):
        assert moved(idempotency_key="m2", slot_id=far.pk).code == "doctor_unavailable"
    assert permit(ready, far.pk, ready.patient.pk, ready.alice, "Only then") is None
    with ready.as_user(ready.bob):
        assert moved(idempotency_key="m2", slot_id=far.pk).ok


def test_who_may_permit_and_what(ready: World, other_world: World) -> None:
    slot = ready.free_slots(1)[0]
    for user in (ready.chen, ready.nur, ready.dana):
        with pytest.raises(Exception, match="permission denied"):
            permit(ready, slot.pk, ready.patient.pk, user)
    for reason in ("", " ", "x" * 501):
        assert permit(ready, slot.pk, ready.patient.pk, ready.bob, reason) == "invalid_input"
    other_world.make_slots(days=0)
    for foreign in (other_world.free_slots(1)[0].pk, uuid.uuid4()):
        assert permit(ready, foreign, ready.patient.pk, ready.bob) == "slot_not_found"
    for foreign in (other_world.patient.pk, uuid.uuid4()):
        assert permit(ready, slot.pk, foreign, ready.bob) == "patient_not_found"
    assert permits(ready) == []


@pytest.mark.parametrize("online", [True, False])
def test_the_last_visit_of_a_day_is_won_once(ready: World, online: bool) -> None:
    """Eight at once for eight slots of a day that takes three more: the look before is no guard."""
    limit(ready, max_daily_appointments=3)
    slots = ready.free_slots()[:8]
    patients = [another(ready, login=online) for _ in slots]
    users = [p.user if online else ready.bob for p in patients]
    with desks(8) as open_desks:
        answers = at_once([
            partial(book, desk, context_of(ready, user), key="k" + str(slot.pk), slot=slot.pk,
                    patient=patient.pk)
            for desk, slot, patient, user in zip(open_desks, slots, patients, users, strict=True)
        ])  # fmt: skip
    codes = sorted(answer.get("code", "ok") for answer in answers)
    assert codes == ["doctor_unavailable"] * 5 + ["ok"] * 3
    assert len([s for s in ready.free_slots() if s.slot_date == slots[0].slot_date]) == 32 - 3


def test_patients_who_move_and_book_at_once_do_not_overfill(ready: World) -> None:
    limit(ready, max_daily_appointments=1)
    day = ready.free_slots(1)[0].slot_date
    here = [s for s in ready.free_slots() if s.slot_date == day][:4]
    there = [s for s in ready.free_slots() if s.slot_date > day]
    days = sorted({s.slot_date for s in there})
    movers = [another(ready, login=True) for _ in days]
    made = [
        ask_for(ready, next(s for s in there if s.slot_date == d), p.user, p)
        for d, p in zip(days, movers, strict=True)
    ]
    assert all(m.ok for m in made)
    comer = another(ready, login=True)
    with desks(3) as (one, *others):
        jobs = [
            partial(move, desk, ready, p.user, m.appointment_id, s.pk)
            for desk, p, m, s in zip(others, movers, made, here, strict=False)
        ]
        jobs.append(partial(
            book, one, context_of(ready, comer.user), key="new", slot=here[3].pk, patient=comer.pk
        ))  # fmt: skip
        answers = at_once(jobs)
    assert sorted(a.get("code", "ok") for a in answers) == [
        "doctor_unavailable", "doctor_unavailable", "ok",
    ]  # fmt: skip


def move(desk: Any, world: World, user: User, appointment: Any, slot: Any) -> Any:
    query = "select booking.reschedule_booking(%s, %s, %s, '')"
    return ask(desk, context_of(world, user), query, ["m", appointment, slot])


CHANGES: dict[str, tuple[str, str]] = {
    "the clinic is suspended": (
        "doctor_unavailable", "update clinic.clinics set is_active = false where id = '{clinic}'"
    ),
    "the clinic closes that day": (
        "doctor_unavailable",
        "insert into clinic.holidays (clinic_id, first_day, last_day, name)"
        " values ('{clinic}', '{day}', '{day}', 'Closed')",
    ),
    "the doctor goes": (
        "doctor_unavailable", "update clinic.doctors set is_active = false where id = '{doctor}'"
    ),
    "the doctor's day is over": (
        "doctor_unavailable",
        "update clinic.doctors set max_daily_appointments = 0 where id = '{doctor}'",
    ),
    "the doctor takes leave": (
        "doctor_unavailable",
        "insert into clinic.doctor_leave (clinic_id, doctor_id, starts_at, ends_at)"
        " values ('{clinic}', '{doctor}', '{day} 00:00Z', '{day} 23:59Z')",
    ),
    "the patient has died": (
        "patient_not_found", "update clinic.patients set is_active = false where id = '{patient}'"
    ),
    "the record was merged into another": (
        "patient_not_found", "update clinic.patients set deleted_at = now() where id = '{patient}'"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("who", ["bob", "dana"])
def test_between_the_list_and_the_click(ready: World, what: str, who: str) -> None:
    code, statement = CHANGES[what]
    slot = ready.free_slots(1)[0]
    with ready.as_user(getattr(ready, who)):
        assert AppointmentSlot.objects.filter(
            pk=slot.pk, is_available=True, is_blocked=False
        ).exists()  # what the list said
    with ready.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(statement.format(
            clinic=ready.id, day=slot.slot_date, doctor=ready.doctor.pk, patient=ready.patient.pk
        ))  # fmt: skip
    assert ask_for(ready, slot, getattr(ready, who)).code == code
    with ready.as_owner():
        assert AppointmentSlot.objects.using("owner").get(pk=slot.pk).is_available


def test_a_withdrawn_holiday_stands_against_nothing(ready: World) -> None:
    slot = ready.free_slots(1)[0]
    with ready.as_owner():
        closed = Holiday.objects.using("owner").create(
            clinic=ready.clinic, first_day=slot.slot_date, last_day=slot.slot_date, name="Closed"
        )
    assert ask_for(ready, slot, ready.dana).code == "doctor_unavailable"
    with ready.as_owner():
        closed.deleted_at = timezone.now()
        closed.save(using="owner")
    assert ask_for(ready, slot, ready.dana).ok


def test_a_closed_day_stands_against_deliberate_overlaps_too(ready: World) -> None:
    first, second, *_ = ready.free_slots()
    assert ask_for(ready, first, ready.bob).ok
    with ready.as_owner():
        Holiday.objects.using("owner").create(
            clinic=ready.clinic, first_day=first.slot_date, last_day=first.slot_date, name="Flood"
        )
    same = {"appointment_type": "consultation", "visit_reason": None}
    with ready.as_user(ready.alice):
        over = overbook_slot(
            idempotency_key="o", slot_id=first.pk, patient_id=another(ready).pk,
            reason_code="urgent", reason="", overlap_reason="", **same,
        )  # fmt: skip
        overlap = book_overlapping(
            idempotency_key="p", slot_id=second.pk, patient_id=ready.patient.pk,
            overlap_reason="Two complaints", **same,
        )  # fmt: skip
    assert (over.code, overlap.code) == ("doctor_unavailable", "doctor_unavailable")
