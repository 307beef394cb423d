"""docs/role-matrix.md is what the database grants, and each cell of it is tried, both ways."""

import os
from io import StringIO

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from clinic.catalogue.matrix import ROLES, Cell, cells
from tests.races import connect

PAGE = settings.BASE_DIR / "docs" / "role-matrix.md"
# Statements that touch no row: what they need is the right alone.
TRIES = {
    "select": "select {columns} from {table} where false",
    "insert": "insert into {table} ({columns}) select {nothing} where false",
    "update": "update {table} set {settings} where false",
    "delete": "delete from {table} where false",
}


def printed() -> str:
    output = StringIO()
    call_command("print_matrix", stdout=output)
    return output.getvalue()


def test_the_page_is_what_the_command_prints() -> None:
    assert PAGE.read_text(encoding="utf-8") == printed(), "manage.py print_matrix > " + PAGE.name


@pytest.fixture(scope="module")
def every_cell(django_db_setup: None) -> list[Cell]:
    return cells(connections["owner"])


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ("grant update (patient_number) on clinic.patients to clinic_staff",
         {("clinic.patients", "staff", "update", "u")}),
        ("revoke insert on clinic.payments from clinic_admin",
         {("clinic.payments", "admin", "insert", "")}),
        ("drop policy add on clinic.payments",
         {("clinic.payments", role, "insert", "") for role in ("staff", "admin", "superadmin")}),
    ],
)  # fmt: skip
def test_what_changes_in_the_catalogue_changes_here(
    admin_url: str, every_cell: list[Cell], change: str, shown: set[tuple[str, ...]]
) -> None:
    with connect(admin_url) as admin, admin.transaction(force_rollback=True):
        admin.execute(change.encode())
        after = set(cells(admin))
    assert {(c.table, c.role, c.command, c.letter) for c in after - set(every_cell)} == shown


# All of them at once: 8,000 in the suite. What went, or failed for another reason, is told.
TRY = """
do $do$
declare
  v_statements text[] := {};
  v_went int[] := '{{}}';
begin
  for n in 1 .. cardinality(v_statements) loop
    begin
      execute v_statements[n];
      v_went := v_went || n;
    exception
      when insufficient_privilege then null;
      when others then v_went := v_went || -n;
    end;
  end loop;
  perform set_config('tried.went', array_to_json(v_went)::text, false);
end
$do$
"""


def statement(cell: Cell, *columns: str) -> str:
    """The command on these columns."""
    return TRIES[cell.command].format(
        table=cell.table, columns=", ".join(columns),
        nothing=", ".join(f"(null::{cell.table}).{column}" for column in columns),
        settings=", ".join(f"{column} = default" for column in columns),
    )  # fmt: skip


def tried(site: psycopg.Connection, statements: list[str]) -> tuple[list[str], list[str]]:
    """Those that went, and those that failed for another reason than a right."""
    site.execute(sql.SQL(TRY).format(sql.Literal(statements)))
    (numbers,) = site.execute("select current_setting('tried.went')::jsonb").fetchone() or ((),)
    return (
        [statements[n - 1] for n in numbers if n > 0],
        [statements[-n - 1] for n in numbers if n < 0],
    )


@pytest.mark.parametrize("role", ROLES)
def test_each_cell_holds_both_ways(role: str, every_cell: list[Cell]) -> None:
    """As the site's login in the role: what is granted goes, every other column is refused."""
    found = [cell for cell in every_cell if cell.role == role]
    rights = {cell: cell.every if cell.whole else cell.columns for cell in found}
    granted = [statement(cell, *columns) for cell, columns in rights.items() if columns]
    others = [
        statement(cell, column)
        for cell, columns in rights.items()
        for column in cell.every
        if column not in columns
    ]
    with connect(os.environ["DATABASE_URL"]) as site:
        site.execute(f"set role clinic_{role}".encode())
        went, failed = tried(site, granted)
        # Any other error is not about the right: nobody writes a generated column.
        assert set(granted) - {*went, *failed} == set()
        went, _ = tried(site, others)
        assert went == []
    assert len(found) > 100
