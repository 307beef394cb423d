"""make lint: the static checks; all of them run, and any complaint is the exit code."""

from tools import env, venv
from tools.console import run_main, say
from tools.paths import PYTHON
from tools.postgres import HOST
from tools.prepare import isolated
from tools.processes import run_to_end

# No server listens there, and no pool waits for it: these checks read the code only.
NOWHERE = f"postgres://nobody:nothing@{HOST}:9/rowan"
UNREACHED = dict.fromkeys(env.URLS, NOWHERE) | {"DATABASE_POOL": "false"}
NO_HISTORY = "ignore:Got an error checking a consistent migration history:RuntimeWarning"
CHECKS = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("mypy", ("-m", "mypy")),
    ("makemigrations", ("-W", NO_HISTORY, "manage.py", "makemigrations", "--check", "--dry-run")),
    ("check", ("manage.py", "check")),
)


def main() -> int:
    venv.ensure("requirements-dev.txt")
    values = isolated(env.fresh("test") | UNREACHED)
    failed = [name for name, command in CHECKS if run_to_end([PYTHON, *command], values)]
    say(f"✗ {', '.join(failed)}" if failed else "✓ lint")
    return 1 if failed else 0


if __name__ == "__main__":
    run_main(main)
