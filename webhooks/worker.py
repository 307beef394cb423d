"""Works events: claims a few, runs the handler of each, notes the result in one transaction."""

import json
import logging
import os
import socket
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path

from clinic.errors import RowanError
from webhooks.errors import LeaseLost
from webhooks.handlers import handle
from webhooks.services import Claimed, claim_events, inside, mark_event

logger = logging.getLogger(__name__)
BATCH = 10


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
        for event in events:
            if stop():
                give_back(event, worker=worker)
            else:
                work(event, worker=worker)
                tried += 1
    return tried


def work(event: Claimed, *, worker: str) -> None:
    """One try. Whatever a handler raises is a failed try, with its effects taken back."""
    try:
        with inside(event):
            outcome = handle(event, json.loads(event.payload))
            note(event, worker=worker, status=outcome.status, message=outcome.message)
    except LeaseLost:
        logger.warning("event %s took longer than its lease; nothing was done", event.id)
    except Exception as error:
        message = told(error)
        logger.error("event %s, attempt %d: %s", event.id, event.attempts, message)
        fail(event, worker=worker, message=message)


def note(event: Claimed, *, worker: str, status: str, message: str) -> None:
    """Note the result. Raises LeaseLost where it is not ours to note."""
    if not mark_event(event=event, worker=worker, status=status, message=message):
        raise LeaseLost(str(event.id))


def fail(event: Claimed, *, worker: str, message: str) -> None:
    with inside(event):
        mark_event(event=event, worker=worker, status="failed", message=message)


def give_back(event: Claimed, *, worker: str) -> None:
    with inside(event):
        mark_event(event=event, worker=worker, status="pending")


def told(error: Exception) -> str:
    """What may stand in a log: where it came from, never the values that a strange error quotes."""
    if isinstance(error, RowanError):
        return str(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
