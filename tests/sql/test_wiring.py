"""Every file under sql/ is loaded by one migration, and migrations hold no SQL of their own."""

import re
from collections import Counter
from collections.abc import Iterator

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL

from config.sqlfiles import SQL_DIR, in_schema, load, parts
from jobs.scripts import Script
from tests.sql.apps import our_apps

BOOTSTRAP = SQL_DIR / "bootstrap"
KINDS = {
    "schemas",
    "enums",
    "tables",
    "functions",
    "constraints",
    "policies",
    "triggers",
    "views",
    "grants",
}


def files() -> dict[str, str]:
    """{name: the forward part} of every file that a migration should load."""
    names = (path.relative_to(SQL_DIR).with_suffix("").as_posix()
             for path in SQL_DIR.rglob("*.sql") if path.parent != BOOTSTRAP)  # fmt: skip
    return {name: parts(name)[0] for name in names}


def run_sql() -> Iterator[tuple[str, RunSQL]]:
    """(migration, operation) for every RunSQL of our apps; procrastinate's scripts are not ours."""
    ours = set(our_apps())
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if app in ours:
            operations = (o for o in migration.operations if not isinstance(o, Script))
            yield from ((f"{app}.{name}", o) for o in operations if isinstance(o, RunSQL))


def schema_of(operation: RunSQL) -> str:
    """The schema of an in_schema() operation, or an empty string."""
    named = re.match(r"set local search_path to (\w+)", str(operation.sql))
    if named and in_schema(named[1]).sql == operation.sql:
        return named[1]
    return ""


def test_every_file_is_loaded_once() -> None:
    by_text = {text: name for name, text in files().items()}
    assert len(by_text) == len(files()), "two files say the same"
    loaded = Counter(by_text[str(o.sql)] for _, o in run_sql() if o.sql in by_text)
    assert loaded == dict.fromkeys(files(), 1)


def test_migrations_hold_no_sql() -> None:
    texts = set(files().values())
    strangers = [name for name, o in run_sql() if o.sql not in texts and not schema_of(o)]
    assert strangers == []


def test_every_file_is_undone() -> None:
    backward = {text for name in files() for text in (parts(name)[1], parts(name)[0])}
    loose = [name for name, o in run_sql() if o.reverse_sql not in backward and not schema_of(o)]
    assert loose == []


def test_files_are_where_they_belong() -> None:
    apps = set(our_apps())
    strangers = [name for name in files() if (place := name.split("/"))[0] not in apps
                 or place[1] not in KINDS or len(place) != 3]  # fmt: skip
    assert strangers == []


def test_every_file_says_why() -> None:
    mute = [str(path.relative_to(SQL_DIR)) for path in SQL_DIR.rglob("*.sql")
            if not path.read_text(encoding="utf-8").startswith("-- ")]  # fmt: skip
    assert mute == []


def test_a_new_version_is_undone_by_the_old_one() -> None:
    newer, older = "clinic/functions/calculate_bmi", "clinic/functions/search_key"
    (operation,) = load(newer, before=older)
    assert (operation.sql, operation.reverse_sql) == (parts(newer)[0], parts(older)[0])
