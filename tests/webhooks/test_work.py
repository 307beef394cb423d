"""Events are worked once each, in their clinic, whoever dies over it."""

import datetime as dt
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections

from audit.models import AuditLog
from clinic.models import Payment
from clinic.tenancy.context import NO_CLINIC, tenant_context
from tests.factories import World
from tests.factories.records import DAY, new
from tests.factories.webhooks import source_of
from tests.races import at_once
from tests.webhooks.conftest import events_of
from webhooks import handlers
from webhooks.handlers import Outcome
from webhooks.models import Source, WebhookEvent
from webhooks.services import Claimed, bury_event, claim_events, inside, mark_event, retry_event
from webhooks.worker import alone, drain, give_back, work, work_together

WORK = (sys.executable, "manage.py", "webhooks_work")
AGO = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _nothing_else() -> None:
    """Events of other tests are done with: a claim takes those of every clinic."""
    ask("delete from clinic.webhook_events")


def ask(query: str, *params: Any) -> list[tuple[Any, ...]]:
    """Rows as an administrator of the server sees them."""
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"]) as admin:
        cursor = admin.execute(query, params)
        return cursor.fetchall() if cursor.description else []


def event(world: World, source: Source, **values: Any) -> WebhookEvent:
    """An event that waits."""
    given = {"event_id": uuid.uuid4().hex, "event_type": "test.probe", "payload": {}} | values
    with world.as_owner():
        return new(WebhookEvent, clinic=world.clinic, source=source, **given)


def payment(world: World, **values: Any) -> Payment:
    """A payment of 31.50 that a gateway was asked for."""
    given = {"payment_gateway": "demopay", "payment_intent_id": uuid.uuid4().hex} | values
    with world.as_owner():
        return new(
            Payment, clinic=world.clinic, patient=world.patient, payment_date=DAY,
            payment_method="card", subtotal="31.50", total_amount="31.50", **given,
        )  # fmt: skip


def paid(of: Payment, **data: Any) -> dict[str, Any]:
    """What a provider says of a payment."""
    told = {
        "payment_intent_id": of.payment_intent_id, "transaction_reference": "tx_9",
        "amount": 3150, "currency": "SGD",
    }  # fmt: skip
    values = {"event_type": "payment.completed"}
    return values | {"payload": {"type": "payment.completed", "data": told | data}}


def once(worker: str = "w1") -> int:
    return drain(worker=worker)


def state(world: World, of: WebhookEvent) -> tuple[str, int, str]:
    found = next(e for e in events_of(world) if e.pk == of.pk)
    return found.status, found.attempts, found.error


def money(world: World, of: Payment) -> tuple[str, Decimal, str]:
    with world.as_owner():
        of.refresh_from_db(using="owner")
    return of.status, of.paid_amount, of.transaction_reference


def end_leases() -> None:
    ask("update clinic.webhook_events set lease_until = now() - interval '1 s'"
        " where status = 'processing'")  # fmt: skip


def make_due() -> None:
    ask("update clinic.webhook_events set next_attempt_at = now() - interval '1 s'"
        " where status = 'failed'")  # fmt: skip


# --- the handler of payments ---------------------------------------------------------------------


def test_a_payment_is_completed_by_its_event(world: World, source: Source) -> None:
    due = payment(world)
    told = event(world, source, **paid(due))
    assert once() == 1
    assert money(world, due) == ("completed", Decimal("31.50"), "tx_9")
    assert state(world, told) == ("success", 1, "")
    with world.as_owner():
        log = AuditLog.objects.using("owner").filter(table_name="payments").latest("id")
    assert (log.actor_role, log.reason) == ("worker", f"Webhook {told.event_id}")


def test_told_twice_it_is_paid_once(world: World, source: Source) -> None:
    due = payment(world)
    event(world, source, **paid(due))
    again = event(world, source, **paid(due))
    assert once() == 2
    assert money(world, due) == ("completed", Decimal("31.50"), "tx_9")
    assert state(world, again) == ("success", 1, "It was completed before.")


def test_what_is_left_is_what_must_be_paid(world: World, source: Source) -> None:
    due = payment(world, status="partial", paid_amount="11.50")
    event(world, source, **paid(due, amount=2000))
    once()
    assert money(world, due) == ("completed", Decimal("31.50"), "tx_9")


@pytest.mark.parametrize(
    ("data", "status", "message"),
    [
        ({"amount": 3149}, "dead_letter", "The amount is not what is outstanding."),
        ({"amount": 315000}, "dead_letter", "The amount is not what is outstanding."),
        ({"currency": "USD"}, "dead_letter", "The currency is not the clinic's."),
        ({"payment_intent_id": "pi_x"}, "failed", "No payment of this clinic has this intent."),
        *(
            (wrong, "dead_letter", "payment_intent_id, transaction_reference, amount, currency")
            for wrong in ({"amount": -1}, {"amount": "3150"}, {"amount": 31.5}, {"amount": True},
                          {"amount": 10**12}, {"currency": None}, {"payment_intent_id": {}},
                          {"transaction_reference": "x" * 256}, {"transaction_reference": ""})
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_changes_nothing(
    world: World, source: Source, data: dict[str, Any], status: str, message: str
) -> None:
    due = payment(world)
    told = event(world, source, **paid(due, **data))
    once()
    assert money(world, due) == ("pending", Decimal(0), "")
    assert state(world, told) == (status, 1, message)


def test_a_payment_paid_otherwise_is_for_people_to_see(world: World, source: Source) -> None:
    due = payment(world, status="completed", paid_amount="31.50", transaction_reference="cash")
    told = event(world, source, **paid(due))
    once()
    assert money(world, due)[2] == "cash"
    assert state(world, told)[0] == "dead_letter"


def test_another_clinic_s_payment_and_gateway_are_unknown(
    world: World, other_world: World, source: Source
) -> None:
    theirs = payment(other_world)
    of_another_gateway = payment(world, payment_gateway="other")
    told = [event(world, source, **paid(due)) for due in (theirs, of_another_gateway)]
    once()
    assert [state(world, each)[0] for each in told] == ["failed", "failed"]
    assert money(other_world, theirs)[0] == money(world, of_another_gateway)[0] == "pending"


def test_an_event_before_its_payment_is_tried_again(world: World, source: Source) -> None:
    told = event(world, source, **paid(Payment(payment_intent_id="pi_later")))
    once()
    assert state(world, told)[0] == "failed"
    due = payment(world, payment_intent_id="pi_later")
    make_due()
    once()
    assert (state(world, told)[:2], money(world, due)[0]) == (("success", 2), "completed")


def test_yen_have_no_cents(source: Source, world: World) -> None:
    with world.as_owner():
        world.clinic.currency = "JPY"
        world.clinic.save(using="owner", update_fields=["currency"])
    due = payment(world)
    ask("update clinic.payments set subtotal = 3150, total_amount = 3150 where id = %s", due.pk)
    event(world, source, **paid(due, currency="JPY"))
    once()
    assert money(world, due)[1] == 3150


def test_what_nobody_handles_is_done_with_and_says_so(world: World, source: Source) -> None:
    told = event(world, source, event_type="lab_result.final")
    once()
    assert state(world, told) == ("success", 1, "Ignored: nobody handles it.")


# --- faults --------------------------------------------------------------------------------------


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """probe(handler) makes it the handler of test.probe."""

    def use(handler: Any) -> None:
        monkeypatch.setitem(handlers.HANDLERS, "test.probe", handler)

    return use


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


# --- leases --------------------------------------------------------------------------------------


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


# --- processes -----------------------------------------------------------------------------------


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


# --- administrators ------------------------------------------------------------------------------


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
