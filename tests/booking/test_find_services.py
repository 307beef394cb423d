"""Finding times for a service: what is found is what can be booked, and nothing else."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.test import Client

from booking.finding import FoundSlot, Wish, find_slots
from booking.models import AppointmentResource, AppointmentSlot, Service
from booking.services.appointments import hold_slot
from clinic.models import DoctorLeave
from tests.booking.serving import (
    gives,
    make_pool,
    make_service,
    move,
    row,
    second_doctor,
    serve,
    slots_of,
)
from tests.factories import World, make_world

ZONE = ZoneInfo("Asia/Singapore")


@pytest.fixture
def slots(world: World) -> list[AppointmentSlot]:
    """09:00 to 17:00 tomorrow, a quarter of an hour each."""
    world.make_slots(days=0)
    return slots_of(world)


def find(world: World, service: Service | None, user: Any = None, **wish: Any) -> list[FoundSlot]:
    with world.as_user(user or world.bob):
        return find_slots(Wish(**{
            "limit": 200, "service_id": service and service.id, "patient_id": world.patient.pk,
            **wish,
        }))  # fmt: skip


def times(world: World, found: list[FoundSlot]) -> list[str]:
    return [f"{one.starts_at.astimezone(ZONE):%H:%M}" for one in found]


def bookable(world: World, service: Service) -> set[uuid.UUID]:
    """Every slot at which create_booking would say yes."""
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "select id from clinic.appointment_slots s where clinic_id = %s"
            " and booking.booking_refusal(%s, s.id, %s, null, %s, null, %s) is null",
            [world.id, world.id, world.patient.pk, world.bob.pk, service.pk],
        )
        return {pk for (pk,) in cursor.fetchall()}


def agrees(world: World, service: Service) -> list[FoundSlot]:
    """What is found, once it is shown to be what can be booked, whatever the order."""
    found = find(world, service)
    assert {one.id for one in found} == bookable(world, service)
    assert {one.id for one in find(world, service, compact=True)} == bookable(world, service)
    return found


def test_all_of_it_fits(world: World, slots: list[AppointmentSlot]) -> None:
    service = make_service(world, 40)
    serve(world, None, slots[4], patient=world.add_patient())
    found = agrees(world, service)
    assert times(world, found)[:4] == ["09:00", "09:15", "10:15", "10:30"]
    assert times(world, found)[-1] == "16:15", "the last that ends within the hours"
    assert {(one.minutes, one.ends_at - one.starts_at) for one in found} == {
        (40, dt.timedelta(minutes=40))
    }


def test_buffers_are_kept(world: World, slots: list[AppointmentSlot]) -> None:
    service = make_service(world, 15, buffers=(10, 20))
    serve(world, None, slots[4], patient=world.add_patient())
    assert times(world, agrees(world, service))[:3] == ["09:00", "09:15", "10:30"]


def test_only_who_gives_it_and_as_long_as_it_takes_them(
    world: World, slots: list[AppointmentSlot]
) -> None:
    doctor, theirs = second_doctor(world)
    service = make_service(world, 60)
    assert {one.doctor_id for one in agrees(world, service)} == {world.doctor.pk}
    gives(world, service, doctor, duration_minutes=30)
    found = agrees(world, service)
    assert {(one.doctor_id, one.minutes) for one in found} == {
        (world.doctor.pk, 60), (doctor.pk, 30),
    }  # fmt: skip
    assert theirs[0].pk in {one.id for one in found}
    assert find(world, service, subject="Nothing") == []


def test_a_room_must_be_free(world: World, slots: list[AppointmentSlot]) -> None:
    doctor, theirs = second_doctor(world)
    service = make_service(world, 30, doctors=[world.doctor, doctor], pools=[make_pool(world, 1)])
    assert serve(world, service, theirs[2], patient=world.add_patient()).ok  # 09:30 to 10:00
    found = [one for one in agrees(world, service) if one.doctor_id == world.doctor.pk]
    assert times(world, found)[:3] == ["09:00", "10:00", "10:15"]


def test_what_stands_against_the_end_of_it_counts(
    world: World, slots: list[AppointmentSlot]
) -> None:
    service = make_service(world, 45)
    with world.as_owner():
        DoctorLeave.objects.using("owner").create(
            clinic=world.clinic, doctor=world.doctor, starts_at=slots[6].starts_at,
            ends_at=slots[8].starts_at,
        )  # fmt: skip
        AppointmentSlot.objects.using("owner").filter(pk=slots[12].pk).update(is_blocked=True)
    with world.as_user(world.alice):
        assert hold_slot(slot_id=slots[20].pk).ok
    _, theirs = second_doctor(world)
    assert serve(world, None, theirs[28]).ok  # the patient's own visit, at 16:00
    found = times(world, agrees(world, service))
    assert found == [
        "09:00", "09:15", "09:30", "09:45", "11:00", "11:15", "12:15", "12:30", "12:45", "13:00",
        "13:15", "14:15", "14:30", "14:45", "15:00", "15:15", "16:15",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def half_full(django_db_setup: None) -> tuple[World, Service]:
    """Two full days of five, for tests that only look."""
    world = make_world()
    world.make_slots(days=4)
    service = make_service(world, 30)
    for slot in slots_of(world)[:70]:
        serve(world, None, slot, patient=world.add_patient())
    return world, service


@pytest.mark.parametrize("limit", [1, 3, 40])
def test_the_first_ones_come_first(half_full: tuple[World, Service], limit: int) -> None:
    world, service = half_full
    every = find(world, service, patient_id=None)
    assert len(every) > limit
    assert find(world, service, limit=limit, patient_id=None) == every[:limit]
    packed = find(world, service, limit=200, compact=True, patient_id=None)
    assert find(world, service, limit=limit, compact=True, patient_id=None) == packed[:limit]


def test_what_is_moved_stays_what_it_is(world: World, slots: list[AppointmentSlot]) -> None:
    service = make_service(world, 45)
    visit = serve(world, service, slots[0]).appointment_id
    serve(world, None, slots[8], patient=world.add_patient())
    found = find(world, None, moving=visit)
    assert times(world, found)[:4] == ["09:45", "10:00", "10:15", "11:15"]
    assert {one.minutes for one in found} == {45}
    assert move(world, visit, slots[5]).ok
    assert row(world, visit).starts_at == slots[5].starts_at


def test_patients_find_what_they_may_book(world: World, slots: list[AppointmentSlot]) -> None:
    hidden = make_service(world, 30, online_bookable=False)
    open_one = make_service(world, 30, name="Check", online_bookable=True)
    assert find(world, hidden, world.dana) == []
    assert len(find(world, open_one, world.dana)) == len(slots) - 1
    assert find(world, hidden) != []


def test_another_clinics_service_finds_nothing(
    world: World, other_world: World, slots: list[AppointmentSlot]
) -> None:
    theirs = make_service(other_world, 30)
    assert find(world, theirs) == []


def test_the_page_finds_and_leads_to_the_form(
    world: World, slots: list[AppointmentSlot], login: Any
) -> None:
    service = make_service(world, 45, name="Ultrasound scan", pools=[make_pool(world, 1)])
    serve(world, None, slots[4], patient=world.add_patient())
    desk: Client = login(world.bob)
    base = f"/c/{world.clinic.code}"
    text = desk.get(f"{base}/find/").text
    assert f'<option value="{service.pk}">Ultrasound scan</option>' in text
    text = desk.get(f"{base}/find/", {"kind": service.pk}).text
    assert f'<option value="{service.pk}" selected>' in text
    first = f"{base}/appointments/new/?slot={slots[0].pk}&amp;kind={service.pk}"
    assert first in text
    assert f"slot={slots[2].pk}" not in text, "09:30 runs into the visit at ten"
    form = desk.get(first.replace("&amp;", "&")).text
    assert f'<option value="{service.pk}" selected>Ultrasound scan, 45 min, until 09:45' in form
    assert desk.get(f"{base}/find/", {"kind": uuid.uuid4()}).status_code == 422


def test_programs_find_and_book_it(world: World, slots: list[AppointmentSlot], login: Any) -> None:
    service = make_service(world, 45, pools=[make_pool(world, 1)])
    desk: Client = login(world.bob)
    base = f"/c/{world.clinic.code}/api"
    (first, *_) = desk.get(f"{base}/$find", {"service": service.pk}).json()["slots"]
    assert (first["slot_id"], first["minutes"]) == (str(slots[0].pk), 45)
    answer = desk.post(
        f"{base}/$book",
        {"slot_id": first["slot_id"], "patient_id": str(world.patient.pk),
         "service_id": str(service.pk)},
        content_type="application/json", headers={"Idempotency-Key": "one"},
    )  # fmt: skip
    assert answer.status_code == 201
    with world.as_owner():
        kept = AppointmentResource.objects.using("owner").filter(
            appointment_id=answer.json()["appointment_id"]
        )
        assert kept.count() == 1
    assert desk.get(f"{base}/$find", {"service": "nonsense"}).status_code == 422
