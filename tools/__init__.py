"""Set-up behind the Makefile: the standard library only, for it runs before anything is installed."""

import sys

# Kept to old syntax: this file is what an old Python reads before it can complain.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "Rowan needs Python 3.11 or newer; this is %d.%d (%s).\n"
        "Install one, or name it: make demo PYTHON=python3.12"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )
if sys.platform == "win32":
    sys.exit("Rowan's set-up runs on Linux and macOS; on Windows use WSL.")
