"""A freed time is offered to one who waits, then to the next, then it is free for all."""

import datetime as dt
import uuid
from typing import Any

import pytest

from booking.models import AppointmentSlot
from booking.services.appointments import (
    book_appointment,
    cancel_appointment,
    reschedule_appointment,
)
from booking.services.waiting import offer_by_hand, withdraw_entry
from clinic.models import DoctorLeave
from messaging.models import Notification
from tests.adminrows import add_leave
from tests.booking.life import read, slot, undo
from tests.booking.overbooking import overbooked
from tests.booking.waiting import (
    TODAY,
    answer,
    cancel,
    come_free,
    entry,
    freed,
    notices,
    offers,
    open_offer,
    patient,
    run_out,
    setting,
    slot_of,
    visit,
    visits_of,
    waits,
    work,
)
from tests.factories import DoctorFactory, World


def test_a_freed_time_is_offered_at_once_to_who_is_first(world: World) -> None:
    first, second = waits(world), waits(world)
    time = come_free(world)
    offer = open_offer(world)
    assert (offer.entry_id, offer.slot_id) == (first.pk, time.pk)
    assert [entry(world, e.pk).status for e in (first, second)] == ["offered", "waiting"]
    held = slot(world, time.pk)
    assert (held.held_for_id, held.held_by_id, held.is_available) == (first.patient_id, None, True)
    minutes = (offer.expires_at - offer.made_at).total_seconds() / 60
    assert minutes == 33, "three in which it may be undone, thirty to answer"
    assert held.held_until - offer.expires_at == dt.timedelta(minutes=2)
    (row,) = freed(world)
    assert (row.slot_id, row.cause, row.pk) == (time.pk, "visit", offer.freed_id)
    assert (offer.made_at - row.freed_at).total_seconds() < 5


def test_the_message_waits_three_minutes_and_holds_no_working_link(world: World) -> None:
    who = patient(world, full_name="Ana Secret")
    waits(world, who)
    come_free(world)
    (told,) = notices(world)
    assert (told.status, told.channel, told.recipient) == ("pending", "sms", "+6591234567")
    offer = open_offer(world)
    assert (told.scheduled_for - offer.made_at).total_seconds() == 180
    assert told.message.endswith("{link}")
    assert "Dr Chen" in told.message
    assert "Ana" not in told.message
    assert offer.notice_id == told.pk


def test_without_a_channel_the_offer_stands_and_the_desk_sees_it(world: World) -> None:
    waits(world, patient(world, sms_consent=False))
    come_free(world)
    assert open_offer(world).notice_id is None
    assert notices(world) == []


def test_priority_goes_before_waiting(world: World) -> None:
    routine, urgent, soon = (waits(world, priority=p) for p in (3, 1, 2))
    asked = []
    come_free(world)
    for _ in range(3):
        offer = open_offer(world)
        asked.append(offer.entry_id)
        assert answer(world, offer, "declined").ok
    assert asked == [urgent.pk, soon.pk, routine.pk]
    assert offers(world, status="open") == []


@pytest.mark.parametrize(
    "wish",
    [
        {"earliest": TODAY + dt.timedelta(days=50)},
        {"latest": TODAY},
        {"day_part": "evening"},
        {"weekdays": "other"},
        {"doctor_id": "other"},
    ],
)
def test_a_time_that_was_not_asked_for_is_not_offered(world: World, wish: dict[str, Any]) -> None:
    time = slot_of(world)
    if "weekdays" in wish:
        wish = {"weekdays": tuple({1, 2, 3, 4, 5, 6, 7} - {time.slot_date.isoweekday()})}
    if "doctor_id" in wish:
        with world.as_owner():
            wish = {"doctor_id": DoctorFactory(clinic=world.clinic).pk}
    waits(world, **wish)
    assert cancel(world, visit(world, time)).ok
    assert offers(world) == []
    held = slot(world, time.pk)
    assert (held.is_available, held.held_until) == (True, None), "free for all"


@pytest.mark.parametrize(
    ("hour", "part"),
    [(9, "morning"), (12, "afternoon"), (16, "afternoon"), (17, "evening")],
)
def test_parts_of_the_day_are_of_the_wall_clock(world: World, hour: int, part: str) -> None:
    times = {p: waits(world, day_part=p).pk for p in ("morning", "afternoon", "evening")}
    time = slot_of(world)
    wall = {"slot_time": dt.time(hour)}
    with world.as_owner():
        AppointmentSlot.objects.using("owner").filter(pk=time.pk).update(**wall)
    assert cancel(world, visit(world, time)).ok
    assert open_offer(world).entry_id == times[part]


def test_no_answer_in_time_and_the_next_is_asked(world: World) -> None:
    first, second = waits(world), waits(world)
    time = come_free(world)
    assert work(world) == 0, "nothing is due"
    run_out(world, open_offer(world))
    assert answer(world, offers(world)[0], "accepted").code == "offer_expired"
    assert work(world) == 1
    offer = open_offer(world)
    assert (offer.entry_id, offer.slot_id) == (second.pk, time.pk)
    assert slot(world, time.pk).held_for_id == second.patient_id
    assert entry(world, first.pk).status == "waiting", "they keep their place for other times"
    run_out(world, offer)
    assert work(world) == 1
    assert offers(world, status="open") == [], "each is asked once"
    assert slot(world, time.pk).held_until is None


def test_accepting_books_and_closes_the_entry(world: World) -> None:
    who = waits(world, appointment_type="vaccination")
    time = come_free(world)
    offer = open_offer(world)
    done = answer(world, offer, "accepted")
    assert done.ok, done
    (made,) = visits_of(world, who.patient_id)
    assert (made.pk, made.appointment_number) == (done.appointment_id, done.appointment_number)
    assert (made.slot_id, made.appointment_type, made.booked_by_id) == (
        time.pk, "vaccination", world.bob.id,
    )  # fmt: skip
    now = entry(world, who.pk)
    assert (now.status, now.appointment_id) == ("booked", made.pk)
    closed = offers(world)[0]
    assert (closed.status, closed.answered_by_id, closed.answered_through) == (
        "accepted", world.bob.id, "desk",
    )  # fmt: skip
    taken = slot(world, time.pk)
    assert (taken.is_available, taken.held_until, taken.held_for_id) == (False, None, None)


def test_the_same_key_gets_the_same_answer(world: World) -> None:
    waits(world)
    come_free(world)
    offer, key = open_offer(world), str(uuid.uuid4())
    first = answer(world, offer, "accepted", key=key)
    again = answer(world, offer, "accepted", key=key)
    assert (first.idempotent, again.idempotent) == (False, True)
    assert (again.appointment_id, again.appointment_number) == (
        first.appointment_id, first.appointment_number,
    )  # fmt: skip
    assert answer(world, offer, "declined", key=key).code == "idempotency_mismatch"
    assert answer(world, offer, "accepted").code == "offer_closed"
    assert answer(world, offer, "accepted", world.alice, key=key).code == "offer_closed"


def test_a_key_answers_one_offer(world: World) -> None:
    waits(world), waits(world)
    come_free(world), come_free(world, which=1)
    one, other = offers(world, status="open")
    assert answer(world, one, "declined", key="k").ok
    assert answer(world, one, "declined", key="k").idempotent
    assert answer(world, other, "declined", key="k").code == "idempotency_mismatch"
    assert answer(world, other, "accepted", key="k").code == "idempotency_mismatch"
    assert offers(world, pk=other.pk)[0].status == "open"


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_what_an_answer_must_say(world: World, key: str) -> None:
    waits(world)
    come_free(world)
    offer = open_offer(world)
    if key:
        assert answer(world, offer, "accepted", key=key).code == "invalid_input"
    assert answer(world, offer, "perhaps").code == "invalid_input"
    assert open_offer(world).pk == offer.pk


def test_what_was_declined_is_not_offered_to_them_again(world: World) -> None:
    who = waits(world)
    time = come_free(world)
    assert answer(world, open_offer(world), "declined").ok
    assert cancel(world, visit(world, time)).ok
    assert offers(world, status="open") == []
    come_free(world, which=1)
    assert open_offer(world).entry_id == who.pk, "another time is"


def test_a_time_that_starts_soon_is_offered_to_nobody(world: World) -> None:
    who = waits(world)
    setting(world, "waiting_list.lead_minutes", 6 * 24 * 60)
    time = come_free(world)
    assert offers(world) == []
    assert freed(world)[0].considered_at is not None
    with world.as_user(world.bob):
        by_hand = offer_by_hand(idempotency_key="k", entry_id=who.pk, slot_id=time.pk)
    assert by_hand.code == "slot_too_soon"
    setting(world, "waiting_list.lead_minutes", 60)
    come_free(world)
    assert open_offer(world).slot_id == time.pk


def test_how_long_an_offer_stands_is_the_clinics(world: World) -> None:
    waits(world), waits(world)
    setting(world, "waiting_list.offer_minutes", 10)
    come_free(world)
    one = open_offer(world)
    assert (one.expires_at - one.made_at).total_seconds() == 13 * 60
    setting(world, "waiting_list.offer_minutes", "soon")
    come_free(world, which=1)
    other = offers(world, status="open")[1]
    assert (other.expires_at - other.made_at).total_seconds() == 33 * 60, "no number: the default"


def test_a_move_frees_what_it_left(world: World) -> None:
    who = waits(world)
    old, new = slot_of(world), slot_of(world, which=1)
    moved = visit(world, old)
    with world.as_user(world.bob):
        assert reschedule_appointment(
            idempotency_key="m", appointment_id=moved, slot_id=new.pk, reason=""
        ).ok
    offer = open_offer(world)
    assert (offer.slot_id, offer.entry_id) == (old.pk, who.pk)


def test_unblocking_frees(world: World) -> None:
    waits(world)
    time = slot_of(world)
    for blocked in (True, False):
        with world.as_user(world.bob):
            AppointmentSlot.objects.filter(pk=time.pk).update(is_blocked=blocked)
    assert open_offer(world).slot_id == time.pk
    assert [row.cause for row in freed(world)] == ["block"]


def test_leave_taken_back_frees_its_times(world: World) -> None:
    who, other = waits(world), waits(world)
    time = slot_of(world)
    away = add_leave(world)
    ends_at = time.starts_at + dt.timedelta(minutes=45)
    with world.as_owner():
        leave = DoctorLeave.objects.using("owner").filter(pk=away.pk)
        leave.update(starts_at=time.starts_at, ends_at=ends_at)
    assert freed(world) == [], "a day far ahead has no times yet"
    with world.as_owner():
        leave.update(deleted_at=dt.datetime.now(dt.UTC))
    made = offers(world, status="open")
    assert {o.entry_id for o in made} == {who.pk, other.pk}
    assert {o.slot.starts_at for o in made} == {
        time.starts_at, time.starts_at + dt.timedelta(minutes=15),
    }  # fmt: skip
    assert [row.cause for row in freed(world)] == ["leave"] * 3


def test_a_race_that_was_lost_frees_nothing(world: World) -> None:
    """The claim of a slot is let go when the patient turns out to be elsewhere at that time."""
    waits(world)
    time, who = slot_of(world), patient(world)
    with world.as_owner():
        twin = AppointmentSlot.objects.using("owner").create(
            clinic=world.clinic, doctor=DoctorFactory(clinic=world.clinic),
            slot_date=time.slot_date, slot_time=time.slot_time,
            starts_at=time.starts_at, ends_at=time.ends_at,
        )  # fmt: skip
    visit(world, time, who)
    with world.as_user(world.bob):
        lost = book_appointment(
            idempotency_key="l", user_id=world.bob.id, clinic_id=world.id, slot_id=twin.pk,
            patient_id=who.pk,
        )  # fmt: skip
    assert lost.code == "patient_overlap"
    assert freed(world) == []


def test_what_is_freed_and_taken_in_one_transaction_is_not_offered(world: World) -> None:
    waits(world)
    time = slot_of(world)
    gone = visit(world, time)
    other = patient(world)
    with world.as_user(world.bob):
        assert cancel_appointment(idempotency_key="c", appointment_id=gone, reason="Swap").ok
        assert book_appointment(
            idempotency_key="b", user_id=world.bob.id, clinic_id=world.id, slot_id=time.pk,
            patient_id=other.pk,
        ).ok  # fmt: skip
    assert (offers(world), freed(world)) == ([], [])


def test_undo_takes_the_offer_back_while_nobody_was_told(world: World) -> None:
    who = waits(world)
    time = slot_of(world)
    gone = visit(world, time)
    assert cancel(world, gone).ok
    assert undo(world, read(world, gone)).ok
    assert [o.status for o in offers(world)] == ["withdrawn"]
    assert [n.status for n in notices(world)] == ["withdrawn"]
    assert entry(world, who.pk).status == "waiting"
    assert slot(world, time.pk).appointment_id == gone


def test_undo_comes_too_late_once_the_message_is_out(world: World) -> None:
    waits(world)
    gone = visit(world, slot_of(world))
    assert cancel(world, gone).ok
    with world.as_owner():
        Notification.objects.using("owner").filter(clinic_id=world.id).update(status="sent")
    assert undo(world, read(world, gone)).code == "slot_unavailable"
    assert open_offer(world).status == "open", "what was promised is kept"


def test_undo_leaves_an_offer_that_another_cancellation_made(world: World) -> None:
    time = slot_of(world)
    first = visit(world, time)
    assert cancel(world, first).ok
    second = visit(world, time)
    waits(world)
    assert cancel(world, second).ok
    assert undo(world, read(world, first)).code == "slot_unavailable"
    assert open_offer(world).status == "open"
    assert undo(world, read(world, second)).ok


def test_undo_of_an_overbooked_visit_leaves_the_offer_of_its_time(world: World) -> None:
    time = slot_of(world)
    first = visit(world, time)
    second = overbooked(world, time.pk).appointment_id
    waits(world)
    assert cancel(world, first).ok
    assert cancel(world, second).ok
    assert undo(world, read(world, second)).code == "slot_unavailable"
    assert open_offer(world).status == "open"


def test_withdrawing_passes_the_offer_on(world: World) -> None:
    first, second = waits(world), waits(world)
    come_free(world)
    with world.as_user(world.bob):
        assert withdraw_entry(entry_id=first.pk, version=1).code == "stale", "offered since"
        assert withdraw_entry(entry_id=first.pk, version=2).ok
        assert withdraw_entry(entry_id=first.pk).idempotent
    assert entry(world, first.pk).status == "withdrawn"
    assert open_offer(world).entry_id == second.pk
    assert answer(world, open_offer(world), "accepted").ok
    with world.as_user(world.bob):
        assert withdraw_entry(entry_id=second.pk).code == "bad_transition"
        assert withdraw_entry(entry_id=uuid.uuid4()).code == "entry_not_found"


def test_by_hand_the_desk_offers_what_it_chooses(world: World) -> None:
    who, other = waits(world, latest=TODAY), waits(world)
    time = slot_of(world)
    with world.as_user(world.bob):
        made = offer_by_hand(idempotency_key="k", entry_id=other.pk, slot_id=time.pk)
        assert made.ok, made
        again = offer_by_hand(idempotency_key="k", entry_id=other.pk, slot_id=time.pk)
        assert (again.idempotent, again.offer_id) == (True, made.offer_id)
        mixed = offer_by_hand(idempotency_key="k", entry_id=who.pk, slot_id=time.pk)
        assert mixed.code == "idempotency_mismatch"
        assert offer_by_hand(idempotency_key="l", entry_id=other.pk, slot_id=time.pk).code == (
            "already_offered"
        )
        assert offer_by_hand(idempotency_key="m", entry_id=who.pk, slot_id=time.pk).code == (
            "slot_unavailable"
        )
    offer = open_offer(world)
    assert (offer.made_by_id, offer.freed_id) == (world.bob.id, None)
    assert answer(world, offer, "declined").ok
    assert offers(world, status="open") == [], "by hand it is for one"
    assert slot(world, time.pk).held_until is None


def test_what_the_desk_books_for_them_on_the_phone_closes_the_offer(world: World) -> None:
    who = waits(world)
    time = come_free(world)
    with world.as_user(world.bob):
        assert book_appointment(
            idempotency_key="b", user_id=world.bob.id, clinic_id=world.id, slot_id=time.pk,
            patient_id=who.patient_id,
        ).ok  # fmt: skip
    assert [o.status for o in offers(world)] == ["accepted"]
    now = entry(world, who.pk)
    assert (now.status, now.appointment_id) == ("booked", visits_of(world, who.patient_id)[0].pk)


def test_nobody_else_books_what_is_offered(world: World) -> None:
    waits(world)
    time, other = come_free(world), patient(world)
    with world.as_user(world.bob):
        taken = book_appointment(
            idempotency_key="b", user_id=world.bob.id, clinic_id=world.id, slot_id=time.pk,
            patient_id=other.pk,
        )  # fmt: skip
    assert taken.code == "slot_unavailable"
    assert open_offer(world).slot_id == time.pk
