import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections
from procrastinate.exceptions import ConnectorException
from procrastinate.periodic import PeriodicRegistry

from audit.sealing import keep_sealing, seal_all
from clinic.encryption.keyring import unlock_all
from jobs.app import queue

HEARTBEAT_SECONDS = 5
STOP_SECONDS = 8  # less than what the demo, and most supervisors, wait before they kill


@contextmanager
def sealing() -> Iterator[None]:
    """The trail is sealed each second beside the queue: as jobs, that would be 86,400 a day."""
    stop = threading.Event()
    sealer = threading.Thread(target=keep_sealing, args=[stop], name="sealer", daemon=True)
    sealer.start()
    try:
        yield
    finally:
        stop.set()
        sealer.join(STOP_SECONDS)


class Command(BaseCommand):
    help = (
        "Work the job queue until told to stop, queue what is due at its hour, seal the trail."
        " Shows a heartbeat every few seconds, which /readyz looks for."
    )
    requires_system_checks = []  # handle runs them, with the database's

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--once",
            action="store_true",
            help="stop when the queue is empty, and queue nothing that is due",
        )
        parser.add_argument(
            "--no-listen",
            action="store_true",
            help="poll only, every 5 seconds: LISTEN does not go through a transaction pooler",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        listen = not options["no_listen"]
        try:
            self.check(databases=["default"])
            unlock_all()
            connections.close_all()
            if options["once"]:
                seal_all()
                connections.close_all()
                asyncio.run(self.work(once=True, listen_notify=listen))
                return
            with sealing():
                asked = asyncio.run(self.work(once=False, listen_notify=listen))
        except (Error, psycopg.Error, ConnectorException) as error:
            raise CommandError(f"The queue cannot be reached: {error}") from error
        if not asked:
            raise CommandError("The worker stopped by itself: its connection was lost.")

    async def work(self, *, once: bool, **options: Any) -> bool:
        """Run a worker; returns whether it was told to stop."""
        app = queue()
        if once:
            app.periodic_registry = PeriodicRegistry()
        async with app.open_async():
            worker = app.run_worker_async(
                wait=not once,
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                shutdown_graceful_timeout=STOP_SECONDS,
                delete_jobs="successful",
                **options,
            )
            task = asyncio.create_task(worker)
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
            self.stdout.write("Working. Ctrl-C stops.")
            self.stdout.flush()
            try:
                await task
            except asyncio.CancelledError:
                return True
            return False
