import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.encryption.keyring import rewrap
from clinic.encryption.rotation import BATCH, Outcome, Progress, destroy, rotate
from clinic.management.lookup import clinic_called
from clinic.tenancy.membership import ClinicKey, active_clinics

EVERY_SECONDS = 1.0


class Command(BaseCommand):
    help = (
        "Give a clinic a new data key and move every encrypted value to it, while the site works."
        " Killed or stopped, it goes on where it was when it is run again."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--clinic", help="code, such as GFC-TP; required but for --rewrap")
        parser.add_argument("--batch", type=int, default=BATCH, help="rows in one transaction")
        parser.add_argument("--pause", type=float, default=0, help="seconds between batches")
        parser.add_argument(
            "--rewrap",
            action="store_true",
            help="change the master key only: wrap keys with the first of FIELD_ENCRYPTION_KEYS",
        )
        parser.add_argument(
            "--destroy",
            metavar="CODE",
            help="destroy the clinic's keys for good; its code, again, confirms it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rewrap"]:
            code = options["clinic"]
            self.rewrap([clinic_called(code)] if code else active_clinics())
            return
        if not options["clinic"]:
            raise CommandError("Name the clinic: --clinic CODE.")
        clinic = clinic_called(options["clinic"])
        if options["destroy"] is not None:
            self.destroy(clinic, options["destroy"])
            return
        self.said = time.monotonic()
        pace = {"batch": options["batch"], "pause": options["pause"]}
        self.report(rotate(clinic.id, said=self.say, **pace))

    def say(self, progress: Progress) -> None:
        """A line a second at most."""
        if time.monotonic() - self.said >= EVERY_SECONDS:
            self.said = time.monotonic()
            self.stdout.write(f"{progress.table}: {progress.moved} of {progress.total}")
            self.stdout.flush()

    def report(self, outcome: Outcome) -> None:
        for table in outcome.tables:
            self.stdout.write(f"{table.table}: {table.moved} moved, {table.total} in all")
            for place in sorted(table.unreadable):
                self.stderr.write(f"{place} cannot be read")
        self.stdout.write(f"Version {outcome.version} encrypts now.")
        for version in outcome.retired:
            self.stdout.write(f"Version {version} is retired.")
        if outcome.kept:
            kept = ", ".join(map(str, outcome.kept))
            raise CommandError(f"Values still need version {kept}: run this again.")

    def rewrap(self, clinics: list[ClinicKey]) -> None:
        for clinic in clinics:
            self.stdout.write(f"{clinic.code}: {rewrap(clinic.id)} keys wrapped anew")

    def destroy(self, clinic: ClinicKey, code: str) -> None:
        if code != clinic.code:
            raise CommandError("--destroy takes the clinic's own code; nothing was destroyed.")
        count = destroy(clinic.id, code=code)
        self.stdout.write(f"{count} keys of {clinic.code} are destroyed.")
