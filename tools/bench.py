"""make bench: the benchmarks, on a durable cluster of their own, as a site would have it."""

import sys

from tools import venv
from tools.console import run_main
from tools.paths import PYTHON
from tools.prepare import throwaway
from tools.processes import run_to_end


def main() -> int:
    venv.ensure("requirements-dev.txt")
    module, arguments = "bench", sys.argv[1:]
    if arguments[:1] in (["queue"], ["find"]):
        module, arguments = f"bench.{arguments[0]}", arguments[1:]
    elif arguments[:1] == ["harness"]:
        module, arguments = "tests.harness", arguments[1:]
    with throwaway("bench", durable=True, anew="--keep" not in arguments) as values:
        return run_to_end([PYTHON, "-m", module, *arguments], values)


if __name__ == "__main__":
    run_main(main)
