from contextlib import suppress
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections, transaction

from clinic.catalogue import LINTS, catalogue, compare, declared, findings, write_declared


def audit_rls() -> list[str]:
    """What django-rls finds wrong with the tables of its models, as the site's login sees them."""
    report = StringIO()
    with suppress(SystemExit):
        call_command("audit_rls", stdout=report, no_color=True)
    lines = report.getvalue().splitlines()
    return [f"LINT audit_rls: {line[4:]}" for line in lines if line.startswith("  - ")]


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
            weak = list(map(str, findings(connection, LINTS))) if options["lint"] else []
        if options["write"]:
            self.stdout.write(f"{len(live)} objects written to {write_declared(live)}")
            return
        differences = compare(live, declared())
        if options["lint"]:
            weak += audit_rls()
        for line in (*map(str, differences), *weak):
            self.stdout.write(line)
        wrong = {difference.identity for difference in differences}
        self.stdout.write(f"INSTALLED {len(live.keys() - wrong)} objects as declared")
        if wrong or weak:
            raise CommandError(
                f"{len(wrong)} objects are not as declared, {len(weak)} lint findings."
            )
