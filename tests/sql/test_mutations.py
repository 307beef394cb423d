"""Take every guard away, one by one: the comparison of catalogues notices each.

What behaviour shows of it is in test_probes.py.
"""

from collections.abc import Callable

import psycopg
import pytest

from clinic.catalogue import catalogue, compare
from tests.sql.mutations import FAMILIES, Family, mutations


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_removal_is_noticed(
    admin: psycopg.Connection, family: Family, record_property: Callable[[str, object], None]
) -> None:
    before = catalogue(admin, family.kinds)
    unnoticed, tried = [], 0
    for mutation in mutations(admin, family):
        with admin.transaction(force_rollback=True):
            admin.execute(mutation.statement)
            after = compare(catalogue(admin, family.kinds), before)
        tried += 1
        if mutation.identity not in {difference.identity for difference in after}:
            unnoticed.append(mutation.statement)
    assert unnoticed == []
    assert tried > 0
    record_property("mutations", tried)
