"""What is done to a client in the middle of a try. Each is a context that a first try runs in."""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import Error as DatabaseError
from django.db import connection
from psycopg.errors import IdleInTransactionSessionTimeout

from clinic.tenancy.backend.base import OPEN, opening_values
from tests.factories import World
from tests.harness.client import Wish, nothing
from tests.harness.proxy import Fault, Proxy
from tests.harness.stage import Stage
from tests.races import context_of

WIRE: dict[str, Callable[[], Fault]] = {
    "acknowledgement lost": lambda: Fault("commit", "after"),
    "cut before commit": lambda: Fault("commit", "before"),
    "cut during commit": lambda: Fault("commit", "during"),
    # BEGIN, the context, the question; a statement that is prepared is a request more.
    "cut before the nth statement": lambda: Fault(random.randint(1, 4), "before"),
    "cut after the nth statement": lambda: Fault(random.randint(1, 4), "after"),
    "stall": lambda: Fault(random.choice([3, "commit"]), "before", random.uniform(0.05, 0.4)),
}


@dataclass
class Faults:
    """Makes faults. admin_url is a superuser's; proxy is what the site's connections go through."""

    proxy: Proxy
    admin_url: str

    def make(self, name: str, stage: Stage, wish: Wish) -> "Injection":
        """A fault by its name, for one wish."""
        if name in WIRE:
            fault = WIRE[name]()
            return Injection(lambda: self.wire(fault), happened=lambda: fault.happened)
        return getattr(self, name.replace(" ", "_"))(stage, wish)

    @contextmanager
    def wire(self, fault: Fault) -> Iterator[None]:
        """The connection of this thread fails."""
        with suppress(DatabaseError):
            connection.ensure_connection()
        if connection.connection is None or local_port() not in self.proxy.sessions:
            yield
            return
        port = local_port()
        self.proxy.arm(port, fault)
        try:
            yield
        finally:
            self.proxy.disarm(port)

    def backend_terminated(self, stage: Stage, wish: Wish) -> "Injection":
        return self._struck(lambda pid: self._admin("select pg_terminate_backend(%s)", pid))

    def statement_timeout(self, stage: Stage, wish: Wish) -> "Injection":
        """Anywhere in the function: it takes some milliseconds."""
        return Injection(inside=lambda: setting("statement_timeout", random.randint(1, 12)))

    def lock_timeout(self, stage: Stage, wish: Wish) -> "Injection":
        """Somebody holds the row for longer than is waited for."""
        return Injection(
            lambda: self._held(stage.world, wish, seconds=0.3),
            lambda: setting("lock_timeout", 60),
        )

    def idle_holder(self, stage: Stage, wish: Wish) -> "Injection":
        """A colleague's transaction that does nothing more: the server ends it."""
        return Injection(lambda: self._idle(stage.world, wish), lambda: setting("lock_timeout", 60))

    def deadlock(self, stage: Stage, wish: Wish) -> "Injection":
        """Rows locked in the other order by a maintainer's script: appointment, then slot."""
        return Injection(lambda: self._crossed(wish))

    def _struck(self, strike: Callable[[int], None]) -> "Injection":
        timers: list[threading.Timer] = []

        def inside() -> None:
            pid = connection.connection.info.backend_pid
            timers.append(threading.Timer(random.uniform(0, 0.015), strike, [pid]))
            timers[0].start()

        @contextmanager
        def around() -> Iterator[None]:
            try:
                yield
            finally:
                # Before the connection serves another wish.
                for timer in timers:
                    timer.join()

        return Injection(around, inside)

    def _admin(self, query: str, *params: Any) -> None:
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            admin.execute(query.encode(), params)

    @contextmanager
    def _held(self, world: World, wish: Wish, seconds: float) -> Iterator[None]:
        """The rows of a wish are locked for so long, on a connection of the administrator's."""
        with psycopg.connect(self.admin_url, options="-c lock_timeout=2s") as holder:
            with suppress(psycopg.Error):
                lock(holder, wish)
            timer = threading.Timer(seconds, end, [holder])
            timer.start()
            try:
                yield
            finally:
                timer.join()

    @contextmanager
    def _idle(self, world: World, wish: Wish) -> Iterator[None]:
        site = psycopg.connect(os.environ["DIRECT_DATABASE_URL"], autocommit=True)
        try:
            site.execute("set idle_in_transaction_session_timeout = '250ms'")
            # On a slow machine the server may end it before it holds anything.
            with suppress(psycopg.OperationalError, IdleInTransactionSessionTimeout):
                site.execute("begin")
                site.execute(OPEN, opening_values(context_of(world, world.alice)))
                with suppress(psycopg.Error):
                    lock_as_site(site, wish)
            yield
        finally:
            time.sleep(0.3)
            with suppress(psycopg.Error):
                site.execute("rollback")
            site.close()

    @contextmanager
    def _crossed(self, wish: Wish) -> Iterator[None]:
        """Its own deadlock_timeout is long, so that the site's transaction is the victim."""
        visit, slot = wish.given.get("appointment_id"), wish.given.get("slot_id")
        options = "-c deadlock_timeout=20s -c lock_timeout=4s"
        script = psycopg.connect(self.admin_url, options=options)

        def cross() -> None:
            with suppress(psycopg.Error):
                script.execute(LOCK_SLOTS, [slot, visit])
            end(script)

        with suppress(psycopg.Error):
            script.execute("select from clinic.appointments where id = %s for update", [visit])
        timer = threading.Timer(0.1, cross)
        timer.start()
        try:
            yield
        finally:
            timer.join()
            script.close()


LOCK_SLOTS = """
select from clinic.appointment_slots s
where id = %s or id = (select slot_id from clinic.appointments where id = %s) order by id for update
"""


@dataclass
class Injection:
    """around and inside as client.perform takes them; happened says whether it was met."""

    around: Callable[[], AbstractContextManager[None]] = nothing
    inside: Callable[[], None] = lambda: None
    happened: Callable[[], bool] = lambda: True


def local_port() -> int:
    """The client's end of this thread's connection."""
    import socket

    with socket.socket(fileno=os.dup(connection.connection.fileno())) as held:
        return int(held.getsockname()[1])


def setting(name: str, milliseconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config(%s, %s, true)", [name, f"{milliseconds}ms"])


def lock(holder: Any, wish: Wish) -> None:
    slot, visit = wish.given.get("slot_id"), wish.given.get("appointment_id")
    holder.execute(LOCK_SLOTS, [slot, visit])
    holder.execute("select from clinic.appointments where id = %s for update", [visit])


def lock_as_site(site: Any, wish: Wish) -> None:
    """The site's roles lock rows only by the functions: the same wish under another key."""
    visit, slot = wish.given.get("appointment_id"), wish.given.get("slot_id")
    if wish.operation == "book":
        site.execute(
            "select booking.create_booking('idle', app.current_user_id(), app.current_clinic_id(),"
            " %s, %s)", [slot, wish.given["patient_id"]],
        )  # fmt: skip
    else:
        site.execute("select booking.cancel_booking('idle', %s, 'idle')", [visit])


def end(connection: Any) -> None:
    with suppress(psycopg.Error):
        connection.rollback()
