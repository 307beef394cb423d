"""Slots ahead of today: by command for every clinic, by night for each."""

import datetime as dt
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from booking.models import AppointmentSlot
from booking.tasks import NIGHT_HOUR, extend_slots
from clinic.tenancy.membership import ClinicKey, active_clinics
from tests.factories import World, make_world
from tests.jobs.worker import ask, queue_up, run_once
from tests.races import connect

# A zone of these tests alone, 13:45 ahead: where it is night, other tests' clinics are awake.
FAR, FAR_NIGHT = "Pacific/Chatham", dt.datetime(2026, 11, 21, 14, 20, tzinfo=dt.UTC)


def days_of(world: World) -> list[dt.date]:
    """The dates on which the clinic has slots, in order."""
    with world.as_owner():
        slots = AppointmentSlot.objects.using("owner").filter(clinic_id=world.id)
        return sorted(set(slots.values_list("slot_date", flat=True)))


def key(world: World) -> ClinicKey:
    return next(clinic for clinic in active_clinics() if clinic.id == world.id)


def command(**options: Any) -> str:
    output = StringIO()
    call_command("generate_slots", stdout=output, stderr=output, **options)
    return output.getvalue()


@pytest.mark.parametrize("zone", ["Asia/Singapore", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_from_the_clinics_today_on(zone: str) -> None:
    world = make_world(time_zone=zone)
    made = extend_slots(clinic=key(world), days=3)
    today = timezone.localdate(timezone=ZoneInfo(zone))
    assert days_of(world) == [today + dt.timedelta(days=n) for n in range(4)]
    assert made == 4 * 32
    assert extend_slots(clinic=key(world), days=3) == 0
    assert extend_slots(clinic=key(world), days=4) == 32


def test_a_doctor_who_left_gets_none(world: World) -> None:
    with world.as_owner():
        world.doctor.is_active = False
        world.doctor.save(using="owner")
    assert extend_slots(clinic=key(world), days=3) == 0


def test_the_command_goes_through_all_clinics(world: World, other_world: World) -> None:
    said = command(days=1)
    for each in (world, other_world):
        assert f"{each.clinic.code}: 64 new slots." in said
        assert len(days_of(each)) == 2


def test_the_command_for_one_clinic(world: World, other_world: World) -> None:
    assert command(days=1, clinic=world.clinic.code) == f"{world.clinic.code}: 64 new slots.\n"
    assert days_of(other_world) == []


def test_what_the_command_refuses(world: World) -> None:
    with pytest.raises(CommandError, match="no active clinic NOWHERE"):
        command(clinic="NOWHERE")
    for days in (-1, 401):
        with pytest.raises(CommandError, match="from 0 to 400"):
            command(days=days)


def test_one_clinic_in_trouble_does_not_stop_the_others(
    world: World, other_world: World, admin_url: str
) -> None:
    """A doctor whose row somebody keeps locked for longer than a job waits."""
    with connect(admin_url) as held, held.transaction(force_rollback=True):
        held.execute("select from clinic.doctors where id = %s for update", [world.doctor.id])
        with pytest.raises(CommandError, match=f"No new slots for .*{world.clinic.code}"):
            command(days=1)
    assert days_of(world) == []
    assert len(days_of(other_world)) == 2


def test_a_doctor_with_a_further_horizon_has_slots_until_there(world: World) -> None:
    """Patients may book 45 days ahead, so the night makes 45 days; a command does as it is told."""
    ask("update clinic.doctors set advance_booking_days = 45 where id = %s", world.doctor.id)
    assert extend_slots(clinic=key(world), days=31) == 32 * 32
    assert extend_slots(clinic=key(world)) == 14 * 32


@pytest.mark.usefixtures("_alone")
def test_each_clinic_in_its_own_night() -> None:
    night, day = make_world(time_zone=FAR), make_world(time_zone="Europe/London")
    assert FAR_NIGHT.astimezone(ZoneInfo(FAR)).hour == NIGHT_HOUR
    queue_up("booking:extend_slots_tonight", f'{{"timestamp": {int(FAR_NIGHT.timestamp())}}}')
    run_once()
    assert len(days_of(night)) == 31
    assert days_of(day) == []


def test_every_zone_has_its_night_once_a_day() -> None:
    """The night's hour comes once a day in every zone, also when the clocks change."""
    for zone in ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Europe/Helsinki",
                 "Asia/Kathmandu", "Africa/Cairo", "America/Santiago"):  # fmt: skip
        start = dt.datetime(2026, 1, 1, 0, 5, tzinfo=dt.UTC)
        hours = (start + dt.timedelta(hours=n) for n in range(365 * 24))
        nights = [at for at in hours if at.astimezone(ZoneInfo(zone)).hour == NIGHT_HOUR]
        days = {at.astimezone(ZoneInfo(zone)).date() for at in nights}
        assert len(nights) == len(days) >= 364, zone


@pytest.mark.usefixtures("_alone")
def test_a_clinic_waits_in_the_queue_once() -> None:
    world = make_world(time_zone=FAR)
    query = "select count(*) from jobs.procrastinate_jobs where queueing_lock = %s"
    lock = f"extend_slots {world.id}"
    ask(
        "insert into jobs.procrastinate_jobs (queue_name, task_name, queueing_lock, scheduled_at)"
        " values ('default', 'booking:extend_slots', %s, now() + interval '1 day')", lock,
    )  # fmt: skip
    queue_up("booking:extend_slots_tonight", f'{{"timestamp": {int(FAR_NIGHT.timestamp())}}}')
    said = run_once()
    assert "ERROR" not in said
    assert ask(query, lock) == [(1,)]
    ask("delete from jobs.procrastinate_jobs where queueing_lock = %s", lock)
