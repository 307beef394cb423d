from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections, transaction

from clinic.catalogue import catalogue, compare, declared, write_declared


class Command(BaseCommand):
    help = (
        "Compare the live catalogue with sql/catalogue.txt, which says what the migrations"
        " install. Prints one line per difference and exits with 1 on any."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", default="owner", help="alias to read (default: owner)")
        parser.add_argument("--lint", action="store_true", help="also look for weak declarations")
        parser.add_argument("--write", action="store_true", help="declare what is there now")

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with transaction.atomic(connection.alias):
            live = catalogue(connection)
        if options["write"]:
            self.stdout.write(f"{len(live)} objects written to {write_declared(live)}")
            return
        differences = compare(live, declared())
        for difference in differences:
            self.stdout.write(str(difference))
        wrong = {difference.identity for difference in differences}
        self.stdout.write(f"INSTALLED {len(live.keys() - wrong)} objects as declared")
        if differences:
            raise CommandError(f"{len(wrong)} objects are not as declared.", returncode=1)
