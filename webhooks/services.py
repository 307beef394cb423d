"""Verbs of webhooks, each one function of the database.

Raises what the database says no with: clinic.errors for its own errors, django.db errors else.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connections

from clinic.errors import translate
from clinic.models import Clinic
from clinic.tenancy.context import NO_CLINIC, tenant_context
from clinic.tenancy.door import at_the_door
from webhooks.validators import Delivery, is_plain

CLAIM = """
select id, clinic_id, webhook_id, event_id, event_type, payload::text, attempts, crashes
from webhook.claim_next_event(%s, %s)
"""

MARK = """
select webhook.mark_event_results(%s::uuid[], %s::public.webhook_event_status[], %s::text[], %s)
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An event in the hands of a worker. payload is JSON text, attempts counts this one.

    crashes: how many workers did not come back from it.
    """

    id: UUID
    clinic_id: UUID
    source_id: UUID
    event_id: str
    event_type: str
    payload: str
    attempts: int
    crashes: int


def rows(query: str, params: list[Any], using: str = "default") -> list[tuple[Any, ...]]:
    """What a query says, database errors by their names."""
    try:
        with connections[using].cursor() as cursor:
            cursor.execute(query, params)
            return cursor.fetchall()
    except DatabaseError as error:
        raise translate(error) from error


def receive_delivery(*, source_id: UUID, delivery: Delivery, body: bytes) -> str:
    """Verify and store one delivery, in no clinic's context.

    Returns stored, duplicate, conflict, refused, unknown or unreadable: see webhook.receive.
    """
    given = delivery.event_id, delivery.timestamp, list(delivery.signatures)
    try:
        ((answer,),) = at_the_door("webhook.receive", source_id, *given, body, is_plain(body))
    except DatabaseError as error:
        raise translate(error) from error
    return str(answer)


def rotate_secret(
    *, source_id: UUID, secret: str | None = None, hours: int = 24, using: str = "default"
) -> str:
    """Give a source of the clinic a new secret, or the sender's; returns it, for the only time.

    The old one counts for so many hours more (0 to 168). Raises NotFound, DataError for a secret
    that is not whsec_ and base64 of 24 to 64 bytes.
    """
    query = "select webhook.rotate_secret(%s, %s::text, make_interval(hours => %s::int))"
    ((found,),) = rows(query, [source_id, secret, hours], using)
    return str(found)


def retry_event(*, event_id: UUID) -> bool:
    """Begin again with a failed or given-up event of the clinic. False where it is neither."""
    return bool(rows("select webhook.retry_event(%s)", [event_id])[0][0])


def bury_event(*, event_id: UUID, reason: str) -> bool:
    """Give up a waiting or failed event of the clinic. False where it is neither."""
    return bool(rows("select webhook.bury_event(%s, %s)", [event_id, reason])[0][0])


def claim_events(*, worker: str, count: int) -> list[Claimed]:
    """Up to count events of any clinic that are due, oldest first, this worker's for 5 minutes."""
    with tenant_context(clinic=NO_CLINIC, role="worker", reason="Webhook queue"):
        return [Claimed(*row) for row in rows(CLAIM, [worker, count])]


def mark_events(
    *, events: Sequence[Claimed], worker: str, results: Sequence[tuple[str, str]]
) -> bool:
    """Say how the tries of one clinic's events ended: a (status, message) for each, one query.

    False when one of the leases is not ours any more.
    """
    statuses, messages = zip(*results, strict=True)
    ids = [event.id for event in events]
    marked = rows(MARK, [ids, list(statuses), list(messages), worker])[0][0]
    return bool(marked == len(ids))


def mark_event(*, event: Claimed, worker: str, status: str, message: str = "") -> bool:
    """Say how one try ended, in the caller's context. False when the lease is not ours any more."""
    return mark_events(events=[event], worker=worker, results=[(status, message)])


def settle_payment(*, event: Claimed, intent: str, amount: Any, reference: str) -> str:
    """Complete the payment that an event is about; amount in the clinic's currency.

    Returns settled, already, paid, mismatch or unknown: see webhook.settle_payment.
    """
    query = "select webhook.settle_payment(%s, %s, %s, %s)"
    return str(rows(query, [event.id, intent, amount, reference])[0][0])


def currency_of(event: Claimed) -> str:
    """The currency of the event's clinic, which is the one of the context."""
    return str(Clinic.objects.values_list("currency", flat=True).get(id=event.clinic_id))


@contextmanager
def inside(event: Claimed) -> Iterator[None]:
    """A transaction in the event's clinic, as its worker."""
    reason = f"Webhook {event.event_id}"
    with tenant_context(clinic=event.clinic_id, role="worker", reason=reason):
        yield
