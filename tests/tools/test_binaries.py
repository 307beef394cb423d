"""Which PostgreSQL is chosen, told by folders that hold scripts in its place."""

from pathlib import Path

import pytest

from tools import binaries
from tools.console import SetupError


def postgres(folder: Path, version: str, lacking: str = "") -> Path:
    """A folder of programs that only answer questions, as of PostgreSQL `version`."""
    share = folder.parent / "share"
    (share / "extension").mkdir(parents=True)
    (share / "timezone").mkdir()
    folder.mkdir(parents=True, exist_ok=True)
    for name in binaries.EXTENSIONS:
        if name != lacking:
            (share / "extension" / f"{name}.control").touch()
    answers = {
        "postgres": f"postgres (PostgreSQL) {version}",
        "pg_config": f"$([ $1 = --bindir ] && echo {folder} || echo {share})",
        "initdb": "",
        "pg_ctl": "",
    }
    for name, answer in answers.items():
        (folder / name).write_text(f'#!/bin/sh\necho "{answer}"\n')
        (folder / name).chmod(0o755)
    return folder


def no_package() -> Path:
    raise AssertionError("the package was fetched")


@pytest.fixture
def packaged(tmp_path: Path) -> Path:
    return postgres(tmp_path / "wheel" / "bin", "17.10")


def test_a_fit_one_is_read_from_its_folder(tmp_path: Path) -> None:
    folder = postgres(tmp_path / "16" / "bin", "16.4 (Debian 16.4-1)")
    found = binaries.inspect(folder)
    assert (found.folder, found.version, found.major) == (folder, "16.4", 16)


@pytest.mark.parametrize(
    ("version", "lacking", "reason"),
    [
        ("14.20", "", "PostgreSQL 14.20 in .* is older than 15"),
        ("16.4", "pg_trgm", "PostgreSQL 16.4 in .* lacks pg_trgm"),
        ("9.6.24", "", "is older than 15"),
    ],
)
def test_an_unfit_one_says_why(tmp_path: Path, version: str, lacking: str, reason: str) -> None:
    with pytest.raises(binaries.UnfitError, match=reason):
        binaries.inspect(postgres(tmp_path / "bin", version, lacking))


def test_a_beta_has_a_major_version(tmp_path: Path) -> None:
    assert binaries.inspect(postgres(tmp_path / "bin", "18beta2")).major == 18


def test_a_folder_with_half_of_it_says_what_is_missing(tmp_path: Path) -> None:
    folder = postgres(tmp_path / "bin", "16.4")
    (folder / "initdb").unlink()
    with pytest.raises(binaries.UnfitError, match="has no initdb"):
        binaries.inspect(folder)


def test_a_named_folder_is_taken_or_refused_but_not_replaced(tmp_path: Path) -> None:
    good = postgres(tmp_path / "good" / "bin", "16.4")
    old = postgres(tmp_path / "old" / "bin", "14.1")
    assert binaries.choose({"PG_BINDIR": str(good)}, no_package).folder == good
    with pytest.raises(SetupError, match="older than 15"):
        binaries.choose({"PG_BINDIR": str(old)}, no_package)


def test_pg_config_in_the_path_comes_first(tmp_path: Path) -> None:
    folder = postgres(tmp_path / "16" / "bin", "16.4")
    environ = {"PATH": f"{folder}:/usr/bin:/bin"}
    assert binaries.choose(environ, no_package).folder == folder


def test_the_package_is_taken_when_asked_for(tmp_path: Path, packaged: Path) -> None:
    folder = postgres(tmp_path / "16" / "bin", "16.4")
    environ = {"PATH": str(folder), "ROWAN_POSTGRES": "package"}
    assert binaries.choose(environ, lambda: packaged).folder == packaged


def test_data_of_the_packaged_version_goes_on_with_the_package(packaged: Path) -> None:
    found = binaries.choose({"PATH": "/nowhere"}, lambda: packaged, binaries.PACKAGED)
    assert found.major == binaries.PACKAGED


def test_a_wish_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SetupError, match="system, package or unset"):
        binaries.choose({"ROWAN_POSTGRES": "docker"}, no_package)


def test_newer_versions_are_looked_at_first() -> None:
    folders = ["/pg/9.6/bin", "/pg/15/bin", "/pg/17/bin"]
    assert sorted(folders, key=binaries._newest_first)[0] == "/pg/17/bin"


def test_missing_time_zones_are_told_with_their_package(tmp_path: Path) -> None:
    folder = postgres(tmp_path / "bin", "16.4")
    found = binaries.inspect(folder)
    binaries.check_zones(found)
    (tmp_path / "share" / "timezone").rmdir()
    zones = tmp_path / "no-zones"
    (folder / "pg_config").write_text(
        f"#!/bin/sh\n[ $1 = --sharedir ] && echo {tmp_path}/share"
        f' || echo "--with-system-tzdata={zones}"\n'
    )
    with pytest.raises(SetupError, match=f"from {zones}.*\n.*apt-get install tzdata"):
        binaries.check_zones(found)
