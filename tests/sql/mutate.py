"""The mutation run: a copy of the database loses each of its guards, one at a time.

For each kind of guard it prints how many were taken away, how many of those behaviour shows (probes
as each role), how many the comparison of catalogues notices, and names what nothing notices; exit 1
then. `make mutate` runs it.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import django
import psycopg

django.setup()

from django.db import connections  # noqa: E402

from clinic.bootstrap import create_database, database_name, on_database, prepare_database  # noqa: E402
from clinic.catalogue import catalogue, compare  # noqa: E402
from tests.sql.families import Family  # noqa: E402
from tests.sql.mutations import FAMILIES, SHOWN, Mutation, mutations, of_others  # noqa: E402
from tests.sql.probes import Probe, about, probes  # noqa: E402
from tests.sql.silent import SILENT  # noqa: E402
from tests.sql.stage import Stage, set_up, stage  # noqa: E402

URLS = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "ADMIN_DATABASE_URL")
LINE = "{:32}{:>9}{:>11}{:>12}{:>11}"


@dataclass
class Tally:
    """What became of the removals of one family."""

    removed: int = 0
    shown: int = 0
    compared: int = 0
    silent: list[str] = field(default_factory=list)
    unnoticed: list[str] = field(default_factory=list)


@contextmanager
def clone() -> Iterator[str]:
    """A superuser's address of a copy of the database, to which every alias points."""
    admin_url, template = (
        os.environ["ADMIN_DATABASE_URL"],
        database_name(os.environ["DATABASE_URL"]),
    )
    name = f"{template}_mutants"
    with psycopg.connect(on_database(admin_url, "postgres"), autocommit=True) as admin:
        admin.execute(f'drop database if exists "{name}" with (force)')
        create_database(admin_url, name, template=template)
        prepare_database(admin_url, name)
        os.environ.update({url: on_database(os.environ[url], name) for url in URLS})
        for alias in connections:
            connections.settings[alias]["NAME"] = name
        try:
            yield os.environ["ADMIN_DATABASE_URL"]
        finally:
            for connection in connections.all():
                connection.close()
                connection.close_pool()
            admin.execute(f'drop database if exists "{name}" with (force)')


def take_away(acted: Stage, family: Family, every_probe: list[Probe]) -> Tally:
    """Each guard of a family in turn, and who notices."""
    before, tally = catalogue(acted.sql, family.kinds), Tally()
    for mutation in list(mutations(acted.sql, family)):
        with acted.sql.transaction(force_rollback=True):
            acted.sql.execute(mutation.statement)
            changed = {d.identity for d in compare(catalogue(acted.sql, family.kinds), before)}
            shown = family.name in SHOWN and shows(acted, mutation, every_probe)
        count(tally, mutation, changed, shown)
    return tally


def shows(acted: Stage, mutation: Mutation, every_probe: list[Probe]) -> bool:
    ours = (i for i in mutation.identities if not of_others(i))
    return any(probe.run(acted) for identity in ours for probe in about(identity, every_probe))


def count(tally: Tally, mutation: Mutation, changed: set[str], shown: bool) -> None:
    """Each object of a mutation; what noticed the statement noticed all of them."""
    for identity in sorted(mutation.identities):
        tally.removed += 1
        tally.shown += shown
        tally.compared += identity in changed
        if not shown and not of_others(identity):
            tally.silent.append(identity)
        if not (shown or identity in changed):
            tally.unnoticed.append(identity)


def report(family: Family, tally: Tally) -> None:
    behaves = family.name in SHOWN
    shown = tally.shown if behaves else "–"
    lost = len(tally.unnoticed)
    print(LINE.format(family.name, tally.removed, shown, tally.compared, lost))
    known = SILENT.get(family.name, {})
    whys = Counter(known.get(i, f"no reason given for {i}") for i in tally.silent if behaves)
    for why, times in whys.most_common():
        print(f"    no behaviour shows {times}: {why}")
    for identity in tally.unnoticed:
        print(f"    UNNOTICED {identity}")
    sys.stdout.flush()


def main() -> int:
    print(LINE.format("guard", "removed", "behaviour", "comparison", "unnoticed"))
    removed = lost = 0
    with clone() as url, stage(url, set_up()) as acted:
        every_probe = list(probes(acted))
        for family in FAMILIES:
            tally = take_away(acted, family, every_probe)
            report(family, tally)
            removed, lost = removed + tally.removed, lost + len(tally.unnoticed)
    print(f"{removed - lost} of {removed} removals noticed")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
