"""make test: the whole suite, in an environment and on a database of its own."""

import os
import shutil
import sys
from ctypes.util import find_library

from tools import venv
from tools.console import SetupError, run_main, say
from tools.paths import PYTHON
from tools.prepare import throwaway
from tools.processes import run_to_end

# Whole modules stay together, so that what a module sets up is set up once, until one is idle.
SPREAD = ("-n", "3", "--dist", "worksteal")
PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "pgbouncer": ("pgbouncer",),
}


def missing_packages(path: str) -> list[str]:
    """Debian's names of what the tests need of the system and that is not to be found."""
    where = f"{path}{os.pathsep}/usr/sbin"  # Debian keeps pgbouncer out of people's PATH
    packages = [
        package
        for package, names in PROGRAMS.items()
        if not any(shutil.which(name, path=where) for name in names)
    ]
    if sys.platform == "linux" and not find_library("atomic"):
        packages.append("libatomic1")  # what drives the browser is linked with it
    return packages


def check_programs(arguments: list[str]) -> None:
    """The whole suite wants all of them; a part that was asked for may do without."""
    lacking = missing_packages(os.environ.get("PATH", ""))
    if not lacking:
        return
    text = f"The tests need {' and '.join(lacking)}: sudo apt-get install {' '.join(lacking)}"
    if not arguments:
        raise SetupError(text)
    say(text)


def main() -> int:
    arguments = sys.argv[1:]
    check_programs(arguments)
    venv.ensure("requirements-dev.txt")
    with throwaway("test") as values:
        return run_to_end([PYTHON, "-m", "pytest", *SPREAD, *arguments], values)


if __name__ == "__main__":
    run_main(main)
