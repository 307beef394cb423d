"""make test: the whole suite, in an environment and on a database of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from ctypes.util import find_library

from tools import env, stamps, venv
from tools.console import SetupError, run_main, say
from tools.paths import LOCAL, PYTHON, ROOT
from tools.prepare import isolated, throwaway
from tools.processes import run_to_end

# Whole modules stay together, so that what a module sets up is set up once, until one is idle.
SPREAD = ("-n", "3", "--dist", "worksteal")
# What asserts are rewritten from, and how to have them without running anything.
REWRITTEN = ("tests/**/*.py", "requirements-dev.txt")
COLLECT = ("--collect-only", "-q", "-p", "no:cacheprovider", "tests")
NO_URL = "postgres://nobody@127.0.0.1:9/none"
# The first has no windows, no address bar and no extensions: a fifth less work for the same pages.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PROGRAMS = {"chromium-headless-shell": BROWSERS, "pgbouncer": ("pgbouncer",)}


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


@contextmanager
def asserts_rewritten() -> Iterator[None]:
    """Has pytest rewrite the tests' asserts meanwhile, where they changed since it last did.

    Each worker would do all of them, at the same time as the others. Whether it works is not asked:
    what is missing is rewritten then.
    """
    stamp, value = LOCAL / "rewritten.stamp", stamps.fingerprint(ROOT, REWRITTEN)
    if stamps.is_current(stamp, value):
        yield
        return
    values = isolated(env.fresh("test") | dict.fromkeys(env.URLS, NO_URL))
    child = subprocess.Popen(
        [PYTHON, "-m", "pytest", *COLLECT],
        cwd=ROOT,
        env=values,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
        if child.wait() == 0:
            stamps.put(stamp, value)
    finally:
        child.kill()
        child.wait()


def main() -> int:
    arguments = sys.argv[1:]
    check_programs(arguments)
    venv.ensure("requirements-dev.txt")
    with ExitStack() as stack:
        with nullcontext() if arguments else asserts_rewritten():
            values = stack.enter_context(throwaway("test"))
        return run_to_end([PYTHON, "-m", "pytest", *SPREAD, *arguments], values)


if __name__ == "__main__":
    run_main(main)
