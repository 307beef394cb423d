"""Two at once on purpose: with the right, a reason and a cap; and one patient in two places."""

import datetime as dt
import uuid
from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import ProgrammingError, connections

from booking.models import Appointment, AppointmentSlot
from booking.services.appointments import book_appointment, reschedule_appointment
from booking.services.despite import book_overlapping
from clinic.models import DoctorLeave, Staff
from tests.booking.life import act, agree, history, read, slot, undo, visit_tomorrow
from tests.booking.overbooking import allow, another, gone, overbooked
from tests.factories import PatientFactory, World
from tests.races import ask, at_once, context_of, desks


def test_a_second_visit_at_a_taken_time(world: World) -> None:
    first = visit_tomorrow(world)
    done = overbooked(world, first.slot_id, reason="Chest pain", visit_reason="Pain")
    assert done.http_status == 201
    second = read(world, done.appointment_id)
    assert (second.starts_at, second.doctor_id, second.slot_id) == (
        first.starts_at, first.doctor_id, first.slot_id,
    )  # fmt: skip
    assert (second.overbooked_reason, second.overlap_reason) == ("urgent: Chest pain", "")
    assert (second.booked_by_id, second.visit_reason) == (world.alice.id, "Pain")
    assert second.appointment_number != first.appointment_number
    assert slot(world, first.slot_id).appointment_id == first.pk, "the first keeps the slot"


def test_who_may_overbook(world: World) -> None:
    first = visit_tomorrow(world)
    assert overbooked(world, first.slot_id, world.bob).code == "not_allowed"
    for wrong in ({"overbook": False}, {"overbook": "true"}, {"other": True}):
        allow(world, world.bob, **wrong)
        assert overbooked(world, first.slot_id, world.bob).http_status == 403
    allow(world, world.bob, overbook=True)
    with world.as_owner():
        Staff.objects.using("owner").filter(user=world.bob).update(end_date=dt.date(2021, 1, 1))
    assert overbooked(world, first.slot_id, world.bob).code == "not_allowed"
    with world.as_owner():
        Staff.objects.using("owner").filter(user=world.bob).update(end_date=None)
    assert overbooked(world, first.slot_id, world.bob).ok
    for who in (world.nur, world.chen, world.dana):
        with pytest.raises(ProgrammingError, match="permission denied"):
            overbooked(world, first.slot_id, who)


@pytest.mark.parametrize(
    ("code", "words", "kept"),
    [
        ("urgent", "", "urgent"), ("other", " Sister of the first ", "other: Sister of the first"),
        ("other", "  ", None), ("because", "x", None), ("", "x", None), ("brief", "x" * 501, None),
        (None, "x", None),
    ],
)  # fmt: skip
def test_a_reason_is_a_must(world: World, code: Any, words: str, kept: str | None) -> None:
    first = visit_tomorrow(world)
    done = overbooked(world, first.slot_id, reason_code=code, reason=words)
    if kept is None:
        assert (done.code, done.http_status) == ("invalid_input", 422)
    else:
        assert read(world, done.appointment_id).overbooked_reason == kept


def test_what_cannot_be_overbooked(world: World, other_world: World) -> None:
    first = visit_tomorrow(world)
    free, held = world.free_slots()[:2]
    with world.as_owner():
        AppointmentSlot.objects.using("owner").filter(pk=held.pk).update(
            held_until=dt.datetime.now(dt.UTC) + dt.timedelta(hours=1), held_by=world.bob
        )
    other_world.make_slots(days=0)
    for slot_id, code in (
        (free.pk, "slot_free"), (held.pk, "slot_unavailable"), (uuid.uuid4(), "slot_not_found"),
        (other_world.free_slots(1)[0].pk, "slot_not_found"), (None, "invalid_input"),
    ):  # fmt: skip
        assert overbooked(world, slot_id).code == code
    theirs = overbooked(world, first.slot_id, patient_id=other_world.patient.pk)
    assert theirs.code == "patient_not_found"
    twice = overbooked(world, first.slot_id, patient_id=world.patient.pk)
    assert twice.code == "patient_overlap"
    with world.as_owner():
        DoctorLeave.objects.using("owner").create(
            clinic=world.clinic, doctor=world.doctor, starts_at=first.starts_at,
            ends_at=first.ends_at,
        )  # fmt: skip
    assert overbooked(world, first.slot_id).code == "doctor_unavailable"


def test_not_above_the_cap_of_the_day(world: World) -> None:
    visits = [visit_tomorrow(world, 3 * n) for n in range(3)]
    made = [overbooked(world, visit.slot_id) for visit in visits]
    assert [done.code for done in made] == [None, None, "overbooking_limit"]
    assert made[2].http_status == 409
    assert gone(world, read(world, made[0].appointment_id)).ok
    assert overbooked(world, visits[2].slot_id).ok
    with world.as_owner():
        type(world.doctor).objects.using("owner").update(max_daily_overbookings=0)
    assert overbooked(world, visits[1].slot_id).code == "overbooking_limit"


def test_the_same_key_overbooks_once(world: World) -> None:
    first, who = visit_tomorrow(world), world.add_patient()
    given: dict[str, Any] = {"idempotency_key": "k", "patient_id": who.pk}
    done, again = (overbooked(world, first.slot_id, **given) for _ in range(2))
    assert (done.idempotent, again.idempotent) == (False, True)
    assert again.appointment_number == done.appointment_number
    other = overbooked(world, first.slot_id, **given, reason="more")
    assert other.code == "idempotency_mismatch"


def test_moved_to_a_free_time_it_is_ordinary_and_undone_it_is_not(world: World) -> None:
    first = visit_tomorrow(world)
    second = read(world, overbooked(world, first.slot_id, reason="Pain").appointment_id)
    target = world.free_slots()[4]
    with world.as_user(world.bob):
        assert reschedule_appointment(
            idempotency_key="m", appointment_id=second.pk, slot_id=target.pk
        ).ok
    now = read(world, second.pk)
    assert (now.overbooked_reason, now.slot_id) == ("", target.pk)
    assert slot(world, first.slot_id).appointment_id == first.pk
    assert undo(world, now).ok
    back = read(world, second.pk)
    assert (back.overbooked_reason, back.slot_id) == ("urgent: Pain", first.slot_id)
    assert slot(world, first.slot_id).appointment_id == first.pk
    assert slot(world, target.pk).is_available
    assert [h.from_overbooked_reason for h in history(world, back)] == ["urgent: Pain", ""]


def test_cancelled_and_taken_back(world: World) -> None:
    first = visit_tomorrow(world)
    second = read(world, overbooked(world, first.slot_id).appointment_id)
    assert gone(world, second).ok
    assert slot(world, first.slot_id).appointment_id == first.pk
    assert undo(world, second).ok
    assert read(world, second.pk).overbooked_reason == "urgent"
    # Up to the cap only: meanwhile two others took what was left.
    assert gone(world, read(world, second.pk)).ok
    assert [overbooked(world, first.slot_id).ok for _ in range(2)] == [True, True]
    assert undo(world, second).code == "overbooking_limit"


def test_when_the_first_is_gone_the_time_is_free_again(world: World) -> None:
    first = visit_tomorrow(world)
    second = read(world, overbooked(world, first.slot_id).appointment_id)
    assert gone(world, second).ok
    assert gone(world, first).ok
    assert slot(world, first.slot_id).is_available
    assert undo(world, second).ok
    back = read(world, second.pk)
    assert (back.overbooked_reason, back.status) == ("", "scheduled"), "alone it is ordinary"
    assert slot(world, first.slot_id).appointment_id == second.pk
    assert undo(world, first).code == "slot_unavailable"
    agree(world)


def test_an_overbooked_visit_lives_as_any_other(world: World) -> None:
    first = visit_tomorrow(world)
    second = read(world, overbooked(world, first.slot_id).appointment_id)
    assert act(world, second, "confirm").ok
    assert undo(world, second).ok
    assert read(world, second.pk).overbooked_reason == "urgent"


def test_one_patient_in_two_places_needs_a_reason(world: World) -> None:
    mine = visit_tomorrow(world)
    target = next(free for free in another(world) if free.starts_at == mine.starts_at)
    given: dict[str, Any] = {"slot_id": target.pk, "patient_id": world.patient.pk}
    with world.as_user(world.bob):
        for reason in ("", "  ", "x" * 501):
            bad = book_overlapping(idempotency_key="k", overlap_reason=reason, **given)
            assert bad.code == "invalid_input"
        done = book_overlapping(idempotency_key="k", overlap_reason=" Child as well ", **given)
        again = book_overlapping(idempotency_key="k", overlap_reason=" Child as well ", **given)
    assert (done.ok, again.idempotent) == (True, True)
    both = read(world, done.appointment_id)
    assert (both.overlap_reason, both.overbooked_reason) == ("Child as well", "")
    assert slot(world, target.pk).appointment_id == both.pk
    assert gone(world, both).ok
    assert undo(world, both).ok, "an overlap that was allowed comes back"
    assert read(world, both.pk).overlap_reason == "Child as well"
    agree(world)
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "select new_values ->> 'overlap_reason' from audit.audit_logs where record_id = %s"
            " and action = 'INSERT'",
            [str(both.pk)],
        )
        assert cursor.fetchall() == [("Child as well",)]


def test_an_overlap_that_is_none_is_an_ordinary_visit(world: World) -> None:
    """The other visit went in the meantime: the next one at this time needs its reason again."""
    mine = visit_tomorrow(world)
    target = next(free for free in another(world) if free.starts_at == mine.starts_at)
    assert gone(world, mine).ok
    with world.as_user(world.bob):
        done = book_overlapping(
            idempotency_key="k", overlap_reason="Child as well", slot_id=target.pk,
            patient_id=world.patient.pk,
        )  # fmt: skip
    assert read(world, done.appointment_id).overlap_reason == ""
    assert undo(world, mine).code == "patient_overlap"


def test_overlapping_is_not_overbooking(world: World) -> None:
    mine, taken = visit_tomorrow(world), visit_tomorrow(world)
    with world.as_user(world.bob):
        refused = book_overlapping(
            idempotency_key="k", overlap_reason="x", slot_id=taken.slot_id,
            patient_id=world.add_patient().pk,
        )  # fmt: skip
    assert refused.code == "slot_unavailable"
    done = overbooked(
        world, mine.slot_id, patient_id=world.patient.pk, overlap_reason="Two complaints"
    )
    both = read(world, done.appointment_id)
    assert (both.overbooked_reason, both.overlap_reason) == ("urgent", "Two complaints")


def test_touching_ends_are_no_overlap(world: World) -> None:
    mine = visit_tomorrow(world)
    after = next(free for free in another(world) if free.starts_at == mine.ends_at)
    with world.as_user(world.bob):
        assert book_appointment(
            idempotency_key="k", user_id=world.bob.id, clinic_id=world.id, slot_id=after.pk,
            patient_id=world.patient.pk,
        ).ok  # fmt: skip


OVERBOOK = "select booking.overbook_slot(%s, %s, %s, 'urgent')"


def test_many_at_once_do_not_pass_the_cap(world: World) -> None:
    visits = [visit_tomorrow(world, n) for n in range(4)]
    with world.as_owner():
        people = PatientFactory.create_batch(12, clinic=world.clinic)
    context = context_of(world, world.alice)
    with desks(12) as lines:
        answers = at_once([
            partial(ask, line, context, OVERBOOK, [str(n), visits[n % 4].slot_id, p.pk])
            for n, (line, p) in enumerate(zip(lines, people, strict=True))
        ])  # fmt: skip
    told = Counter(answer.get("code", "success") for answer in answers)
    assert told == {"success": 2, "overbooking_limit": 10}
    with world.as_owner():
        kept = Appointment.objects.using("owner").exclude(overbooked_reason="")
        assert kept.count() == 2


def test_overbookings_are_counted(world: World) -> None:
    first, third = visit_tomorrow(world), visit_tomorrow(world)
    second = read(world, overbooked(world, first.slot_id, reason="Pain").appointment_id)
    assert overbooked(world, third.slot_id, reason_code="brief").ok
    assert gone(world, second).ok
    with world.as_user(world.alice), connections["default"].cursor() as cursor:
        cursor.execute(
            "select day, reason_code, booked, kept, missed from clinic.overbooked_visits"
            " where clinic_id = %s order by reason_code",
            [world.id],
        )
        assert cursor.fetchall() == [
            (first.appointment_date, "brief", 1, 1, 0), (first.appointment_date, "urgent", 1, 0, 0),
        ]  # fmt: skip
