"""migrate, zero, migrate again: the second database is the first. On a database of its own."""

from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections, transaction
from psycopg import sql

from clinic.bootstrap import create_database, on_database, prepare_database
from clinic.catalogue import Catalogue, catalogue, compare, declared
from tests.sql.apps import our_apps

SCRATCH = "scratch"


@pytest.fixture
def scratch(admin_url: str, database: str) -> Iterator[str]:
    """An alias, used as the migrator, of a new database that only bootstrap has seen."""
    name = f"{database}_round_trip"
    drop(admin_url, name)
    create_database(admin_url, name)
    prepare_database(admin_url, name)
    connections.settings[SCRATCH] = {**connections.settings["owner"], "NAME": name}
    try:
        yield SCRATCH
    finally:
        connections[SCRATCH].close()
        del connections[SCRATCH], connections.settings[SCRATCH]
        drop(admin_url, name)


def drop(admin_url: str, name: str) -> None:
    with psycopg.connect(on_database(admin_url, "postgres"), autocommit=True) as admin:
        statement = sql.SQL("drop database if exists {} with (force)")
        admin.execute(statement.format(sql.Identifier(name)))


def live() -> Catalogue:
    with transaction.atomic(SCRATCH):
        return catalogue(connections[SCRATCH])


def test_zero_undoes_everything_and_migrate_does_it_again(scratch: str) -> None:
    bare = live()
    call_command("migrate", database=scratch, verbosity=0)
    first = live()
    assert compare(first, declared()) == []
    for label in reversed(our_apps()):
        call_command("migrate", label, "zero", database=scratch, verbosity=0)
    assert left_over(bare) == set()
    call_command("migrate", database=scratch, verbosity=0)
    assert compare(live(), first) == []


def left_over(bare: Catalogue) -> set[str]:
    """What stays in the database after zero, Django's own tables aside."""
    kinds = ("table auth_", "table django_", "column auth_", "column django_", "sequence auth_",
             "sequence django_", "index auth_", "index django_", "constraint auth_",
             "constraint django_")  # fmt: skip
    wanted = tuple(kind.replace(" ", " public.") for kind in kinds)
    return {str(difference) for difference in compare(live(), bare)
            if not difference.identity.startswith(wanted)}  # fmt: skip
