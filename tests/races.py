"""Many at once: threads that start together, each with a connection of its own."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import chain
from threading import Barrier
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from clinic.tenancy.backend.base import DISCARD, OPEN, opening_values
from clinic.tenancy.context import Context
from tests.factories import World
from tests.frames import with_room

T = TypeVar("T")
Connection = psycopg.Connection[Any]


def at_once(jobs: Sequence[Callable[[], T]], timeout: float = 60) -> list[T]:
    """What each job returned, in order; all of them start at the same moment."""
    barrier = Barrier(len(jobs))

    @with_room
    def run(job: Callable[[], T]) -> T:
        barrier.wait(timeout)
        return job()

    with ThreadPoolExecutor(len(jobs)) as threads:
        return [future.result(timeout) for future in [threads.submit(run, job) for job in jobs]]


def connect(url: str = "", seconds: float = 20) -> Connection:
    """A connection as the site's login; waits while other tests hold all that the server has."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            # As the site's own: it prepares nothing, so it may be discarded as those are.
            return psycopg.connect(
                url or os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=None
            )
        except psycopg.OperationalError as error:
            if "too many" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


# Connections at rest, by address: the first booking of a new one costs ten times that of the next.
IDLE: dict[str, list[Connection]] = {}
KEPT = 64


@contextmanager
def desks(count: int) -> Iterator[list[Connection]]:
    """So many connections as the site's login, all open; patient, for a test machine is slow."""
    with ExitStack() as stack:
        yield [stack.enter_context(desk()) for _ in range(count)]


@contextmanager
def desk() -> Iterator[Connection]:
    """One that rested, if it still answers, or a new one; it rests again unless it was broken."""
    idle = IDLE.setdefault(os.environ["DATABASE_URL"], [])
    connection = patient(idle.pop()) if idle else None
    connection = connection or patient(connect())
    assert connection
    try:
        yield connection
    finally:
        if len(idle) < KEPT and clean(connection):
            idle.append(connection)
        else:
            connection.close()


def patient(connection: Connection) -> Connection | None:
    """Itself, told to wait long for locks; None if its server process has gone."""
    try:
        connection.execute("set lock_timeout = '20s'")
    except psycopg.OperationalError:
        connection.close()
        return None
    return connection


def clean(connection: Connection) -> bool:
    """Whether it is now as good as new."""
    if connection.closed or connection.info.transaction_status != TransactionStatus.IDLE:
        return False
    try:
        connection.execute(DISCARD)
    except psycopg.OperationalError:
        return False
    return connection.autocommit


def close_desks() -> None:
    """Let go of those at rest."""
    for connection in chain.from_iterable(IDLE.values()):
        connection.close()
    IDLE.clear()


def context_of(world: World, user: Any, role: str = "") -> Context:
    """What the site would sign for this user of the clinic."""
    return Context(clinic_id=world.id, user_id=user.id, role=role or str(user.role))


def ask(connection: Connection, context: Context, query: str, params: Sequence[Any]) -> Any:
    """The one value of a query, in a transaction of its own inside the context."""
    with connection.transaction():
        connection.execute(OPEN, opening_values(context))
        row = connection.execute(query.encode(), params).fetchone()
    assert row
    return row[0]


BOOK = "select booking.create_booking(%s, %s, %s, %s, %s, %s, %s)"


def book(
    connection: Connection,
    context: Context,
    *,
    key: str,
    slot: Any,
    patient: Any,
    user: Any = None,
    clinic: Any = None,
    reason: str | None = None,
    kind: str | None = "consultation",
) -> Any:
    """The answer of create_booking; user and clinic are those of the context unless given."""
    ids = [user or context.user_id, clinic or context.clinic_id, slot, patient]
    return ask(connection, context, BOOK, [key, *ids, reason, kind])


def cancel(connection: Connection, context: Context, *, key: str, appointment: Any) -> Any:
    """The answer of cancel_booking."""
    query = "select booking.cancel_booking(%s, %s, 'not needed any more')"
    return ask(connection, context, query, [key, appointment])


WAITING = """
select count(*) from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and query like %s
"""


def wait_for(line: Any, statement: str) -> None:
    """Until somebody waits for a lock in a statement like this."""
    deadline = time.monotonic() + 10
    while line.execute(WAITING, [f"%{statement}%"]).fetchone() != (1,):
        assert time.monotonic() < deadline, f"{statement} waits for nothing"
        time.sleep(0.02)


def in_turn(world: World, admin_url: str, jobs: dict[str, Callable[[], T]]) -> dict[str, T]:
    """What each job returned. Each, a statement by its name, waits for the clinic's numbers first.

    They are let go when all of them wait, in the order in which they came.
    """
    with (
        connect(admin_url) as holder, connect(admin_url) as watch,
        ThreadPoolExecutor(len(jobs)) as threads,
    ):  # fmt: skip
        with holder.transaction():
            holder.execute("select booking.lock_numbers(%s)", [world.id])
            running = {}
            for name, job in jobs.items():
                running[name] = threads.submit(job)
                wait_for(watch, name)
        return {name: future.result(60) for name, future in running.items()}
