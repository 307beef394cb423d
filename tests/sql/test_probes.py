"""Guards hold, and behaviour shows it when one is taken away.

Where nothing that anybody can do shows the difference, SILENT says why; there the comparison of
catalogues (test_mutations.py) and the lints are what notices. Of rights, which are a second lock on
what policies hide, they alone are asked to.
"""

from collections.abc import Iterator
from zlib import crc32

import pytest

from tests.sql.families import Family
from tests.sql.mutations import FAMILIES, SAMPLE, SHOWN, mutations, of_others
from tests.sql.probes import Probe, about, probes
from tests.sql.silent import SILENT
from tests.sql.stage import Stage, set_up, stage


@pytest.fixture(scope="module")
def acted(admin_url: str) -> Iterator[Stage]:
    with stage(admin_url, set_up()) as found:
        yield found


@pytest.fixture(scope="module")
def every_probe(acted: Stage) -> list[Probe]:
    return list(probes(acted))


def test_every_guard_holds(acted: Stage, every_probe: list[Probe]) -> None:
    wrong = {probe.name: found for probe in every_probe if (found := probe.run(acted))}
    assert wrong == {}


@pytest.mark.parametrize("family", [f for f in FAMILIES if f.name in SHOWN], ids=lambda f: f.name)
def test_a_guard_that_is_gone_shows(acted: Stage, every_probe: list[Probe], family: Family) -> None:
    """But for those of SILENT: to find one silent takes every probe, and nothing hangs on it."""
    silent, tried = set(), 0
    for mutation in mutations(acted.sql, family):
        (identity,) = mutation.identities
        if of_others(identity) or identity in SILENT.get(family.name, {}):
            continue
        if crc32(identity.encode()) % SAMPLE:
            continue
        tried += 1
        with acted.sql.transaction(force_rollback=True):
            acted.sql.execute(mutation.statement)
            if not any(probe.run(acted) for probe in about(identity, every_probe)):
                silent.add(identity)
    assert silent == set()
    print(f"{tried - len(silent)} of {tried} show")
