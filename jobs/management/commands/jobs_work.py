import asyncio
import signal
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections
from procrastinate.exceptions import ConnectorException
from procrastinate.periodic import PeriodicRegistry

from clinic.encryption.keyring import unlock_all
from jobs.app import queue

HEARTBEAT_SECONDS = 5
STOP_SECONDS = 8  # less than what the demo, and most supervisors, wait before they kill


class Command(BaseCommand):
    help = (
        "Work the job queue until told to stop, and queue what is due at its hour."
        " Shows a heartbeat every few seconds, which /readyz looks for."
    )

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
            asked = asyncio.run(self.work(once=options["once"], listen_notify=listen))
        except (Error, psycopg.Error, ConnectorException) as error:
            raise CommandError(f"The queue cannot be reached: {error}") from error
        if not (asked or options["once"]):
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
