"""A migrated database is what sql/catalogue.txt says, and checksql says where it is not."""

from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from clinic.catalogue import catalogue, compare, declared
from clinic.catalogue.declared import parse, render
from clinic.catalogue.months import collapse, expand

WRITE = "not as declared: if that is meant, `manage.py checksql --write` on a fresh database"


def test_a_migrated_database_is_as_declared(admin: psycopg.Connection) -> None:
    differences = [str(difference) for difference in compare(catalogue(admin), declared())]
    assert differences == [], WRITE


def test_the_command_reads_as_the_migrator() -> None:
    output = StringIO()
    call_command("checksql", "--lint", stdout=output)
    assert output.getvalue() == f"INSTALLED {len(expanded())} objects as declared\n"


def expanded() -> dict[str, dict[str, str]]:
    """What is declared, with the months that are there."""
    from django.db import connections, transaction

    with transaction.atomic("owner"):
        return expand(declared(), catalogue(connections["owner"]))


def test_the_command_fails_on_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = declared()
    wanted["table clinic.patients"] |= {"force": "off", "grant DELETE": "clinic_staff"}
    wanted["function app.gone()"] = {}
    del wanted["policy clinic.patients.read"]
    monkeypatch.setattr("clinic.management.commands.checksql.declared", lambda: wanted)
    output = StringIO()
    with pytest.raises(CommandError) as stopped:
        call_command("checksql", stdout=output)
    assert stopped.value.returncode == 1
    assert output.getvalue().splitlines()[:-1] == [
        "MISSING function app.gone()",
        "EXTRA policy clinic.patients.read",
        "OUTDATED table clinic.patients: force on, declared off",
        "OUTDATED table clinic.patients: grant DELETE no more to clinic_staff",
    ]


def test_the_declared_state_survives_its_text() -> None:
    state = {"table a.b": {"x": "two\nlines", "y": "back\\slash", "z": "a: b"}, "role r": {}}
    assert parse(render(state)) == state
    assert render(parse(render(declared()))) == render(declared())


def test_months_are_declared_once() -> None:
    live = {
        "table audit.audit_logs_2026_11": {"child of": "audit.audit_logs"},
        "index audit.audit_logs_2026_11_pkey": {"definition": "on audit.audit_logs_2026_11"},
        "table audit.audit_logs_2026_12": {"child of": "audit.audit_logs"},
        "index audit.audit_logs_2026_12_pkey": {"definition": "on audit.audit_logs_2026_12"},
    }
    once = collapse(live)
    assert once == {
        "table audit.audit_logs_MONTH": {"child of": "audit.audit_logs"},
        "index audit.audit_logs_MONTH_pkey": {"definition": "on audit.audit_logs_MONTH"},
    }
    assert expand(once, live) == live


def test_a_month_unlike_the_others_is_not_declared() -> None:
    live = {
        "table audit.audit_logs_2026_11": {"rls": "on"},
        "table audit.audit_logs_2026_12": {"rls": "off"},
    }
    with pytest.raises(ValueError, match="not like the other months"):
        collapse(live)


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (
            "alter table audit.{month} disable row level security",
            "OUTDATED table audit.{month}: rls off, declared on",
        ),
        (
            "grant select on audit.{month} to clinic_admin",
            "OUTDATED table audit.{month}: grant SELECT to clinic_admin",
        ),
        ("create policy p on audit.{month} using (true)", "EXTRA policy audit.{month}.p"),
    ],
)
def test_one_month_that_differs_is_named(
    admin: psycopg.Connection, change: str, difference: str
) -> None:
    (month,) = admin.execute(
        "select relname from pg_class where relname ~ '^audit_logs_2\\d{3}_\\d{2}$' order by 1"
    ).fetchone()
    admin.execute(change.format(month=month))
    found = [str(each) for each in compare(catalogue(admin), declared())]
    assert found == [difference.format(month=month)]
