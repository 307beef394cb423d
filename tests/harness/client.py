"""A client as the site's pages are one: it asks a service, and asks again with the same key."""

import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from booking.services.appointments import (
    BookingOutcome,
    book_appointment,
    cancel_appointment,
    change_status,
    reschedule_appointment,
    undo_transition,
)
from clinic.errors import Busy, Unavailable
from clinic.tenancy.context import tenant_context

TRIES = 60
SERVICES: dict[str, Callable[..., BookingOutcome]] = {
    "book": book_appointment,
    "cancel": cancel_appointment,
    "reschedule": reschedule_appointment,
    "undo": undo_transition,
}


@dataclass(frozen=True)
class Wish:
    """One thing that somebody of a clinic wants, under one key. operation is as in
    booking_requests; given are the service's arguments, less the key.
    """

    clinic: uuid.UUID
    user: uuid.UUID
    role: str
    operation: str
    given: dict[str, Any]
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    def ask(self) -> BookingOutcome:
        given = dict(self.given)
        if self.operation == "book":
            given |= {"user_id": self.user, "clinic_id": self.clinic}
        if self.operation not in SERVICES:
            given["action"] = self.operation
        return SERVICES.get(self.operation, change_status)(idempotency_key=self.key, **given)


@dataclass
class Heard:
    """What a client was told. outcome is None if it gave up: then nothing is known.

    unsure are answers that came before a COMMIT which failed; raw are errors that no client should
    ever see; named counts those that tell it to try again.
    """

    wish: Wish
    outcome: BookingOutcome | None = None
    unsure: list[BookingOutcome] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    named: int = 0

    @property
    def won(self) -> bool:
        return self.outcome is not None and self.outcome.ok


@contextmanager
def nothing() -> Iterator[None]:
    yield


def perform(
    wish: Wish,
    around: Callable[[], Any] = nothing,
    inside: Callable[[], None] = lambda: None,
) -> Heard:
    """Asks until there is an answer. around is held about the first try, and inside is called in
    its transaction before the question: both are for faults.
    """
    heard = Heard(wish)
    for turn in range(TRIES):
        try:
            with around() if turn == 0 else nothing():
                heard.outcome = once(wish, heard, inside if turn == 0 else None)
            break
        except (Busy, Unavailable):
            heard.named += 1
            # At once first: the server may not know yet that the connection is gone.
            time.sleep(random.uniform(0, 0.02 * min(turn, 15)))
        except Exception as error:
            heard.raw.append(f"{wish.operation}: {type(error).__name__}: {error}"[:300])
        finally:
            connection.close_if_unusable_or_obsolete()
    return heard


def once(wish: Wish, heard: Heard, inside: Callable[[], None] | None) -> BookingOutcome:
    with tenant_context(clinic=wish.clinic, user=wish.user, role=wish.role):
        if inside:
            inside()
        outcome = wish.ask()
        heard.unsure.append(outcome)
    heard.unsure.pop()
    return outcome


def same(one: BookingOutcome, other: BookingOutcome) -> bool:
    """The same answer, but for who did the work."""
    return replace(one, idempotent=False) == replace(other, idempotent=False)
