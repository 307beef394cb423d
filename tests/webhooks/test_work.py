"""Events are worked once each, in their clinic, whatever fails and whoever dies over it."""

import datetime as dt
import os
import subprocess
import sys
import time
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from audit.models import AuditLog
from clinic.models import Payment
from tests.factories import World
from tests.webhooks.scene import (
    end_leases,
    event,
    events_of,
    make_due,
    money,
    once,
    paid,
    payment,
    state,
)
from webhooks.handlers import Outcome
from webhooks.models import Source, WebhookEvent
from webhooks.services import Claimed, bury_event, claim_events, retry_event

pytestmark = pytest.mark.usefixtures("no_events")


WORK = (sys.executable, "manage.py", "webhooks_work")


def test_a_fault_takes_the_effect_back_and_quotes_nothing(
    world: World, source: Source, probe: Any, caplog: pytest.LogCaptureFixture
) -> None:
    due, told = payment(world), event(world, source)

    def pays_and_falls(claimed: Claimed, payload: Any) -> Outcome:
        values = [claimed.id, due.payment_intent_id, Decimal("31.50"), "tx"]
        with connection.cursor() as cursor:
            cursor.execute("select webhook.settle_payment(%s, %s, %s, %s)", values)
            assert cursor.fetchone() == ("settled",)
        raise ValueError("S1234567D")

    probe(pays_and_falls)
    once()
    status, attempts, error = state(world, told)
    assert (status, attempts) == ("failed", 1)
    assert error.startswith("ValueError in test_work.py, line ")
    assert money(world, due)[0] == "pending"
    assert "S1234567D" not in caplog.text


def test_a_database_error_is_a_failed_try(world: World, source: Source, probe: Any) -> None:
    told = event(world, source)

    def breaks(claimed: Claimed, payload: Any) -> Outcome:
        with connection.cursor() as cursor:
            cursor.execute("select 1 / 0")
        return Outcome("success")

    probe(breaks)
    once()
    assert state(world, told)[0] == "failed"


def test_a_poison_event_does_not_keep_others_waiting(
    world: World, source: Source, probe: Any
) -> None:
    first = event(world, source, payload={"poison": True})
    others = [event(world, source) for _ in range(3)]

    def picky(claimed: Claimed, payload: Any) -> Outcome:
        if payload.get("poison"):
            raise RuntimeError
        return Outcome("success")

    probe(picky)
    assert once() == 4
    assert [state(world, each)[0] for each in others] == ["success"] * 3
    assert state(world, first)[0] == "failed"


def test_it_is_tried_ten_times_at_growing_distances_and_given_up(
    world: World, source: Source, probe: Any
) -> None:
    told = event(world, source)
    probe(lambda claimed, payload: Outcome("failed", "not yet"))
    waits = []
    for attempt in range(1, 11):
        assert once() == 1
        assert once() == 0
        (found,) = [e for e in events_of(world) if e.pk == told.pk]
        assert (found.attempts, found.error) == (attempt, "not yet")
        if found.next_attempt_at:
            waits.append((found.next_attempt_at - found.last_attempt_at).total_seconds())
        make_due()
    schedule = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert found.status == "dead_letter"
    for wait, planned in zip(waits, schedule, strict=True):
        assert planned * 0.79 < wait < planned * 1.21 + 1


def test_what_failed_together_does_not_come_back_together(world: World, source: Source) -> None:
    for _ in range(20):
        event(world, source, **paid(Payment(payment_intent_id="pi_none")))
    once()
    assert len({e.next_attempt_at.replace(microsecond=0) for e in events_of(world)}) > 1
    waits = [e.next_attempt_at - e.last_attempt_at for e in events_of(world)]
    assert max(waits) - min(waits) > dt.timedelta(milliseconds=300)


def start(*options: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*WORK, *options], cwd=settings.BASE_DIR, env=dict(os.environ), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def test_the_command_works_what_is_due(world: World, source: Source) -> None:
    due = payment(world)
    event(world, source, **paid(due))
    said, _ = start("--once").communicate(timeout=60)
    assert said == "1 events tried.\n"
    assert money(world, due)[0] == "completed"


def test_a_worker_killed_after_claiming_leaves_it_to_the_next(world: World, source: Source) -> None:
    """It waits for the payment's row, which we hold, with the event in its hands."""
    due = payment(world)
    told = event(world, source, **paid(due))
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"]) as admin:
        admin.execute("select from clinic.payments where id = %s for update", [due.pk])
        process = start("--once")
        deadline = time.monotonic() + 30
        while state(world, told)[0] != "processing":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
        process.communicate(timeout=10)
        admin.rollback()
    assert once("next") == 0
    end_leases()
    assert once("next") == 1
    assert money(world, due) == ("completed", Decimal("31.50"), "tx_9")
    assert state(world, told) == ("success", 2, "")


def test_told_to_stop_it_stops(world: World) -> None:
    process = start()
    assert process.stdout is not None
    assert process.stdout.readline() == "Working. Ctrl-C stops.\n"
    process.terminate()
    said, _ = process.communicate(timeout=20)
    assert (process.returncode, said) == (0, "0 events tried.\n")


def test_a_dead_letter_is_tried_again_once_by_one_s_own_clinic(
    world: World, other_world: World, source: Source
) -> None:
    told = event(world, source, status="dead_letter", attempts=10, error="why")
    with other_world.as_user(other_world.alice):
        assert not retry_event(event_id=told.pk)
        assert not bury_event(event_id=told.pk, reason="no")
    with world.as_user(world.alice):
        assert retry_event(event_id=told.pk)
        assert not retry_event(event_id=told.pk)
    assert state(world, told) == ("pending", 0, "")
    with world.as_user(world.alice):
        assert bury_event(event_id=told.pk, reason="sent by mistake")
    assert state(world, told) == ("dead_letter", 0, "sent by mistake")
    with world.as_owner():
        logs = AuditLog.objects.using("owner").filter(
            table_name="webhook_events", action="UPDATE", user_id=world.alice.pk
        )
        assert logs.count() == 2


def test_what_a_worker_has_is_left_to_it(world: World, source: Source) -> None:
    told = event(world, source)
    claim_events(worker="w", count=1)
    with world.as_user(world.alice):
        assert not retry_event(event_id=told.pk)
        assert not bury_event(event_id=told.pk, reason="x")


def test_nobody_rewrites_what_was_sent(world: World, source: Source) -> None:
    told = event(world, source, payload={"a": 1})
    with (
        pytest.raises(Exception, match="permission denied"),
        world.as_user(world.alice),
    ):
        WebhookEvent.objects.filter(pk=told.pk).update(payload={})
    assert events_of(world)[0].payload == {"a": 1}
