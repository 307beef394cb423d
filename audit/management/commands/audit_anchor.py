from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from audit.chain import write_anchor


class Command(BaseCommand):
    help = (
        "Append the signed ends of all chains to a file, to be kept away from the database."
        " Also an hourly job when AUDIT_ANCHOR_FILE is set."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--file", type=Path, default=settings.AUDIT_ANCHOR_FILE or None)

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["file"]:
            raise CommandError("Say where: --file, or AUDIT_ANCHOR_FILE.")
        try:
            count = write_anchor(options["file"])
        except OSError as error:
            raise CommandError(f"The anchor cannot be written: {error}") from error
        self.stdout.write(f"{count} chains anchored in {options['file']}.")
