"""Every guard of a database, and how to take it away.

A family's query gives (statement, identity): what weakens one guard, and the object of the
catalogue on which that must show; for columns, which are many, one statement weakens those of a
table and identity is an array. kinds are the parts of the catalogue to compare.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from tests.sql.families import Family
from tests.sql.families_rights import RIGHTS
from tests.sql.families_rows import ROWS

FAMILIES = ROWS + RIGHTS
# The suite takes one guard in so many away; `make mutate` takes all of them.
SAMPLE = 6
# Those that behaviour is asked about; of rights, a second lock on what policies hide, it is not.
SHOWN = frozenset({
    "policy dropped", "policy opened for reading", "policy opened for writing",
    "policy for one role only", "row security off", "force off",
    "constraint dropped", "foreign key not enforced", "trigger dropped", "trigger off",
    "trigger off for replicas",
})  # fmt: skip


@dataclass(frozen=True)
class Mutation:
    statement: str
    identities: frozenset[str]


def mutations(connection: psycopg.Connection, family: Family) -> Iterator[Mutation]:
    """Every mutation of a family that the database at hand allows for."""
    connection.execute("set local search_path to pg_catalog")
    for statement, found in connection.execute(family.query).fetchall():
        yield Mutation(statement, frozenset([found] if isinstance(found, str) else found))


def of_others(identity: str) -> bool:
    """Django's own objects, and the queue's, which tests/jobs tries."""
    return " public." in identity or " jobs." in identity
