"""Take every guard away: the comparison of catalogues notices each.

What behaviour shows of it is in test_probes.py.
"""

from zlib import crc32

import psycopg
import pytest

from clinic.catalogue import catalogue, compare
from tests.sql.families import Family
from tests.sql.mutations import FAMILIES, SAMPLE, mutations


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_removal_is_noticed(admin: psycopg.Connection, family: Family) -> None:
    before = catalogue(admin, family.kinds)
    unnoticed: list[str] = []
    tried = 0
    for mutation in mutations(admin, family):
        if crc32(mutation.statement.encode()) % SAMPLE:
            continue
        with admin.transaction(force_rollback=True):
            admin.execute(mutation.statement)
            after = compare(catalogue(admin, family.kinds), before)
        tried += len(mutation.identities)
        unnoticed += mutation.identities - {difference.identity for difference in after}
    assert unnoticed == []
    print(f"{tried} noticed")
