from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from clinic.catalogue.matrix import cells, matrix


class Command(BaseCommand):
    help = "Print what each role may do with each table, from the live catalogue, in Markdown."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", default="owner", help="alias to read (default: owner)")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(matrix(cells(connections[options["database"]])), ending="")
