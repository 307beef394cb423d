"""booking.find_slots: what is free, to whom, in which order. No page is involved."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, DataError, connection

from booking.finding import FoundSlot, Wish, find_slots
from booking.models import Appointment, AppointmentSlot
from booking.services.appointments import book_appointment, cancel_appointment, hold_slot
from clinic.errors import NoTenant
from clinic.models import Doctor, DoctorLeave
from tests.booking.life import read, slot, visit_tomorrow
from tests.factories import PatientFactory, World, make_world

ZONE = ZoneInfo("Asia/Singapore")


@pytest.fixture
def here(world: World) -> World:
    world.make_slots(days=6)
    return world


def find(world: World, user: Any = None, role: str | None = None, **wish: Any) -> list[FoundSlot]:
    with world.as_user(user or world.bob, role):
        return find_slots(Wish(**{"limit": 200, **wish}))


def ids(found: list[FoundSlot]) -> list[Any]:
    return [one.id for one in found]


def change(world: World, pk: Any, **columns: Any) -> None:
    with world.as_owner():
        AppointmentSlot.objects.using("owner").filter(pk=pk).update(**columns)


def booked(world: World, pk: Any, patient: Any = None) -> Any:
    with world.as_user(world.bob):
        return book_appointment(
            idempotency_key=str(uuid.uuid4()), user_id=world.bob.id, clinic_id=world.id,
            slot_id=pk, patient_id=(patient or world.patient).pk,
        )  # fmt: skip


def second_doctor(world: World, **more: Any) -> Doctor:
    """Dr Berg, with free times of tomorrow from nine to twelve."""
    berg = world.add_doctor(full_name="Dr Berg", ends=dt.time(12), **more)
    world.make_slots(days=0, doctor=berg)
    return berg


def test_everyone_finds_the_same(here: World) -> None:
    with here.as_user(here.alice):
        assert hold_slot(slot_id=here.free_slots()[2].pk).ok
    visit_tomorrow(here, 4)
    of_bob = ids(find(here))
    assert len(of_bob) > 50
    for user in (here.chen, here.nur):
        assert ids(find(here, user)) == of_bob
    # A patient the same, but for the times at which they are somewhere themselves.
    with here.as_owner():
        other = PatientFactory(clinic=here.clinic, user=None)
    assert set(of_bob) >= set(ids(find(here, here.dana)))
    assert ids(find(here, patient_id=other.pk)) == of_bob


def test_what_is_found_can_be_booked_and_nothing_else(here: World) -> None:
    """Each thing that stands against a booking takes the time out; create_booking says the same."""
    free = here.free_slots()[:8]
    with here.as_owner():
        patients = [PatientFactory(clinic=here.clinic) for _ in range(2)]
        DoctorLeave.objects.using("owner").create(
            clinic=here.clinic, doctor=here.doctor, starts_at=free[0].starts_at,
            ends_at=free[0].ends_at,
        )  # fmt: skip
        Appointment.objects.using("owner").create(
            clinic=here.clinic, doctor=here.doctor, patient=patients[0], appointment_number="X",
            starts_at=free[4].starts_at - dt.timedelta(minutes=5),
            ends_at=free[4].starts_at + dt.timedelta(minutes=5), duration_minutes=10,
            appointment_date=free[4].slot_date, appointment_time=free[4].slot_time,
        )  # fmt: skip
    change(here, free[1].pk, is_blocked=True)
    assert booked(here, free[2].pk, patients[0]).ok
    with here.as_user(here.alice):
        assert hold_slot(slot_id=free[5].pk).ok
    found = set(ids(find(here)))
    for one in free:
        outcome = booked(here, one.pk, patients[1])
        assert outcome.ok == (one.pk in found), (one, outcome)
        if outcome.ok:
            with here.as_user(here.bob):
                cancel_appointment(
                    idempotency_key=str(uuid.uuid4()), appointment_id=outcome.appointment_id,
                    reason="x",
                )  # fmt: skip


@pytest.mark.parametrize("columns", [
    {"is_active": False}, {"deleted_at": dt.datetime.now(dt.UTC)},
    {"license_expiry": dt.date(2020, 1, 1)},
])  # fmt: skip
def test_doctors_who_see_nobody(here: World, columns: dict[str, Any]) -> None:
    assert find(here)
    with here.as_owner():
        Doctor.objects.using("owner").filter(pk=here.doctor.pk).update(**columns)
    assert find(here) == []


def test_a_licence_that_ends(here: World) -> None:
    last = dt.datetime.now(ZONE).date() + dt.timedelta(2)
    with here.as_owner():
        Doctor.objects.using("owner").filter(pk=here.doctor.pk).update(license_expiry=last)
    assert max(one.day for one in find(here)) == last


def test_the_past_is_left_out(here: World) -> None:
    first = find(here)[0]
    gone = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
    change(here, first.id, starts_at=gone, ends_at=gone + dt.timedelta(minutes=15))
    assert first.id not in ids(find(here, after=gone - dt.timedelta(days=1)))


def test_filters(here: World) -> None:
    berg = second_doctor(here, specializations=["Skin"])
    assert {one.doctor_id for one in find(here)} == {berg.pk, here.doctor.pk}
    assert {one.doctor for one in find(here, doctor_ids=(berg.pk,))} == {"Dr Berg"}
    assert {one.doctor for one in find(here, subject="Skin")} == {"Dr Berg"}
    assert find(here, subject="Heart") == []
    afternoon = [one.starts_at.astimezone(ZONE) for one in find(here, part="afternoon")]
    assert {at.hour for at in afternoon} == {12, 13, 14, 15, 16}
    monday = find(here, weekdays=(1,))
    assert {one.day.isoweekday() for one in monday} == {1}
    assert find(here, minutes=16) == []
    until = find(here)[0].starts_at
    assert find(here, until=until) == []
    assert find(here, after=until, until=until + dt.timedelta(minutes=1))[0].starts_at == until


def test_where_the_patient_is_already(here: World) -> None:
    second_doctor(here)
    visit = visit_tomorrow(here)
    assert not [one for one in find(here, patient_id=here.patient.pk) if overlaps(one, visit)]
    assert [one for one in find(here) if overlaps(one, visit)]
    moving = find(here, patient_id=here.patient.pk, moving=visit.pk)
    assert [one for one in moving if overlaps(one, visit)]
    # Dana's own busy hours count without being named; another's are not hers to know.
    assert not [one for one in find(here, here.dana) if overlaps(one, visit)]
    with here.as_owner():
        other = PatientFactory(clinic=here.clinic)
    assert booked(here, find(here)[9].id, other).ok
    assert ids(find(here, here.dana, patient_id=other.pk)) == ids(find(here, here.dana))


def overlaps(one: FoundSlot, visit: Appointment) -> bool:
    return one.starts_at < visit.ends_at and visit.starts_at < one.ends_at


def test_packing_the_day(here: World) -> None:
    """The formula, on a day of eight times of which the third is booked."""
    day = find(here)[0].day
    with here.as_owner():
        slots = list(
            AppointmentSlot.objects.using("owner")
            .filter(clinic_id=here.id, slot_date=day)
            .order_by("starts_at")
        )
        for one in slots[8:]:
            AppointmentSlot.objects.using("owner").filter(pk=one.pk).update(is_blocked=True)
    assert booked(here, slots[2].pk).ok
    found = [one for one in find(here, compact=True) if one.day == day]
    scores = {ids_of: one.score for one in found for ids_of in [slots_index(slots, one)]}
    #  first: an edge; beside the booked one: 2; the last: an edge; between free ones: 0
    assert scores == {0: 1, 1: 2, 3: 2, 4: 0, 5: 0, 6: 0, 7: 1}
    assert [slots_index(slots, one) for one in found] == [1, 3, 0, 7, 4, 5, 6]
    assert booked(here, slots[0].pk, here.add_patient()).ok
    found = [one for one in find(here, compact=True) if one.day == day]
    assert (slots_index(slots, found[0]), found[0].score) == (1, 4)
    assert all(one.score is None for one in find(here))


def slots_index(slots: list[AppointmentSlot], one: FoundSlot) -> int:
    return [slot.pk for slot in slots].index(one.id)


def test_an_earlier_day_comes_before_a_better_score(here: World) -> None:
    days = sorted({one.day for one in find(here)})
    later = [one for one in find(here) if one.day == days[1]]
    assert booked(here, later[3].id).ok
    found = find(here, compact=True, limit=40)
    assert [one.day for one in found] == sorted(one.day for one in found)
    assert len(found) == 40
    assert found[0].day == days[0]


def test_a_held_neighbour_counts_as_taken(here: World) -> None:
    first = find(here)
    with here.as_user(here.alice):
        assert hold_slot(slot_id=first[4].id).ok
    best = find(here, compact=True, limit=2)
    assert {one.starts_at for one in best} == {first[3].starts_at, first[5].starts_at}


def test_the_limit_and_the_horizon(here: World) -> None:
    assert len(find(here, limit=7)) == 7
    assert [ids(find(here, limit=n)) for n in (1, 3)] == [ids(find(here))[:n] for n in (1, 3)]
    far = slot(here, here.free_slots()[-1].pk)
    with here.as_owner():
        others = AppointmentSlot.objects.using("owner").filter(clinic_id=here.id)
        others.exclude(pk=far.pk).update(is_blocked=True)
    at = dt.datetime.now(dt.UTC) + dt.timedelta(days=80)
    change(here, far.pk, starts_at=at, ends_at=at + dt.timedelta(minutes=15))
    assert far.pk in ids(find(here))
    change(
        here, far.pk, starts_at=at + dt.timedelta(days=20),
        ends_at=at + dt.timedelta(days=20, minutes=15),
    )  # fmt: skip
    assert far.pk not in ids(find(here))
    assert far.pk in ids(find(here, until=at + dt.timedelta(days=30)))
    for bad in ({"limit": 0}, {"limit": 201}, {"until": at + dt.timedelta(days=900)}):
        with pytest.raises(DatabaseError) as refused:
            find(here, **bad)
        assert isinstance(refused.value, DataError)


def test_the_day_of_a_clinic_in_another_zone(world: World) -> None:
    """A part of the day and a weekday are those of the wall there, over a change of the clocks."""
    with world.as_owner():
        type(world.clinic).objects.using("owner").filter(pk=world.id).update(
            time_zone="America/New_York"
        )
        rows = []
        zone = ZoneInfo("America/New_York")
        for day in (dt.date(2027, 3, 13), dt.date(2027, 3, 14), dt.date(2027, 11, 7)):
            at = dt.datetime.combine(day, dt.time(17), zone)
            rows.append(AppointmentSlot(
                clinic=world.clinic, doctor=world.doctor, slot_date=day, slot_time=dt.time(17),
                starts_at=at, ends_at=at + dt.timedelta(minutes=15),
            ))  # fmt: skip
        AppointmentSlot.objects.using("owner").bulk_create(rows)
    start = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    span = {"after": start, "until": start + dt.timedelta(days=364)}
    assert [one.day for one in find(world, part="evening", **span)] == [r.slot_date for r in rows]
    assert [one.day for one in find(world, weekdays=(7,), **span)] == [
        r.slot_date for r in rows[1:]
    ]
    assert find(world, part="afternoon", **span) == []
    assert [one.day for one in find(world, compact=True, **span)] == [r.slot_date for r in rows]


def test_a_patient_moves_nobody_elses_visit(here: World) -> None:
    """What would be free without a visit tells when that visit is."""
    free = here.free_slots()[3]
    with here.as_owner():
        theirs = Appointment.objects.using("owner").create(
            clinic=here.clinic, doctor=here.doctor, appointment_number="Y",
            patient=PatientFactory(clinic=here.clinic), starts_at=free.starts_at,
            ends_at=free.ends_at, duration_minutes=free.duration_minutes,
            appointment_date=free.slot_date, appointment_time=free.slot_time,
        )  # fmt: skip
    assert free.pk in ids(find(here, moving=theirs.pk))
    assert free.pk not in ids(find(here, here.dana, moving=theirs.pk))


def test_no_other_clinic_and_no_context(here: World) -> None:
    other = make_world()
    other.make_slots(days=0)
    mine = set(ids(find(here)))
    assert mine.isdisjoint(ids(find(other)))
    assert find(here, doctor_ids=(other.doctor.pk,)) == []
    theirs = visit_tomorrow(other)
    assert ids(find(here, patient_id=other.patient.pk, moving=theirs.pk)) == ids(find(here))
    with pytest.raises((NoTenant, DatabaseError)):
        find_slots(Wish())
    connection.close()
    assert read(other, theirs.pk).status == "scheduled"
