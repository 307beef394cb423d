"""Take every guard away: the comparison of catalogues notices each.

What behaviour shows of it is in test_probes.py.
"""

from collections.abc import Iterator
from zlib import crc32

import psycopg
import pytest

from clinic.catalogue import catalogue, compare
from tests.sql.families import Family
from tests.sql.mutations import FAMILIES, SAMPLE, Mutation, mutations


def owners(mutation: Mutation) -> set[str]:
    """The tables, routines or roles whose guards it takes away."""
    names = (identity.partition(" ")[2] for identity in mutation.identities)
    return {".".join(name.split(".")[:2]) for name in names}


def rounds(admin: psycopg.Connection, waiting: list[Mutation]) -> Iterator[list[Mutation]]:
    """All of them taken away, at most one of each table at a time, so that none hides another."""
    while waiting:
        gone: list[Mutation] = []
        later: list[Mutation] = []
        taken: set[str] = set()
        with admin.transaction(force_rollback=True):
            for mutation in waiting:
                if taken & owners(mutation) or not take(admin, mutation, alone=not gone):
                    later.append(mutation)
                else:
                    taken |= owners(mutation)
                    gone.append(mutation)
            yield gone
        waiting = later


def take(admin: psycopg.Connection, mutation: Mutation, *, alone: bool) -> bool:
    """Whether it could be done: what another one took along has to wait for a round of its own."""
    try:
        with admin.transaction():
            admin.execute(mutation.statement)
    except psycopg.errors.UndefinedObject:
        if alone:
            raise
        return False
    return True


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_removal_is_noticed(admin: psycopg.Connection, family: Family) -> None:
    before = catalogue(admin, family.kinds)
    chosen = [m for m in mutations(admin, family) if not crc32(m.statement.encode()) % SAMPLE]
    tried: list[str] = []
    unnoticed: list[str] = []
    for gone in rounds(admin, chosen):
        changed = {d.identity for d in compare(catalogue(admin, family.kinds), before)}
        for mutation in gone:
            tried += mutation.identities
            unnoticed += mutation.identities - changed
    assert len(tried) >= len(chosen)
    assert unnoticed == []
    print(f"{len(tried)} noticed")
