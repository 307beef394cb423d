from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DataError

from audit.tasks import MONTHS, ensure_partitions


class Command(BaseCommand):
    help = "Make the missing monthly partitions of the audit trail. Also a daily job."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--months", type=int, default=MONTHS, help="how far ahead: 0 to 60")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = ensure_partitions(months=options["months"])
        except DataError as error:
            raise CommandError(str(error).splitlines()[0]) from error
        self.stdout.write(f"{made} partitions made, {options['months']} months ahead.")
