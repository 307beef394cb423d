"""docs/role-matrix.md is what the database grants, and each cell of it is tried, both ways."""

import os
from io import StringIO

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from clinic.catalogue.matrix import ROLES, Cell, cells
from tests.races import connect

PAGE = settings.BASE_DIR / "docs" / "role-matrix.md"
DENIED = "42501"
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
    admin_url: str, change: str, shown: set[tuple[str, ...]]
) -> None:
    before = set(cells(connections["owner"]))
    with connect(admin_url) as admin, admin.transaction(force_rollback=True):
        admin.execute(change.encode())
        after = set(cells(admin))
    assert {(c.table, c.role, c.command, c.letter) for c in after - before} == shown


def tried(site: psycopg.Connection, cell: Cell, *columns: str) -> str:
    """The error of the command on these columns: "" for none."""
    statement = TRIES[cell.command].format(
        table=cell.table, columns=", ".join(columns),
        nothing=", ".join(f"(null::{cell.table}).{column}" for column in columns),
        settings=", ".join(f"{column} = default" for column in columns),
    )  # fmt: skip
    try:
        site.execute(statement.encode())
    except psycopg.Error as error:
        return error.sqlstate or "?"
    return ""


@pytest.mark.parametrize("role", ROLES)
def test_each_cell_holds_both_ways(role: str) -> None:
    """As the site's login in the role: what is granted goes, every other column is refused."""
    found = [cell for cell in cells(connections["owner"]) if cell.role == role]
    wrong = []
    with connect(os.environ["DATABASE_URL"]) as site:
        site.autocommit = True
        site.execute(f"set role clinic_{role}".encode())
        for cell in found:
            granted = cell.every if cell.whole else cell.columns
            # Any other error is not about the right: nobody writes a generated column.
            if granted and tried(site, cell, *granted) == DENIED:
                wrong.append((cell.table, cell.command, "refused"))
            wrong += [
                (cell.table, cell.command, column)
                for column in cell.every
                if column not in granted and not tried(site, cell, column)
            ]
    assert len(found) > 100
    assert wrong == []
