"""make bench: the benchmarks, on a durable cluster of their own, as a site would have it."""

import sys

from tools import venv
from tools.console import run_main
from tools.paths import PYTHON
from tools.prepare import throwaway
from tools.processes import run_to_end


def main() -> int:
    venv.ensure("requirements-dev.txt")
    with throwaway("bench", durable=True) as values:
        return run_to_end([PYTHON, "-m", "bench", *sys.argv[1:]], values)


if __name__ == "__main__":
    run_main(main)
