"""Databases brought to what the tree says: the demo's, kept, and those of tests, made anew."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools import env, stamps
from tools.console import ignore_signals, step
from tools.paths import LOCAL, PYTHON, ROOT
from tools.postgres import Cluster
from tools.processes import only_one, run_logged, run_to_end

# What a migrated database depends on.
SCHEMA = (
    "sql/**/*",
    "*/migrations/**/*.py",
    "*/models.py",
    "*/models/**/*.py",
    "*/enums.py",
    "*/fields.py",
    "*/management/commands/bootstrap.py",
    "*/management/commands/migrate.py",
    "config/sqlfiles.py",
    "requirements.txt",
)
# What a test run takes over from the developer's environment.
KEPT = (
    "PATH",
    "PG_BINDIR",
    "HOME",
    "USER",
    "LANG",
    "TERM",
    "TMPDIR",
    "CI",
    "TZDIR",
    "NO_COLOR",
    "FORCE_COLOR",
)
KEPT_PREFIXES = ("LC_", "ROWAN_", "PYTEST_", "PLAYWRIGHT_", "HYPOTHESIS_", "XDG_")


def manage(values: Mapping[str, str], *arguments: str, name: str | None = None) -> None:
    """Runs a command of manage.py as one step."""
    with step(name or f"manage.py {arguments[0]}"):
        run_logged(f"manage.py {arguments[0]}", [PYTHON, "manage.py", *arguments], values)


def isolated(values: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """An environment that nothing of the developer's settings reaches, .env included."""
    kept = {n: v for n, v in environ.items() if n in KEPT or n.startswith(KEPT_PREFIXES)}
    return {**kept, **values, "ENV_FILE": os.devnull}


def _drop(values: Mapping[str, str]) -> None:
    run_logged("drop database", [PYTHON, "-m", "tools.databases", "drop"], values)


def _migrate_anew(values: Mapping[str, str]) -> None:
    _drop(values)
    manage(values, "bootstrap")
    manage(values, "migrate")


def _migrate_if_changed(values: Mapping[str, str], stamp: Path) -> None:
    value = stamps.fingerprint(ROOT, SCHEMA)
    command = [str(PYTHON), "-m", "tools.databases", "exists"]
    if stamps.is_current(stamp, value) and run_to_end(command, values) == 0:
        return
    stamp.unlink(missing_ok=True)
    _migrate_anew(values)
    stamps.put(stamp, value)


@contextmanager
def throwaway(name: str, *, durable: bool = False, anew: bool = False) -> Iterator[dict[str, str]]:
    """The environment of a migrated database rowan_<name>, on a server that ends with it.

    On the server of a DATABASE_URL that is really set, else on a cluster of its own, where the
    database of the last run is taken again if nothing changed, unless it has to be made anew.
    """
    with only_one(f"make {name}", "Wait for it, or stop it with Ctrl-C there."):
        if chosen := env.chosen_server(os.environ, {}):
            urls = {n: env.with_database(url, f"rowan_{name}") for n, url in chosen.items()}
            values = isolated(env.fresh("test") | urls)
            try:
                _migrate_anew(values)
                yield values
            finally:
                _drop(values)
            return
        cluster = Cluster(LOCAL / f"{name}-postgres", durable)
        try:
            yield _own_database(cluster, f"rowan_{name}", anew)
        finally:
            ignore_signals()
            cluster.stop()


def _own_database(cluster: Cluster, dbname: str, anew: bool) -> dict[str, str]:
    with step("PostgreSQL"):
        cluster.start()
    path = cluster.directory / "env"
    values = env.add_missing(path, env.fresh("test"), {})
    values |= env.own_urls(path, cluster.url(dbname))
    values = isolated(values)
    stamp = cluster.directory / "migrated.stamp"
    if anew:
        stamp.unlink(missing_ok=True)
    _migrate_if_changed(values, stamp)
    return values
