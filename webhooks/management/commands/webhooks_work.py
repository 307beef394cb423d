import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from clinic.errors import RowanError
from webhooks.worker import drain, worker_name

POLL_SECONDS = 1


class Command(BaseCommand):
    help = (
        "Work the events that webhooks brought, until told to stop. Several may run side by side;"
        " the queue of jobs does the same every ten seconds where none does."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="stop when nothing is due")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        worker = worker_name()
        if not options["once"]:
            self.stdout.write("Working. Ctrl-C stops.")
            self.stdout.flush()
        try:
            tried = self.work(worker, stop, once=options["once"])
        except (Error, RowanError) as error:
            raise CommandError(f"The events cannot be worked: {error}") from error
        self.stdout.write(f"{tried} events tried.")

    def work(self, worker: str, stop: Event, *, once: bool) -> int:
        """Drain, wait, drain again; returns how many events were tried."""
        tried = drain(worker=worker, stop=stop.is_set)
        while not (once or stop.wait(POLL_SECONDS)):
            tried += drain(worker=worker, stop=stop.is_set)
        return tried
