"""No declaration is weak, no excuse is stale, and every lint can find what it looks for."""

import psycopg
import pytest
from django.core.management import call_command

from clinic.catalogue import LINTS, Lint, findings, offenders
from tests.sql.faults import FAULTS

BY_NAME = {lint.name: lint for lint in LINTS}


@pytest.mark.parametrize("lint", LINTS, ids=lambda lint: lint.name)
def test_nothing_offends(admin: psycopg.Connection, lint: Lint) -> None:
    assert [str(finding) for finding in findings(admin, (lint,))] == []


@pytest.mark.parametrize("lint", LINTS, ids=lambda lint: lint.name)
def test_excuses_are_needed(admin: psycopg.Connection, lint: Lint) -> None:
    assert lint.excused.keys() - offenders(admin, lint) == set()


@pytest.mark.parametrize(("name", "fault", "offender"), FAULTS)
def test_a_fault_is_found(admin: psycopg.Connection, name: str, fault: str, offender: str) -> None:
    before = offenders(admin, BY_NAME[name])
    admin.execute(fault)
    assert offenders(admin, BY_NAME[name]) - before == {offender}


def test_every_lint_has_a_fault() -> None:
    assert {name for name, _, _ in FAULTS} == BY_NAME.keys()
    assert len(BY_NAME) == len(LINTS)


def test_django_rls_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit_rls")
    report = capsys.readouterr().out
    assert "RLS audit passed." in report
    assert "Warnings" not in report
