"""Works events: claims a few, runs the handler of each, notes the result in one transaction."""

import json
import logging
import os
import socket
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from clinic.errors import RowanError
from webhooks.errors import LeaseLost
from webhooks.handlers import handle
from webhooks.services import Claimed, claim_events, inside, mark_event, mark_events

logger = logging.getLogger(__name__)
BATCH = 50


def worker_name() -> str:
    """A name that no other worker has: leases are held under it."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def never() -> bool:
    return False


def drain(*, worker: str, stop: Callable[[], bool] = never) -> int:
    """Work what is due until nothing is, or stop() says so; returns how many events were tried.

    What was claimed and not begun is given back.
    """
    tried = 0
    while not stop() and (events := claim_events(worker=worker, count=BATCH)):
        for of_one_clinic in by_clinic(alone(events, worker=worker)):
            if stop():
                give_back(of_one_clinic, worker=worker)
            else:
                work_together(of_one_clinic, worker=worker)
                tried += len(of_one_clinic)
    return tried


def alone(events: list[Claimed], *, worker: str) -> list[Claimed]:
    """One that a worker did not come back from, if there is one; the others are given back.

    Else whatever shares its batch would have its tries counted without being tried.
    """
    suspect = next((event for event in events if event.crashes), None)
    if suspect is None:
        return events
    for of_one_clinic in by_clinic([event for event in events if event is not suspect]):
        give_back(of_one_clinic, worker=worker)
    return [suspect]


def by_clinic(events: list[Claimed]) -> list[list[Claimed]]:
    """The events clinic by clinic, each clinic's in their order."""
    found: dict[UUID, list[Claimed]] = {}
    for event in events:
        found.setdefault(event.clinic_id, []).append(event)
    return list(found.values())


def work_together(events: list[Claimed], *, worker: str) -> None:
    """All in one transaction: it costs a third. If one fails, none was done: then one by one."""
    try:
        run(events, worker=worker)
    except Exception:
        for event in events:
            work(event, worker=worker)


def work(event: Claimed, *, worker: str) -> None:
    """One try. Whatever a handler raises is a failed try, with its effects taken back."""
    try:
        run([event], worker=worker)
    except LeaseLost:
        logger.warning("event %s took longer than its lease; nothing was done", event.id)
    except Exception as error:
        message = told(error)
        logger.error("event %s, attempt %d: %s", event.id, event.attempts, message)
        fail(event, worker=worker, message=message)


def run(events: list[Claimed], *, worker: str) -> None:
    """Handle events of one clinic and note the results, all or nothing.

    Raises LeaseLost where one is not ours any more, and whatever handlers raise.
    """
    with inside(events[0]):
        outcomes = [handle(event, json.loads(event.payload)) for event in events]
        results = [(outcome.status, outcome.message) for outcome in outcomes]
        if not mark_events(events=events, worker=worker, results=results):
            raise LeaseLost(str(events[0].id))


def fail(event: Claimed, *, worker: str, message: str) -> None:
    with inside(event):
        mark_event(event=event, worker=worker, status="failed", message=message)


def give_back(events: list[Claimed], *, worker: str) -> None:
    """Untried events of one clinic wait again, for whoever comes next."""
    with inside(events[0]):
        mark_events(events=events, worker=worker, results=[("pending", "")] * len(events))


def told(error: Exception) -> str:
    """What may stand in a log: where it came from, never the values that a strange error quotes."""
    if isinstance(error, RowanError):
        return str(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
