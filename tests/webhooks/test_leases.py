"""Who holds an event may end it, nobody else; what was broken off comes back."""

import datetime as dt
import os
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from clinic.tenancy.context import NO_CLINIC, tenant_context
from tests.factories import World
from tests.factories.webhooks import source_of
from tests.races import at_once
from tests.webhooks.scene import (
    AGO,
    ask,
    end_leases,
    event,
    money,
    once,
    payment,
    state,
)
from webhooks.handlers import Outcome
from webhooks.models import Source
from webhooks.services import Claimed, claim_events, inside, mark_event
from webhooks.worker import alone, drain, give_back, work, work_together

pytestmark = pytest.mark.usefixtures("no_events")


def test_the_oldest_come_first_and_what_is_not_due_not_at_all(
    world: World, other_world: World, source: Source
) -> None:
    now = dt.datetime.now(dt.UTC)
    with other_world.as_owner():
        elsewhere = source_of(other_world.clinic)
    second = event(world, source, received_at=now - 2 * AGO)
    first = event(other_world, elsewhere, received_at=now - 3 * AGO)
    event(world, source, next_attempt_at=now + dt.timedelta(hours=1))
    event(world, source, status="success", processed_at=now)
    event(world, source, status="dead_letter")
    assert [e.id for e in claim_events(worker="w", count=1)] == [first.pk]
    assert [e.id for e in claim_events(worker="w", count=9)] == [second.pk]
    assert claim_events(worker="w", count=9) == []


def test_in_a_clinic_s_context_only_its_own_are_claimed(
    world: World, other_world: World, source: Source
) -> None:
    with other_world.as_owner():
        event_there = source_of(other_world.clinic)
    event(other_world, event_there)
    mine = event(world, source)
    with tenant_context(clinic=world.id, role="worker"), connection.cursor() as cursor:
        cursor.execute("select id from webhook.claim_next_event('w', 9)")
        assert cursor.fetchall() == [(mine.pk,)]


@pytest.mark.parametrize("role", ["staff", "admin", "superadmin", "doctor", "patient"])
def test_nobody_else_claims(world: World, role: str) -> None:
    with (
        pytest.raises(Exception, match="permission denied"),
        tenant_context(clinic=world.id, role=role, user=world.alice.id),
        connection.cursor() as cursor,
    ):
        cursor.execute("select webhook.claim_next_event('w')")


def test_the_role_alone_does_not_either(source: Source, world: World) -> None:
    event(world, source)
    with psycopg.connect(os.environ["DATABASE_URL"]) as site:
        for call in ("claim_next_event('w')", f"mark_event_result('{NO_CLINIC}', 'success')"):
            site.execute("set role clinic_worker")
            with pytest.raises(psycopg.Error, match="by its signed context"):
                site.execute(f"select webhook.{call}")
            site.rollback()


def test_two_workers_never_have_the_same(world: World, source: Source) -> None:
    wanted = {event(world, source).pk for _ in range(60)}

    def worker(name: str) -> Callable[[], list[Any]]:
        def claim() -> list[Any]:
            had = []
            while found := claim_events(worker=name, count=3):
                had += [e.id for e in found]
            connections.close_all()
            return had

        return claim

    shares = at_once([worker(f"w{n}") for n in range(4)])
    claimed = [pk for share in shares for pk in share]
    assert (len(claimed), set(claimed)) == (60, wanted)


def test_a_late_worker_changes_nothing(world: World, source: Source, probe: Any) -> None:
    due, told = payment(world), event(world, source)
    (slow,) = claim_events(worker="slow", count=1)
    end_leases()
    (fast,) = claim_events(worker="fast", count=1)
    assert (fast.id, fast.attempts) == (told.pk, 2)

    def pays(claimed: Claimed, payload: Any) -> Outcome:
        values = [claimed.id, due.payment_intent_id, Decimal("31.50"), "late"]
        with connection.cursor() as cursor:
            cursor.execute("select webhook.settle_payment(%s, %s, %s, %s)", values)
        return Outcome("success")

    probe(pays)
    work(slow, worker="slow")
    assert money(world, due)[0] == "pending"
    with inside(slow):
        assert not mark_event(event=slow, worker="slow", status="failed")
        assert not mark_event(event=slow, worker="", status="failed")
    assert state(world, told) == ("processing", 2, "")
    with inside(fast):
        assert mark_event(event=fast, worker="fast", status="success")
        assert not mark_event(event=fast, worker="fast", status="failed")
    assert state(world, told) == ("success", 2, "")


def test_a_lease_that_has_run_out_is_nobody_s(world: World, source: Source) -> None:
    event(world, source)
    (claimed,) = claim_events(worker="w", count=1)
    end_leases()
    with inside(claimed):
        assert not mark_event(event=claimed, worker="w", status="success")


def test_whoever_dies_of_an_event_ten_times_has_tried_it_ten_times(
    world: World, source: Source
) -> None:
    told = event(world, source, max_attempts=3)
    for attempt in range(1, 4):
        (claimed,) = claim_events(worker=f"w{attempt}", count=1)
        assert claimed.attempts == attempt
        end_leases()
    assert claim_events(worker="w4", count=1) == []
    message = "The worker did not come back from the last try."
    assert state(world, told) == ("dead_letter", 3, message)


def test_what_a_worker_died_of_is_tried_alone(world: World, source: Source, probe: Any) -> None:
    told = [event(world, source) for _ in range(3)]
    claim_events(worker="dies", count=3)
    end_leases()
    companies: list[int] = []

    def counts(claimed: Claimed, payload: Any) -> Outcome:
        query = "select count(*) from clinic.webhook_events where status = 'processing'"
        companies.append(ask(query)[0][0])
        return Outcome("success")

    probe(counts)
    assert once() == 3
    assert companies == [1, 1, 1]
    assert [state(world, each)[:2] for each in told] == [("success", 2)] * 3


def test_a_poison_that_kills_takes_nobody_along(world: World, source: Source) -> None:
    """Every worker that comes near one of them dies: the others are done all the same."""
    now = dt.datetime.now(dt.UTC)
    poison = event(world, source, received_at=now - AGO, max_attempts=3)
    others = [event(world, source, received_at=now) for _ in range(3)]
    for number in range(4):
        name = f"w{number}"
        while claimed := alone(claim_events(worker=name, count=9), worker=name):
            if any(each.id == poison.pk for each in claimed):
                break  # killed
            work_together(claimed, worker=name)
        end_leases()
    assert state(world, poison)[:2] == ("dead_letter", 3)
    assert [state(world, each)[:2] for each in others] == [("success", 2)] * 3


def test_what_was_not_begun_is_given_back(world: World, source: Source) -> None:
    told = event(world, source)
    (claimed,) = claim_events(worker="w", count=1)
    give_back([claimed], worker="w")
    assert state(world, told) == ("pending", 0, "")
    assert len(claim_events(worker="v", count=1)) == 1


def test_a_stopped_worker_gives_back_what_it_claimed(
    world: World, other_world: World, source: Source, probe: Any
) -> None:
    now = dt.datetime.now(dt.UTC)
    first = event(world, source, received_at=now - AGO)
    with other_world.as_owner():
        elsewhere = source_of(other_world.clinic)
    second = event(other_world, elsewhere, received_at=now)
    seen: list[Any] = []
    probe(lambda claimed, payload: seen.append(claimed.id) or Outcome("success"))
    assert drain(worker="w", stop=lambda: bool(seen)) == 1
    assert state(world, first)[:2] == ("success", 1)
    assert state(other_world, second)[:2] == ("pending", 0)


def test_one_late_event_takes_none_of_its_company_along(
    world: World, source: Source, probe: Any
) -> None:
    """They are worked together: the lease of one is lost meanwhile, the others are done once."""
    told = [event(world, source) for _ in range(3)]
    calls: list[Any] = []

    def loses(claimed: Claimed, payload: Any) -> Outcome:
        if not calls:
            ask("update clinic.webhook_events set lease_until = now() - interval '1 s'"
                " where id = %s", told[1].pk)  # fmt: skip
        calls.append(claimed.id)
        return Outcome("success")

    probe(loses)
    work_together(claim_events(worker="w", count=3), worker="w")
    assert [state(world, each)[0] for each in told] == ["success", "processing", "success"]
    assert len(calls) == 6
