"""Set-up behind the Makefile: only the standard library, for it runs before any installation."""

import sys

# Kept to old syntax: this file is what an old Python reads before it can complain.
if sys.version_info < (3, 11):  # noqa: UP036
    version = ".".join(str(number) for number in sys.version_info[:2])
    sys.exit(
        f"Rowan needs Python 3.11 or newer; this is {version} ({sys.executable}).\n"
        "Install one, or name it: make demo PYTHON=python3.12"
    )
if sys.platform == "win32":
    sys.exit("Rowan's set-up runs on Linux and macOS; on Windows use WSL.")
