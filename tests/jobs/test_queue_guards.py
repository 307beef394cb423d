"""The queue is the worker's, and the worker is who signed for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest

from clinic.tenancy.backend.base import OPEN, opening_values
from clinic.tenancy.context import REQUEST_ROLES, Context
from jobs.connector import NO_CLINIC
from tests.factories import World
from tests.jobs.worker import ask, queue_up
from tests.races import desk

TABLES = ("jobs", "events", "periodic_defers", "workers")


@pytest.fixture(autouse=True)
def job() -> Iterator[int]:
    """Something to be read in each table."""
    number = queue_up("booking:extend_slots", '{"clinic_id": "secret"}')
    ask("insert into jobs.procrastinate_workers default values")
    ask(
        "insert into jobs.procrastinate_periodic_defers (task_name, defer_timestamp, job_id)"
        " values ('x', %s, %s)", number, number,
    )  # fmt: skip
    yield number
    ask("delete from jobs.procrastinate_jobs where id = %s", number)


@contextmanager
def site(role: str = "", *, clinic: UUID | None = None) -> Iterator[psycopg.Connection[Any]]:
    """The site's login in a transaction: in a role without a context, or with a signed one."""
    with desk() as connection, connection.transaction(force_rollback=True):
        if clinic:
            context = Context(clinic_id=clinic, user_id=None, role=role)
            connection.execute(OPEN, opening_values(context))
        elif role:
            connection.execute(f"set local role clinic_{role}")
        yield connection


@pytest.mark.parametrize("table", TABLES)
def test_the_worker_sees_it_by_its_signed_context(table: str) -> None:
    with site("worker", clinic=NO_CLINIC) as connection:
        assert connection.execute(f"select 1 from jobs.procrastinate_{table}").fetchall()


@pytest.mark.parametrize("table", TABLES)
def test_the_role_alone_sees_nothing(table: str) -> None:
    with site("worker") as connection:
        assert connection.execute(f"select 1 from jobs.procrastinate_{table}").fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "insert into jobs.procrastinate_jobs (queue_name, task_name) values ('default', 'x')",
        "insert into jobs.procrastinate_workers default values",
        "insert into jobs.procrastinate_events (job_id, type) values (1, 'failed')",
        "insert into jobs.procrastinate_periodic_defers (task_name) values ('x')",
        "select jobs.procrastinate_register_worker_v1()",
    ],
)
def test_the_role_alone_adds_nothing(statement: str) -> None:
    with site("worker") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.parametrize("table", TABLES)
def test_the_role_alone_changes_nothing(table: str) -> None:
    with site("worker") as connection:
        if table == "events":
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("delete from jobs.procrastinate_events")
        else:
            assert connection.execute(f"delete from jobs.procrastinate_{table}").rowcount == 0


@pytest.mark.parametrize("role", ["", *REQUEST_ROLES])
def test_nobody_else_comes_near(world: World, role: str) -> None:
    with site(role, clinic=world.id if role else None) as connection:
        for table in TABLES:
            with (
                pytest.raises(psycopg.errors.InsufficientPrivilege),
                connection.transaction(),
            ):
                connection.execute(f"select from jobs.procrastinate_{table}")


def test_the_worker_of_the_queue_is_in_no_clinic(world: World) -> None:
    with site("worker", clinic=NO_CLINIC) as connection:
        assert connection.execute("select 1 from clinic.clinics").fetchall() == []
        assert connection.execute("select 1 from clinic.doctors").fetchall() == []


def test_liveness_is_all_that_the_site_is_told() -> None:
    with site() as connection:
        assert connection.execute("select app.worker_alive()").fetchone() == (True,)
