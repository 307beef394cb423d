"""migrate, zero: what is left is what was there before, so migrating again is migrating anew.

The migrated database is a copy of the suite's template.
"""

from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections, transaction
from psycopg import sql

from clinic.bootstrap import create_database, on_database, prepare_database
from clinic.catalogue import Catalogue, catalogue, compare, declared
from tests.sql.apps import our_apps

SCRATCH, BARE = "scratch", "bare"


@pytest.fixture
def scratch(admin_url: str, database: str) -> Iterator[None]:
    """Aliases, used as the migrator: a copy of the template, and what only bootstrap has seen."""
    sources = {SCRATCH: database.rpartition("_")[0], BARE: "template0"}
    for alias, template in sources.items():
        name = f"{database}_{alias}"
        drop(admin_url, name)
        create_database(admin_url, name, template=template)
        prepare_database(admin_url, name)
        connections.settings[alias] = {**connections.settings["owner"], "NAME": name}
    try:
        yield
    finally:
        for alias in sources:
            connections[alias].close()
            drop(admin_url, connections.settings[alias]["NAME"])
            del connections[alias], connections.settings[alias]


def drop(admin_url: str, name: str) -> None:
    with psycopg.connect(on_database(admin_url, "postgres"), autocommit=True) as admin:
        statement = sql.SQL("drop database if exists {} with (force)")
        admin.execute(statement.format(sql.Identifier(name)))


def live(alias: str = SCRATCH) -> Catalogue:
    with transaction.atomic(alias):
        return catalogue(connections[alias])


@pytest.mark.usefixtures("scratch")
def test_zero_undoes_everything() -> None:
    assert compare(live(), declared()) == []
    # The first of them takes along what depends on it: one plan is far quicker than one for each.
    for label in our_apps():
        call_command("migrate", label, "zero", database=SCRATCH, verbosity=0)
    assert left_over(live(BARE)) == set()


def left_over(bare: Catalogue) -> set[str]:
    """What stays in the database after zero, Django's own tables aside."""
    kinds = ("table auth_", "table django_", "column auth_", "column django_", "sequence auth_",
             "sequence django_", "index auth_", "index django_", "constraint auth_",
             "constraint django_")  # fmt: skip
    wanted = tuple(kind.replace(" ", " public.") for kind in kinds)
    return {str(difference) for difference in compare(live(), bare)
            if not difference.identity.startswith(wanted)}  # fmt: skip
