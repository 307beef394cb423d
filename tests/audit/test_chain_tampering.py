"""Whatever a superuser does to the trail shows, and where; a rewritten chain, by its anchor."""

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.chain import read_anchors, write_anchor
from tests.audit.chains import Sealed, connect, make_chain, seal, verify, write
from tests.audit.tampering import KINDS, REWRITES, Kind, edited

# The whole run, 50 places each: PLACES=50 pytest tests/audit/test_chain_tampering.py
PLACES = int(os.environ.get("PLACES", "3"))


@pytest.fixture(scope="module")
def sql(admin_url: str) -> Iterator[Any]:
    with connect(admin_url) as connection:
        yield connection


@pytest.fixture(scope="module")
def chain(sql: Any) -> Sealed:
    return make_chain(sql, 90)


def named(found: list[tuple[Any, ...]]) -> set[tuple[str, int]]:
    seals = {("seal", position) for position, *_ in found if position}
    return seals | {("entry", entry) for _, entry, *_ in found if entry}


def test_it_is_whole_before(sql: Any, chain: Sealed) -> None:
    assert len(chain) == 90
    assert verify(sql, chain.clinic) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_it_shows_where(sql: Any, chain: Sealed, kind: Kind) -> None:
    dice = random.Random(kind.__name__)
    for _ in range(PLACES):
        at = chain.place(dice)
        with sql.transaction(force_rollback=True):
            expected = kind(sql, chain, at)
            found = verify(sql, chain.clinic)
        assert expected & named(found), (at, found)
        assert len(found) <= 4 + len(chain) * (kind.__name__ in ("head_cut", "older_copy")), found
    assert verify(sql, chain.clinic) == []


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda kind: kind.__name__)
def test_only_the_anchor_shows_a_chain_that_was_rewritten(
    sql: Any, rewrite: Any, tmp_path: Path
) -> None:
    dice = random.Random(rewrite.__name__)
    for number in range(PLACES):
        chain, file = make_chain(sql, 30), tmp_path / str(number)
        at = chain.place(dice)
        write_anchor(file)
        with sql.transaction():
            rewrite(sql, chain, at)
        assert verify(sql, chain.clinic) == []
        with pytest.raises(CommandError, match="broken"):
            call_command("audit_verify", anchor=file)


def test_the_anchor_says_after_which_place(sql: Any, tmp_path: Path, capsys: Any) -> None:
    chain, file = make_chain(sql, 30), tmp_path / "anchors"
    write_anchor(file)
    write(sql, chain.clinic, 10)
    seal(sql)
    write_anchor(file)
    longer = Sealed(chain.clinic, [*chain.entries, *newest(sql, chain.clinic, 10)])
    with sql.transaction():
        REWRITES[0](sql, longer, 35)
    with pytest.raises(CommandError):
        call_command("audit_verify", anchor=file)
    said = [line for line in capsys.readouterr().out.splitlines() if str(chain.clinic) in line]
    assert said == [f"{chain.clinic}: seal 31: rewritten between here and seal 40: anchor"]


def newest(sql: Any, clinic: Any, count: int) -> list[int]:
    rows = sql.execute(
        "select entry_id from audit.seals where clinic_id = %s order by position desc limit %s",
        [clinic, count],
    ).fetchall()
    return [row[0] for row in reversed(rows)]


@pytest.mark.parametrize("change", ["anchor", "signature", "key"])
def test_an_anchor_that_was_altered_is_not_believed(tmp_path: Path, change: str) -> None:
    file = tmp_path / "anchors"
    write_anchor(file)
    line = json.loads(file.read_text())
    line[change] = line[change].replace("0", "1") + "0"
    file.write_text(json.dumps(line))
    with pytest.raises(CommandError, match="cannot be believed"):
        call_command("audit_verify", anchor=file)


def test_anchors_are_signed_by_a_key_of_the_environment(tmp_path: Path, settings: Any) -> None:
    settings.AUDIT_ANCHOR_KEYS = "a1:first,a0:second"
    file = tmp_path / "anchors"
    write_anchor(file)
    assert json.loads(file.read_text())["key"] == "a1"
    settings.AUDIT_ANCHOR_KEYS = "a2:third,a1:first"
    assert len(read_anchors(file)) == 1


def test_the_command_names_what_is_broken(sql: Any, capsys: Any) -> None:
    chain = make_chain(sql, 12)
    with sql.transaction():
        edited(sql, chain, 7)
    with pytest.raises(CommandError, match="broken"):
        call_command("audit_verify")
    said = [line for line in capsys.readouterr().out.splitlines() if str(chain.clinic) in line]
    assert len(said) == 1
    assert f"seal 7, entry {chain.entry(7)} of " in said[0]
    assert said[0].endswith(": entry changed")
    sql.execute("delete from audit.audit_logs where clinic_id = %s", [chain.clinic])
    sql.execute("delete from audit.seals where clinic_id = %s", [chain.clinic])
    sql.execute("delete from audit.chains where clinic_id = %s", [chain.clinic])
