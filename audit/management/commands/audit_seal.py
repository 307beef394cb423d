import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from audit.sealing import keep_sealing, seal_all, unsealed


class Command(BaseCommand):
    help = "Seal what the trail has that is not sealed yet. The job worker does this each second."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--loop", action="store_true", help="until told to stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["loop"]:
            stop = threading.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
            self.stdout.write("Sealing. Ctrl-C stops.")
            self.stdout.flush()
            keep_sealing(stop)
            return
        self.stdout.write(f"{seal_all()} entries sealed, {unsealed().entries} wait.")
