"""What time does to the waiting list: who can no longer be served drops out."""

import datetime as dt
from typing import Any

import pytest

from booking.models import AppointmentSlot, WaitingListEntry
from booking.services.appointments import cancel_appointment, hold_slot
from clinic.models import Patient
from tests.adminrows import add_leave
from tests.booking.life import slot
from tests.booking.waiting import (
    TODAY,
    cancel,
    come_free,
    entry,
    freed,
    offers,
    open_offer,
    patient,
    run_out,
    slot_of,
    visit,
    waits,
    work,
)
from tests.factories import World
from tests.jobs.worker import queue_up, run_once


def set_columns(world: World, model: Any, pk: Any, **columns: Any) -> None:
    with world.as_owner():
        model.objects.using("owner").filter(pk=pk).update(**columns)


def test_dates_that_are_over(world: World) -> None:
    """The last day itself still counts, by the clinic's calendar."""
    over, last = waits(world), waits(world)
    here = dt.datetime.now(dt.UTC) + dt.timedelta(hours=8)
    yesterday, today = here.date() - dt.timedelta(days=1), here.date()
    set_columns(world, WaitingListEntry, over.pk, earliest=yesterday, latest=yesterday)
    set_columns(world, WaitingListEntry, last.pk, earliest=yesterday, latest=today)
    assert work(world) == 1
    now = entry(world, over.pk)
    assert (now.status, now.closed_at is not None) == ("expired", True)
    assert entry(world, last.pk).status == "waiting"


def test_a_patient_who_is_gone(world: World) -> None:
    away, kept = waits(world), waits(world)
    set_columns(world, Patient, away.patient_id, is_active=False)
    come_free(world)
    assert open_offer(world).entry_id == kept.pk, "they are passed over before the job comes"
    assert work(world) == 1
    assert entry(world, away.pk).status == "withdrawn"


def test_a_patient_who_goes_while_something_is_offered(world: World) -> None:
    away, kept = waits(world), waits(world)
    come_free(world)
    set_columns(world, Patient, away.patient_id, deleted_at=dt.datetime.now(dt.UTC))
    work(world)
    assert [o.status for o in offers(world, entry_id=away.pk)] == ["withdrawn"]
    assert open_offer(world).entry_id == kept.pk
    work(world)
    assert entry(world, away.pk).status == "withdrawn"


def test_who_got_their_visit_another_way(world: World) -> None:
    who = waits(world, patient(world))
    made = visit(world, slot_of(world), Patient(pk=who.patient_id))
    come_free(world, which=1)
    assert offers(world) == []
    assert work(world) == 1
    now = entry(world, who.pk)
    assert (now.status, now.appointment_id) == ("booked", made)


def test_a_visit_of_another_kind_or_outside_the_dates_is_not_theirs(world: World) -> None:
    late = patient(world)
    who = waits(world, late, appointment_type="screening")
    early = waits(world, patient(world), latest=TODAY + dt.timedelta(days=1))
    for each in (late, Patient(pk=early.patient_id)):
        visit(world, slot_of(world, days=4), each)
    assert work(world) == 0
    assert [entry(world, e.pk).status for e in (who, early)] == ["waiting", "waiting"]


def test_leave_withdraws_what_is_offered(world: World) -> None:
    who = waits(world)
    time = come_free(world)
    away = add_leave(world, days=1)
    set_columns(
        world, type(away), away.pk, starts_at=time.starts_at - dt.timedelta(hours=1),
        ends_at=time.ends_at,
    )  # fmt: skip
    assert work(world) == 1
    assert [o.status for o in offers(world)] == ["withdrawn"]
    assert entry(world, who.pk).status == "waiting"
    assert slot(world, time.pk).held_until is None


def test_what_a_doctor_on_leave_leaves_behind_is_not_free(world: World) -> None:
    who = waits(world)
    time = slot_of(world)
    gone = visit(world, time)
    away = add_leave(world)
    hour = dt.timedelta(hours=1)
    set_columns(world, type(away), away.pk, starts_at=time.starts_at, ends_at=time.starts_at + hour)
    assert cancel(world, gone).ok
    assert (offers(world), freed(world)) == ([], [])
    set_columns(world, type(away), away.pk, deleted_at=dt.datetime.now(dt.UTC))
    assert open_offer(world).entry_id == who.pk
    assert {row.cause for row in freed(world)} == {"leave"}


def test_a_time_that_somebody_holds_is_asked_again(world: World) -> None:
    """It came free and was held at the same moment: offered when the hold has ended."""
    time = slot_of(world)
    gone = visit(world, time)
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
    waits(world)
    with world.as_user(world.bob):
        assert cancel_appointment(idempotency_key="c", appointment_id=gone, reason="x").ok
        assert hold_slot(slot_id=time.pk).ok
    assert (offers(world), work(world)) == ([], 0)
    set_columns(world, AppointmentSlot, time.pk, held_until=soon - dt.timedelta(minutes=2))
    assert work(world) == 1
    assert open_offer(world).slot_id == time.pk


@pytest.mark.usefixtures("_alone")
def test_the_worker_does_it(world: World) -> None:
    first, second = waits(world), waits(world)
    come_free(world)
    run_out(world, open_offer(world))
    queue_up("booking:waiting_list", '{"timestamp": 0}')
    said = run_once()
    assert "ERROR" not in said
    assert open_offer(world).entry_id == second.pk
    assert entry(world, first.pk).status == "waiting"
