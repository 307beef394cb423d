"""Procrastinate's own SQL scripts as migration operations."""

from django.db.migrations.operations.special import RunSQL
from procrastinate.contrib.django.migrations_utils import list_migration_files

from config.sqlfiles import in_schema


class Script(RunSQL):
    """A script of procrastinate; undone with its schema, not by itself."""

    def __init__(self, name: str) -> None:
        super().__init__(list_migration_files()[name], RunSQL.noop)


def scripts(after: str, last: str) -> list[RunSQL]:
    """The scripts whose names sort after the one and up to the other, run in schema jobs.

    A migration may not use an enum value that it adds: a script that adds one ends its migration.
    """
    names = sorted(name for name in list_migration_files() if after < name <= last)
    return [in_schema("jobs"), *map(Script, names)]
