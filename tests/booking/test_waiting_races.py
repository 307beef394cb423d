"""The waiting list when everybody is at it at once, and when something in it breaks."""

import datetime as dt
import uuid
from collections import Counter
from functools import partial
from typing import Any

import psycopg
import pytest

from booking.models import AppointmentSlot, WaitingListOffer
from clinic.tenancy.context import Context
from tests.booking.life import slot
from tests.booking.waiting import (
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
    visits_of,
    waits,
    work,
)
from tests.factories import World
from tests.races import Connection, ask, at_once, book, context_of, desks
from tests.races import cancel as cancel_at_once

ANSWER = "select booking.answer_offer(%s, %s, %s)"


def reply(
    desk: Connection, context: Context, offer: WaitingListOffer, said: str, key: str = ""
) -> dict[str, Any]:
    return ask(desk, context, ANSWER, [key or str(uuid.uuid4()), offer.pk, said])


def codes(answers: list[dict[str, Any]]) -> Counter[str]:
    return Counter(answer.get("code") or answer["status"] for answer in answers)


def worker_of(world: World) -> Context:
    return Context(clinic_id=world.id, user_id=None, role="worker")


def test_16_acceptances_of_one_offer(world: World) -> None:
    who = waits(world)
    time = come_free(world)
    offer, context = open_offer(world), context_of(world, world.bob)
    with desks(16) as open_desks:
        answers = at_once([partial(reply, d, context, offer, "accepted") for d in open_desks])
    assert codes(answers) == {"success": 1, "offer_closed": 15}
    assert len(visits_of(world, who.patient_id)) == 1
    assert entry(world, who.pk).status == "booked"
    assert slot(world, time.pk).appointment_id is not None


def test_one_key_16_times_at_once(world: World) -> None:
    who = waits(world)
    come_free(world)
    offer, context = open_offer(world), context_of(world, world.bob)
    with desks(16) as open_desks:
        answers = at_once([partial(reply, d, context, offer, "accepted", "k") for d in open_desks])
    assert codes(answers) == {"success": 16}
    assert Counter(a["idempotent"] for a in answers) == {False: 1, True: 15}
    assert len({str(a["result"]) for a in answers}) == 1
    assert len(visits_of(world, who.patient_id)) == 1


@pytest.mark.parametrize("turn", range(4))
def test_acceptance_against_expiry(world: World, turn: int) -> None:
    """Eight answers and four sweeps at the moment when the time ends: one of the two holds."""
    first, second = waits(world), waits(world)
    time = come_free(world)
    offer, context = open_offer(world), context_of(world, world.bob)
    run_out(world, offer, seconds=-0.15)
    sweep = "select booking.work_waiting_list()"
    with desks(12) as open_desks:
        answers = at_once([
            *(partial(reply, d, context, offer, "accepted") for d in open_desks[:8]),
            *(partial(ask, d, worker_of(world), sweep, []) for d in open_desks[8:]),
        ])  # fmt: skip
    work(world)
    run = [a for a in answers[:8] if a["status"] == "success"]
    now = offers(world, pk=offer.pk)[0].status
    if run:
        assert (len(run), now, entry(world, first.pk).status) == (1, "accepted", "booked")
        assert len(visits_of(world, first.patient_id)) == 1
    else:
        # The clock may end it after the last answer was refused and before the last sweep.
        run_out(world, offer) if now == "open" else None
        work(world)
        assert offers(world, pk=offer.pk)[0].status == "expired"
        assert visits_of(world, first.patient_id) == []
        assert open_offer(world).entry_id == second.pk
        assert slot(world, time.pk).held_for_id == second.patient_id


def test_accept_against_decline(world: World) -> None:
    first, second = waits(world), waits(world)
    come_free(world)
    offer, context = open_offer(world), context_of(world, world.bob)
    with desks(16) as open_desks:
        answers = at_once([
            partial(reply, d, context, offer, said)
            for d, said in zip(open_desks, ["accepted", "declined"] * 8, strict=True)
        ])  # fmt: skip
    assert codes(answers) == {"success": 1, "offer_closed": 15}
    status = offers(world, pk=offer.pk)[0].status
    assert len(visits_of(world, first.patient_id)) == (status == "accepted")
    assert [o.entry_id for o in offers(world, status="open")] == (
        [] if status == "accepted" else [second.pk]
    )


def test_acceptance_against_a_receptionist_who_books_it_for_another(world: World) -> None:
    who, other = waits(world), patient(world)
    time = come_free(world)
    offer, context = open_offer(world), context_of(world, world.bob)
    with desks(16) as open_desks:
        answers = at_once([
            *(partial(reply, d, context, offer, "accepted") for d in open_desks[:4]),
            *(partial(book, d, context, key=str(n), slot=time.pk, patient=other.pk)
              for n, d in enumerate(open_desks[4:])),
        ])  # fmt: skip
    assert codes(answers[:4]) == {"success": 1, "offer_closed": 3}
    assert codes(answers[4:]) == {"slot_unavailable": 12}
    assert len(visits_of(world, who.patient_id)) == 1
    assert visits_of(world, other.pk) == []


def test_acceptance_against_a_receptionist_who_books_it_for_them(world: World) -> None:
    """Both mean the same visit: there is one, and list and offer say so."""
    who = waits(world)
    time = come_free(world)
    offer, context = open_offer(world), context_of(world, world.bob)
    with desks(16) as open_desks:
        answers = at_once([
            *(partial(reply, d, context, offer, "accepted") for d in open_desks[:8]),
            *(partial(book, d, context, key=str(n), slot=time.pk, patient=who.patient_id)
              for n, d in enumerate(open_desks[8:])),
        ])  # fmt: skip
    assert codes(answers)["success"] == 1
    (made,) = visits_of(world, who.patient_id)
    now = entry(world, who.pk)
    assert (now.status, now.appointment_id) == ("booked", made.pk)
    assert [o.status for o in offers(world)] == ["accepted"]


def test_acceptance_after_the_hold_against_everybody(world: World) -> None:
    """The job is late: the hold has ended, the offer too. Whoever books it has it."""
    who, other = waits(world), patient(world)
    time = come_free(world)
    offer, context = open_offer(world), context_of(world, world.bob)
    run_out(world, offer)
    with world.as_owner():
        AppointmentSlot.objects.using("owner").filter(pk=time.pk).update(
            held_until=dt.datetime.now(dt.UTC)
        )
    with desks(16) as open_desks:
        answers = at_once([
            *(partial(reply, d, context, offer, "accepted") for d in open_desks[:8]),
            *(partial(book, d, context, key=str(n), slot=time.pk, patient=other.pk)
              for n, d in enumerate(open_desks[8:])),
        ])  # fmt: skip
    assert codes(answers[8:])["success"] == 1
    assert "success" not in codes(answers[:8])
    assert offers(world)[0].status == "expired"
    assert entry(world, who.pk).status == "waiting"


def test_two_freed_times_never_go_to_one_entry(world: World) -> None:
    waiting = [waits(world) for _ in range(3)]
    visits = [visit(world, slot_of(world, which=0)) for _ in range(8)]
    context = context_of(world, world.bob)
    with desks(8) as open_desks:
        answers = at_once([
            partial(cancel_at_once, d, context, key=str(v), appointment=v)
            for d, v in zip(open_desks, visits, strict=True)
        ])  # fmt: skip
    assert codes(answers) == {"success": 8}
    made = offers(world, status="open")
    assert len({o.slot_id for o in made}) == len(made) == 3
    assert {o.entry_id for o in made} == {e.pk for e in waiting}
    assert len(freed(world)) == 8


def test_cancellations_and_sweeps_do_not_deadlock(world: World) -> None:
    for _ in range(6):
        waits(world)
    visits = [visit(world, slot_of(world, which=0)) for _ in range(6)]
    for n in range(3):
        come_free(world, which=n)
    for offer in offers(world, status="open"):
        run_out(world, offer)
    context = context_of(world, world.bob)
    jobs: list[Any] = []
    with desks(15) as open_desks:
        jobs += [partial(cancel_at_once, d, context, key=str(v), appointment=v)
                 for d, v in zip(open_desks, visits, strict=False)]  # fmt: skip
        made = offers(world, status="open")
        jobs += [partial(reply, d, context, o, "declined")
                 for d, o in zip(open_desks[6:], made, strict=False)]  # fmt: skip
        jobs += [partial(ask, d, worker_of(world), "select booking.work_waiting_list()", [])
                 for d in open_desks[9:]]  # fmt: skip
        at_once(jobs)
    work(world)
    made = offers(world, status="open")
    assert len({o.entry_id for o in made}) == len({o.slot_id for o in made}) == len(made) > 0
    held = {o.slot_id for o in made}
    assert {o.slot.held_for_id is not None for o in made} == {True}
    for free in world.free_slots():
        assert (free.held_for_id is not None) == (free.pk in held)


BREAK = """
create function public.break_offers() returns trigger language plpgsql as
  'begin raise exception ''broken''; end';
create trigger break_offers before insert on clinic.waiting_list_offers
  for each row execute function public.break_offers()
"""
MEND = "drop trigger break_offers on clinic.waiting_list_offers; drop function public.break_offers"


def test_a_failure_to_offer_never_fails_the_cancellation(world: World, admin_url: str) -> None:
    who = waits(world)
    time = slot_of(world)
    gone = visit(world, time)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(BREAK)
        try:
            assert cancel(world, gone).ok
            assert work(world) == 0, "nor the job"
        finally:
            admin.execute(MEND)
    assert slot(world, time.pk).appointment_id is None
    (row,) = freed(world)
    assert (offers(world), row.considered_at) == ([], None)
    assert work(world) == 1, "the job tries again"
    assert open_offer(world).entry_id == who.pk
