"""Appointment and patient numbers: per clinic and local day, never repeated, never cut."""

import datetime as dt
import re
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, connections

from booking.models import AppointmentCounter
from clinic.errors import NotFound, translate
from tests.booking.life import visit_tomorrow
from tests.booking.serving import move
from tests.factories import PatientFactory, World, make_world
from tests.races import ask, at_once, context_of, desks

NEXT = "select clinic.generate_appointment_number(%s)"


def next_number(world: World, code: str | None = None) -> str:
    with world.as_user(world.bob), connection.cursor() as cursor:
        cursor.execute(NEXT, [code or world.clinic.code])
        return str(cursor.fetchone()[0])


def local_day(world: World) -> dt.date:
    return dt.datetime.now(ZoneInfo(world.clinic.time_zone)).date()


def counted(world: World, value: int) -> None:
    """So many numbers have been given today."""
    with world.as_owner():
        AppointmentCounter.objects.using("owner").update_or_create(
            clinic_id=world.id, day=local_day(world), defaults={"last_value": value}
        )


@pytest.mark.parametrize(
    ("given", "following"),
    [(0, "0001"), (8, "0009"), (998, "0999"), (9998, "9999"), (9999, "10000"), (10000, "10001"),
     (99999, "100000")],
)  # fmt: skip
def test_numbers_grow_past_four_digits(world: World, given: int, following: str) -> None:
    if given:
        counted(world, given)
    day = local_day(world)
    assert next_number(world) == f"{world.clinic.code}-{day:%Y%m%d}-{following}"


def test_9999_to_10000_stay_apart(world: World) -> None:
    counted(world, 9997)
    numbers = [next_number(world).rpartition("-")[2] for _ in range(5)]
    assert numbers == ["9998", "9999", "10000", "10001", "10002"]


def test_a_move_takes_no_number(world: World) -> None:
    world.make_slots()
    visit = visit_tomorrow(world)
    with world.as_owner():
        AppointmentCounter.objects.using("owner").filter(clinic_id=world.id).delete()
    other_day = world.free_slots()[-1]
    assert other_day.slot_date > visit.appointment_date
    assert move(world, visit.pk, other_day).ok
    assert next_number(world).endswith("-0001")


@pytest.mark.parametrize("code", ["A_B", "AXB", "A-B_C", "Z9"])
def test_a_code_with_an_underscore_counts_its_own(code: str) -> None:
    """A LIKE pattern would have taken A_B and AXB for one."""
    tail = dt.datetime.now().strftime("%H%M%S%f")
    world = make_world(code=f"{code}{tail}"[:20])
    assert next_number(world).endswith("-0001")
    assert next_number(world).startswith(f"{world.clinic.code}-")


@pytest.mark.parametrize(
    "zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "America/St_Johns"]
)
def test_the_date_is_the_clinics_own(zone: str) -> None:
    """26 hours lie between the first two: one of them is not on the server's day."""
    world = make_world(time_zone=zone)
    before = local_day(world)
    with world.as_user(world.bob), connection.cursor() as cursor:
        cursor.execute("select set_config('TimeZone', 'Etc/GMT+12', true)")
        cursor.execute(NEXT, [world.clinic.code])
        number = cursor.fetchone()[0]
    day = re.findall(r"-(\d{8})-", number)
    assert day in ([f"{before:%Y%m%d}"], [f"{local_day(world):%Y%m%d}"])


def test_the_two_ends_of_the_world_differ() -> None:
    days = [local_day(make_world(time_zone=z)) for z in ("Pacific/Kiritimati", "Pacific/Pago_Pago")]
    assert days[0] > days[1], "the control: these zones never share a day"


def test_each_day_begins_with_one(world: World) -> None:
    counted(world, 41)
    yesterday = local_day(world) - dt.timedelta(days=1)
    with world.as_owner():
        counters = AppointmentCounter.objects.using("owner").filter(clinic_id=world.id)
        counters.update(day=yesterday)
    assert next_number(world).endswith("-0001")


@pytest.mark.parametrize("whose", ["other", "missing", "prefix", "pattern"])
def test_only_ones_own_code(world: World, other_world: World, whose: str) -> None:
    code = {
        "other": other_world.clinic.code, "missing": "NOSUCH", "prefix": world.clinic.code[:-1],
        "pattern": world.clinic.code[:-1] + "%",
    }[whose]  # fmt: skip
    with pytest.raises(DatabaseError, match="no clinic with this code") as raised:
        next_number(world, code)
    assert isinstance(translate(raised.value), NotFound)
    assert next_number(world).endswith("-0001")


def test_numbers_under_fire_are_each_given_once(world: World) -> None:
    """320 numbers from 16 connections: no repeat, and no gap as nobody rolls back."""
    context, code = context_of(world, world.bob), world.clinic.code
    with desks(16) as open_desks:
        batches = at_once([
            partial(lambda desk: [ask(desk, context, NEXT, [code]) for _ in range(20)], d)
            for d in open_desks
        ])  # fmt: skip
    numbers = sorted(int(number.rpartition("-")[2]) for batch in batches for number in batch)
    assert numbers == list(range(1, 321))


def test_a_rolled_back_number_is_no_repeat(world: World) -> None:
    context, code = context_of(world, world.bob), world.clinic.code
    first = next_number(world)
    with desks(1) as (desk,):
        with desk.transaction(force_rollback=True):
            ask(desk, context, NEXT, [code])
        assert ask(desk, context, NEXT, [code]) > first


def patient_numbers(world: World, count: int) -> list[str]:
    """The numbers of so many new patients."""
    with world.as_owner():
        made: list[Any] = PatientFactory.create_batch(count, clinic=world.clinic)
        for patient in made:
            patient.refresh_from_db(using="owner", fields=["patient_number"])
    return [patient.patient_number for patient in made]


def test_patient_numbers_are_the_clinics_own(world: World, other_world: World) -> None:
    assert patient_numbers(world, 3) == ["P-00002", "P-00003", "P-00004"]
    with other_world.as_owner():
        other_world.patient.refresh_from_db(using="owner")
    assert other_world.patient.patient_number == "P-00001"


def test_patient_numbers_are_not_cut(world: World) -> None:
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute("update clinic.number_counters set last_value = 99998 where kind = 'p'")
    assert patient_numbers(world, 3) == ["P-99999", "P-100000", "P-100001"]
