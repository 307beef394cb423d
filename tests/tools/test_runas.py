"""Who runs PostgreSQL for root, and where its files go when that account cannot reach them."""

import os
from pathlib import Path

import pytest

from tools.console import SetupError
from tools.runas import REACHABLE, Account, choose_account, place, remove

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs programs as others")
NOBODY = Account(uid=65534, gid=65534)


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A folder below one that only its owner may enter."""
    tmp_path.chmod(0o700)
    return tmp_path / "state"


def test_the_account_that_runs_it_is_never_root(tmp_path: Path) -> None:
    account = choose_account(tmp_path / "data")
    assert account.run(["id", "-u"]).stdout.strip() != "0"


@as_root
def test_a_folder_out_of_reach_moves_with_all_it_holds(private: Path) -> None:
    private.mkdir()
    (private / "kept").write_text("7")
    try:
        here = place(private, NOBODY)
        assert (here.parent, private.resolve()) == (REACHABLE, here)
        assert (private / "kept").read_text() == "7"
        assert (here.stat().st_uid, NOBODY.reaches(here)) == (65534, True)
        assert place(private, NOBODY) == here
        assert (private / "kept").read_text() == "7"
    finally:
        remove(private)
    assert not here.exists()
    assert not private.is_symlink()


@as_root
def test_a_folder_that_moved_is_not_moved_onto_itself(private: Path) -> None:
    place(private, NOBODY)
    try:
        (private / "kept").write_text("7")
        with pytest.raises(SetupError, match="cannot be entered"):
            place(private, Account(prefix=("false",)))
        assert (private / "kept").read_text() == "7"
    finally:
        remove(private)


@as_root
def test_the_data_decides_who_runs_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    NOBODY.give(data)
    assert choose_account(data) == NOBODY
