"""Events and payments to work on, and what became of them."""

import datetime as dt
import os
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
from django.test import Client

from clinic.models import Payment
from tests.factories import World
from tests.factories.records import DAY, new
from tests.factories.webhooks import signed_headers
from webhooks.models import Source, WebhookEvent
from webhooks.worker import drain

AGO = dt.timedelta(seconds=1)
Probe = Callable[[Any], None]


def events_of(world: World) -> list[WebhookEvent]:
    with world.as_owner():
        return list(WebhookEvent.objects.using("owner").order_by("received_at", "id"))


def ask(query: str, *params: Any) -> list[tuple[Any, ...]]:
    """Rows as an administrator of the server sees them."""
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"]) as admin:
        cursor = admin.execute(query, params)
        return cursor.fetchall() if cursor.description else []


def deliver(
    source: Any,
    event_id: str = "evt_1",
    body: bytes = b'{"type": "x.y"}',
    *,
    to: Any = None,
    **changed: Any,
) -> Any:
    """What the source's sender sends, signed, to its address or that of another."""
    content_type = changed.pop("content_type", "application/json")
    given = signed_headers(event_id, body) | changed.pop("headers", {})
    headers = {name: value for name, value in given.items() if value is not None}
    client = Client(raise_request_exception=False)
    return client.generic(
        "POST", f"/webhooks/{to or source}/", body, content_type=content_type, headers=headers,
        **changed,
    )  # fmt: skip


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
