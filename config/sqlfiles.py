"""The one loader: a file under sql/ becomes one reversible migration operation."""

from pathlib import Path

from django.db.migrations.operations.special import RunSQL

SQL_DIR = Path(__file__).resolve().parent.parent / "sql"
UNDO_MARK = "\n-- undo\n"


def parts(name: str) -> tuple[str, str]:
    """(forward, backward) of a file named as in "clinic/policies/patients".

    Raises FileNotFoundError for an unknown name, ValueError where the file does not say how
    it is undone.
    """
    text = (SQL_DIR / f"{name}.sql").read_text(encoding="utf-8")
    forward, mark, backward = text.partition(UNDO_MARK)
    if not mark or not backward.strip():
        raise ValueError(f"sql/{name}.sql has no '-- undo' part")
    return forward, backward


def load(*names: str, before: str | None = None) -> list[RunSQL]:
    """One operation per file, in the order given.

    With before (the name of the version that this one replaces) the reverse puts that one back.
    """
    operations = []
    for name in names:
        forward, backward = parts(name)
        operations.append(RunSQL(forward, parts(before)[0] if before else backward))
    return operations


def in_schema(schema: str) -> RunSQL:
    """Tables that this migration creates go to schema: search_path until its transaction ends."""
    path = f"set local search_path to {schema}, clinic, booking, audit, webhook, public"
    return RunSQL(path, path)
