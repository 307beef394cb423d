"""The virtual environment, and what is installed in it."""

import importlib.util
import shutil
import subprocess
import sys

from tools import stamps
from tools.console import SetupError, step
from tools.paths import PYTHON, ROOT, VENV
from tools.processes import run_logged

NO_VENV = (
    "This Python cannot make virtual environments: its ensurepip is missing.\n"
    "On Debian and Ubuntu: sudo apt-get install python3-venv"
)


def ensure(requirements: str) -> None:
    """Makes .venv and installs a requirements file of the tree, each only when it is due."""
    stamp = VENV / f"{requirements}.stamp"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    value = stamps.fingerprint(ROOT, ["requirements.txt", requirements], version, str(VENV))
    if PYTHON.exists() and stamps.is_current(stamp, value):
        return
    with step("virtual environment"):
        _make_if_unfit(version)
    with step(f"packages of {requirements}"):
        run_logged("pip install", [PYTHON, "-m", "pip", "install", "-q", "-r", requirements])
    stamps.put(stamp, value)


def _make_if_unfit(version: str) -> None:
    if _works(version):
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError(NO_VENV)
    shutil.rmtree(VENV, ignore_errors=True)
    run_logged("python venv", [sys.executable, "-m", "venv", VENV])


def _works(version: str) -> bool:
    """Whether .venv is whole, at this place, and of this Python (one killed half-way is not)."""
    script = VENV / "bin" / "pip"
    if not PYTHON.exists() or not script.exists() or str(VENV) not in script.read_text():
        return False
    ask = "import pip, sys; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True)
    return answer.stdout.strip() == version
