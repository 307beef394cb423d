"""Months of the audit trail, made ahead."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.tasks import ensure_partitions
from tests.jobs.worker import ask

MONTHS = r"select relname from pg_class where relname ~ '^audit_logs_2\d{3}_\d{2}$' order by 1"


def command(*arguments: str) -> str:
    output = StringIO()
    call_command("ensure_partitions", *arguments, stdout=output)
    return output.getvalue()


def test_missing_months_are_made_once() -> None:
    months = [name for (name,) in ask(MONTHS)]
    ask(f"drop table audit.{months[-1]}")
    ahead = len(months) - 1
    assert command("--months", str(ahead)) == f"1 partitions made, {ahead} months ahead.\n"
    assert command("--months", str(ahead)) == f"0 partitions made, {ahead} months ahead.\n"
    assert [name for (name,) in ask(MONTHS)] == months


@pytest.mark.parametrize("months", ["-1", "61"])
def test_not_for_ever(months: str) -> None:
    with pytest.raises(CommandError, match="0 to 60 months"):
        command(f"--months={months}")


def test_the_worker_s_role_ends_with_it() -> None:
    from django.db import connection

    ensure_partitions(months=0)
    with connection.cursor() as cursor:
        cursor.execute("select current_user")
        assert cursor.fetchone() == ("clinic_app",)
