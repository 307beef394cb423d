from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from booking.tasks import extend_slots
from clinic.tenancy.membership import active_clinics
from demo.clinics import CLINICS, TAMPINES
from demo.manifest import known_secret, manifest, write
from demo.seed import seed_clinic
from demo.webhooks import seed_webhook

ALLOWED = ("development", "test")


class Command(BaseCommand):
    help = (
        "Make the demo clinics, unless they are there, and write .local/demo.json."
        " Free slots for the next 30 days are made each time. Development and tests only."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--output",
            type=Path,
            default=settings.BASE_DIR / ".local" / "demo.json",
            help="where to write demo.json",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENVIRONMENT not in ALLOWED:
            raise CommandError(
                f"ENVIRONMENT is {settings.ENVIRONMENT}: demo accounts have a known password."
                f" Only {' and '.join(ALLOWED)} may have them."
            )
        there = {clinic.code for clinic in active_clinics()}
        for plan in CLINICS:
            if plan.code in there:
                self.stdout.write(f"{plan.code} is there already: its data are kept.")
                continue
            made = seed_clinic(plan, timezone.now())
            rows = ", ".join(f"{number} {what}" for what, number in made.items())
            self.stdout.write(f"{plan.code}: {rows}.")
        self.finish(options["output"])

    def finish(self, output: Path) -> None:
        clinics = {clinic.code: clinic for clinic in active_clinics()}
        slots = sum(extend_slots(clinic=clinics[plan.code], days=30) for plan in CLINICS)
        if slots:
            self.stdout.write(f"{slots} new slots, up to 30 days from now.")
        webhook = seed_webhook(clinics[TAMPINES.code].id, known_secret(output))
        write(output, manifest({code: clinic.id for code, clinic in clinics.items()}, webhook))
        self.stdout.write(f"Wrote {output}.")
