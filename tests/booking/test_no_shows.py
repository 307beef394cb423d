"""Those who never came, marked by the job: after the grace period, and nobody who came."""

import datetime as dt
from typing import Any

import pytest
from django.db import Error as DatabaseError
from django.db import connections

from booking.models import Appointment, AppointmentSlot, QueueEntry
from booking.services.appointments import reschedule_appointment
from booking.services.waiting import mark_no_shows
from clinic.models import SystemSetting
from clinic.tenancy.context import tenant_context
from tests.booking.life import act, history, in_line, noon_world, read, undo, visit_now
from tests.booking.waiting import setting
from tests.factories import World
from tests.factories.records import new
from tests.jobs.worker import queue_up, run_once

GRACE = "appointment.no_show_after_hours"


def ago(**delta: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(**delta)


def switched_on(world: World, hours: Any = 2, since: float = 48) -> None:
    """The job is on, and was last set so many hours ago."""
    setting(world, GRACE, hours)
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute("alter table clinic.system_settings disable trigger updated_at")
        SystemSetting.objects.using("owner").filter(clinic_id=world.id).update(
            updated_at=ago(hours=since)
        )
        cursor.execute("alter table clinic.system_settings enable trigger updated_at")


def ended(world: World, hours: float, visit: Appointment | None = None) -> Appointment:
    """A visit of Dana that ended so many hours ago."""
    visit = visit or visit_now(world)
    length = dt.timedelta(minutes=visit.duration_minutes)
    times = {"starts_at": ago(hours=hours) - length, "ends_at": ago(hours=hours)}
    times["ends_at"] = times["starts_at"] + length
    with world.as_owner():
        Appointment.objects.using("owner").filter(pk=visit.pk).update(**times)
        AppointmentSlot.objects.using("owner").filter(pk=visit.slot_id).update(**times)
    return read(world, visit.pk)


def mark(world: World) -> int:
    with tenant_context(clinic=world.id, role="worker", reason="Never came"):
        return mark_no_shows()


@pytest.fixture
def world() -> World:
    return noon_world()


def test_it_is_off_by_default(world: World) -> None:
    visit = ended(world, 20)
    assert mark(world) == 0
    assert read(world, visit.pk).status == "scheduled"


@pytest.mark.parametrize("value", [0, -1, 500, "2", {}, True])
def test_what_is_no_number_of_hours_is_off(world: World, value: Any) -> None:
    switched_on(world, value)
    ended(world, 20)
    assert mark(world) == 0


def test_after_the_grace_period_and_not_before(world: World) -> None:
    switched_on(world)
    visit = ended(world, 1.99)
    assert mark(world) == 0
    ended(world, 2.01, visit)
    assert mark(world) == 1
    now = read(world, visit.pk)
    assert (now.status, now.version) == ("no_show", visit.version + 1)
    assert now.no_show_marked_at is not None
    (told,) = history(world, visit)
    assert (told.action, told.channel, told.actor_role, told.changed_by_id, told.initiator) == (
        "no_show", "job", "worker", None, "patient",
    )  # fmt: skip
    assert mark(world) == 0


def test_a_confirmed_visit_too(world: World) -> None:
    switched_on(world)
    visit = visit_now(world, minutes=5)
    assert act(world, visit, "confirm").ok
    ended(world, 3, visit)
    assert mark(world) == 1


@pytest.mark.parametrize(
    "actions", [["check_in"], ["check_in", "start"], ["start"], ["check_in", "start", "finish"],
                ["check_in", "leave"], ["no_show"]],
)  # fmt: skip
def test_never_who_came_nor_what_has_ended(world: World, actions: list[str]) -> None:
    """Bahmni's job marks patients who are checked in as missed."""
    switched_on(world)
    visit = visit_now(world)
    for action in actions:
        assert act(world, visit, action).ok
    was = ended(world, 20, visit)
    assert mark(world) == 0
    now = read(world, visit.pk)
    assert (now.status, now.version) == (was.status, was.version)


def test_never_who_stands_in_line_without_a_check_in(world: World) -> None:
    """The desk put them in the line by hand."""
    switched_on(world)
    visit = ended(world, 20)
    with world.as_owner():
        new(
            QueueEntry, clinic=world.clinic, patient=world.patient, appointment=visit,
            queue_date=visit.appointment_date, ticket_number="H01",
        )  # fmt: skip
    assert len(in_line(world, visit)) == 1
    assert mark(world) == 0


def test_a_check_in_that_was_undone_is_no_arrival(world: World) -> None:
    switched_on(world)
    visit = visit_now(world)
    assert act(world, visit, "check_in").ok
    assert undo(world, visit).ok
    ended(world, 20, visit)
    assert mark(world) == 1


def test_a_person_who_took_it_back_is_right(world: World) -> None:
    switched_on(world)
    visit = ended(world, 3)
    assert mark(world) == 1
    assert undo(world, visit).ok
    assert read(world, visit.pk).status == "scheduled"
    assert mark(world) == 0, "the job does not argue"


def test_a_visit_that_was_moved_is_due_at_its_new_time(world: World) -> None:
    switched_on(world)
    visit = visit_now(world)
    free = world.free_slots(1)[0]
    with world.as_user(world.bob):
        assert reschedule_appointment(
            idempotency_key="m", appointment_id=visit.pk, slot_id=free.pk
        ).ok
    assert mark(world) == 0
    assert read(world, visit.pk).status == "scheduled"


def test_cancelled_and_finished_visits_stay_what_they_are(world: World) -> None:
    """Frappe turns any past appointment that is saved into a no-show, closed ones too."""
    switched_on(world)
    visit = visit_now(world)
    assert act(world, visit, "start").ok
    assert act(world, visit, "finish").ok
    done = ended(world, 30, visit)
    with world.as_user(world.bob):
        Appointment.objects.filter(pk=done.pk).update(internal_notes="Looked at again")
    assert mark(world) == 0
    assert read(world, visit.pk).status == "completed"


def test_saving_a_past_visit_changes_no_status(world: World) -> None:
    visit = ended(world, 20)
    with world.as_user(world.bob):
        Appointment.objects.filter(pk=visit.pk).update(visit_reason="Cough")
    now = read(world, visit.pk)
    assert (now.status, now.no_show_marked_at) == ("scheduled", None)


def test_what_had_ended_before_it_was_switched_on_stays(world: World) -> None:
    switched_on(world, since=10)
    visit = ended(world, 11)
    assert mark(world) == 0
    ended(world, 9, visit)
    assert mark(world) == 1


def test_only_jobs(world: World) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), world.as_user(world.alice):
        mark_no_shows()


@pytest.mark.usefixtures("_alone")
def test_the_worker_does_it_in_every_clinic(world: World) -> None:
    other = noon_world()
    visits = []
    for each in (world, other):
        switched_on(each)
        visits.append((each, ended(each, 3)))
    queue_up("booking:no_shows", '{"timestamp": 0}')
    said = run_once()
    assert "ERROR" not in said
    assert [read(w, v.pk).status for w, v in visits] == ["no_show", "no_show"]


@pytest.mark.parametrize(
    ("minutes", "said"), [(-12, "12 min late"), (-1, "1 min late"), (0, ""), (10, "")]
)
def test_late_is_a_fact_of_its_own(world: World, login: Any, minutes: int, said: str) -> None:
    """Beside the status: on the panel, and in the figures of the day."""
    visit = visit_now(world, minutes=minutes)
    assert act(world, visit, "check_in").ok
    page = login(world.bob).get(f"/c/{world.clinic.code}/appointments/{visit.pk}/")
    html = page.content.decode()
    assert ('data-testid="late"' in html) == bool(said)
    assert said in html
    query = "select late_arrivals from clinic.daily_clinic_metrics where day = %s"
    with world.as_user(world.bob), connections["default"].cursor() as cursor:
        cursor.execute(query, [visit.appointment_date])
        (late,) = cursor.fetchone()
    arrived = read(world, visit.pk)
    assert late == (arrived.checked_in_at > arrived.starts_at)
    assert arrived.status == "scheduled"
