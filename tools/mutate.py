"""make mutate: takes every guard of a copied database away, and says which nothing notices."""

from tools import venv
from tools.console import run_main
from tools.paths import PYTHON
from tools.prepare import throwaway
from tools.processes import run_to_end


def main() -> int:
    venv.ensure("requirements-dev.txt")
    with throwaway("mutate") as values:
        values["DJANGO_SETTINGS_MODULE"] = "config.settings"
        return run_to_end([PYTHON, "-m", "tests.sql.mutate"], values)


if __name__ == "__main__":
    run_main(main)
