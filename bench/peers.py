"""Updates of one wide table through Django's ORM, with ours and other packages' audit beside it.

Run by bench/audit.py, with the Python of any virtual environment: it uses nothing of the project.
Of django-pghistory, django-auditlog and django-simple-history it takes those that it finds.
"""

import importlib.util
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection, models, transaction

APP = "bench_peers"
ROWS = 10_000
SINGLE = 500
# A package that sees save() alone is timed on so many: it does the same for each.
SAVED = 1_000
PATIENCE = "20s"
KINDS = {
    "uuid": models.UUIDField, "date": models.DateField, "boolean": models.BooleanField,
    "timestamp with time zone": models.DateTimeField, "integer": models.IntegerField,
    "jsonb": models.JSONField,
}  # fmt: skip
# What our own tables have more than the plain one.
OURS = {
    "rls": ["call app.make_tenant_table('bench_audit.rls')"],
    "audited": ["call audit.attach('bench_audit.audited', 'id')"],
    "guarded": ["call app.make_tenant_table('bench_audit.guarded')",
             "call audit.attach('bench_audit.guarded', 'id')"],
    "by_row": ["call app.make_tenant_table('bench_audit.by_row')",
               "call audit.attach('bench_audit.by_row', 'id', '{}', '{insert,update}')"],
}  # fmt: skip
POLICY = "create policy work on {0} to clinic_staff using (true) with check (true)"


def installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def set_up(url: str) -> None:
    """Django with an app of its own, which packages want, in a schema of its own."""
    at = urlsplit(url)
    folder = Path(tempfile.mkdtemp()) / APP
    folder.mkdir()
    for name in ("__init__", "models"):
        (folder / f"{name}.py").touch()
    sys.path.insert(0, str(folder.parent))
    apps = ["django.contrib.contenttypes", "django.contrib.auth", APP]
    apps += [a for a in ("pgtrigger", "pghistory", "auditlog", "simple_history") if installed(a)]
    settings.configure(
        INSTALLED_APPS=apps, USE_TZ=True, SECRET_KEY="bench",  # noqa: S106
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={"default": {
            "ENGINE": "django.db.backends.postgresql", "NAME": at.path.strip("/"),
            "USER": at.username, "PASSWORD": at.password, "HOST": at.hostname, "PORT": at.port,
            "OPTIONS": {"options": "-c search_path=bench_audit"},
        }},
    )  # fmt: skip
    django.setup()


def fields(columns: list[list[str]]) -> dict[str, Any]:
    """Fields like the columns of clinic.patients; enums and numbers with a scale as text."""
    found: dict[str, Any] = {}
    for name, kind in columns:
        field = KINDS.get(kind, models.TextField)
        found[name] = field(primary_key=True) if name == "id" else field(null=True)
    return found


def model(name: str, columns: list[list[str]], **more: Any) -> Any:
    meta = type("Meta", (), {"app_label": APP, "db_table": name})
    body = {**fields(columns), **more, "Meta": meta, "__module__": f"{APP}.models"}
    return type(name, (models.Model,), body)


def peers(columns: list[list[str]]) -> dict[str, Any]:
    """{package: its model}, of the packages that are there."""
    found: dict[str, Any] = {}
    if installed("pghistory"):
        import pghistory

        for level in ("ROW", "STATEMENT"):
            each = [pghistory.UpdateEvent(level=getattr(pghistory, level.title()))]
            track = pghistory.track(*each)
            found[f"django-pghistory, {level.lower()}"] = track(model(f"history{level}", columns))
    if installed("auditlog"):
        from auditlog.registry import auditlog

        found["django-auditlog"] = model("logged", columns)
        auditlog.register(found["django-auditlog"])
    if installed("simple_history"):
        from simple_history.models import HistoricalRecords

        found["django-simple-history"] = model(
            "simple", columns, history=HistoricalRecords(app=APP)
        )
    return found


def create(every: dict[str, Any]) -> None:
    """Tables and triggers of all models, with the same rows in each."""
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor, connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        for each in every.values():
            wanted = [each, *related(each)]
            for table in [m for m in wanted if m._meta.db_table not in existing]:
                editor.create_model(table)
        for each in every.values():
            table = each._meta.db_table
            names = ", ".join(f.column for f in each._meta.concrete_fields)
            cursor.execute(f'insert into "{table}" ({names}) select {names} from source')
    if installed("pgtrigger"):
        call_command("pgtrigger", "install", verbosity=0)
    with connection.cursor() as cursor:
        for name, statements in OURS.items():
            for statement in statements:
                cursor.execute(statement)
            if name != "audited":
                cursor.execute(POLICY.format(name))
        cursor.execute("grant usage on schema bench_audit to clinic_staff")
        cursor.execute("grant select, update on all tables in schema bench_audit to clinic_staff")


def related(each: Any) -> list[Any]:
    """Where a package keeps the history of a model."""
    kept = [getattr(each, "history", None), getattr(each, "pgh_event_model", None)]
    return [getattr(k, "model", k) for k in kept if k is not None]


def singly(each: Any, opening: str) -> float:
    """Seconds per row, one statement a row, in one transaction."""
    rows = list(each.objects.order_by("id")[:SINGLE])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(opening) if opening else None
        started = time.perf_counter()
        for row in rows:
            row.notes = f"{row.notes}."
            row.save(update_fields=["notes"])
        return (time.perf_counter() - started) / len(rows)


def in_bulk(each: Any, opening: str, by_row: bool) -> float:
    """Seconds per row of one update of all; where only save() is seen, of so many saves.

    Infinite after PATIENCE: joining transition tables without an index can take minutes.
    """
    try:
        return _in_bulk(each, opening, by_row)
    except OperationalError:
        return float("inf")


def _in_bulk(each: Any, opening: str, by_row: bool) -> float:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"set local statement_timeout = '{PATIENCE}'")
        cursor.execute(opening) if opening else None
        rows = list(each.objects.all()[:SAVED]) if by_row else []
        started = time.perf_counter()
        if by_row:
            for row in rows:
                row.notes = f"{row.notes}!"
                row.save(update_fields=["notes"])
        else:
            each.objects.update(notes=models.functions.Concat("notes", models.Value("!")))
        return (time.perf_counter() - started) / (len(rows) or ROWS)


def main() -> None:
    """stdin: {url, columns, opening}; stdout: {name: [seconds a row singly, in bulk]}."""
    given = json.load(sys.stdin)
    set_up(given["url"])
    columns = given["columns"]
    ours = {name: model(name, columns) for name in ("plain", *OURS)}
    others = peers(columns)
    create({**ours, **others})
    found: dict[str, list[float]] = {}
    names = {**ours, **others}
    singles: dict[str, list[float]] = {name: [] for name in names}
    bulks: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(given["rounds"]):
        for name, each in names.items():
            opening = given["opening"] if name in ours else ""
            only_saves = name in ("django-auditlog", "django-simple-history")
            singles[name].append(singly(each, opening))
            bulks[name].append(in_bulk(each, opening, only_saves))
            with connection.cursor() as cursor:
                cursor.execute(f'vacuum analyze "{each._meta.db_table}"')
    for name in names:
        found[name] = [statistics.median(singles[name]), statistics.median(bulks[name])]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
