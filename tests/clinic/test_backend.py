"""The backend opens the context with the transaction, and with nothing else."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.db import (
    Error,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
    connections,
    transaction,
)

from clinic.errors import TenantContextError
from clinic.models import Patient, User
from clinic.tenancy.context import Context, current_context, pushed, tenant_context
from tests.clinic.site import options, site_with
from tests.factories import World
from tests.races import connect, context_of

DENIED = "permission denied for table patients"


def clinics() -> list[Any]:
    return list(Patient.objects.values_list("clinic_id", flat=True))


def ask(query: str, *params: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchone()[0]


def assert_closed() -> None:
    """Nothing of a context is left on the connection."""
    assert ask("select current_user::text") == "clinic_app"
    assert ask("select coalesce(current_setting('app.context', true), '')") == ""
    with pytest.raises(ProgrammingError, match=DENIED):
        clinics()


def test_the_context_is_that_of_the_outermost_transaction(world: World) -> None:
    with world.as_user(world.bob), transaction.atomic(), transaction.atomic():
        assert clinics() == [world.id]
    assert_closed()


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, Exception])
def test_an_exception_closes_it(world: World, error: type[BaseException]) -> None:
    def fail() -> None:
        with world.as_user(world.bob):
            assert clinics() == [world.id]
            raise error

    with pytest.raises(error):
        fail()
    assert_closed()


def test_a_database_error_closes_it(world: World) -> None:
    with pytest.raises(Error), world.as_user(world.bob):
        ask("select 1 / 0")
    assert_closed()


def test_a_savepoint_that_rolls_back_keeps_it(world: World) -> None:
    with world.as_user(world.bob):
        for _ in range(3):
            with pytest.raises(Error), transaction.atomic():
                ask("select 1 / 0")
        assert clinics() == [world.id]
        assert ask("select app.current_user_id()") == world.bob.id


def test_a_second_context_in_a_transaction_is_refused(world: World, other_world: World) -> None:
    with world.as_user(world.bob):
        with pytest.raises(TenantContextError, match="one context"), other_world.as_user(world.bob):
            pytest.fail("it was entered")
        assert clinics() == [world.id]


def test_a_rollback_to_another_clinic_is_not_a_way(world: World, other_world: World) -> None:
    """One after another they are apart, on the same connection."""
    seen = []
    for cast in (world, other_world, world):
        with cast.as_user(cast.bob):
            seen += clinics()
    assert seen == [world.id, other_world.id, world.id]


def test_pushing_a_context_begins_nothing(world: World) -> None:
    """Outside a transaction there is none: autocommit queries are refused."""
    with pushed(context_of(world, world.bob)):
        assert_closed()
        with transaction.atomic():
            assert clinics() == [world.id]
        assert_closed()


def test_a_lazy_queryset_finds_the_door_shut(world: World) -> None:
    with world.as_user(world.bob):
        lazy = Patient.objects.all()
    with pytest.raises(ProgrammingError, match=DENIED):
        list(lazy)


def test_a_stream_finds_the_door_shut(world: World) -> None:
    """A generator that runs after the request's transaction."""

    def stream() -> Iterator[Any]:
        yield from Patient.objects.iterator()

    with world.as_user(world.bob):
        late = stream()
    with pytest.raises(ProgrammingError, match=DENIED):
        next(late)


def test_on_commit_runs_outside(world: World) -> None:
    seen: list[Any] = []
    with world.as_user(world.bob):
        transaction.on_commit(lambda: seen.append(ask("select current_user::text")))
    assert seen == ["clinic_app"]


def test_threads_inherit_no_context(world: World) -> None:
    found: list[Any] = []

    def look() -> None:
        found.append(current_context())
        connections.close_all()

    with world.as_user(world.bob):
        thread = Thread(target=look)
        thread.start()
        thread.join()
        assert copy_context().run(current_context) is not None, "the control: tasks do"
    assert found == [None]


def test_another_alias_gets_no_context(world: World) -> None:
    """A context is for one alias: the owner's connection stays shut, and the other way round."""
    owner = connections["owner"]
    with world.as_user(world.bob), transaction.atomic("owner"), owner.cursor() as cursor:
        cursor.execute("select count(*), current_user::text from clinic.patients")
        assert cursor.fetchone() == (0, "clinic_owner")
    with world.as_owner(), pytest.raises(ProgrammingError, match=DENIED):
        clinics()


@pytest.mark.parametrize("role", ["", "root", "postgres", "clinic_staff", "staff; reset role"])
def test_an_unknown_role_is_refused_in_python(world: World, role: str) -> None:
    with pytest.raises(TenantContextError, match="unknown role"):
        Context(world.id, None, role)


def test_the_site_cannot_become_the_owner(world: World) -> None:
    """The database refuses the role; no transaction stays open."""
    forbidden = tenant_context(clinic=world.id, role="owner")
    with pytest.raises(ProgrammingError, match="permission denied to set role"), forbidden:
        pytest.fail("it was entered")
    assert not connection.in_atomic_block
    assert_closed()


def test_a_read_only_context_writes_nothing(world: World) -> None:
    reading = tenant_context(clinic=world.id, user=world.bob.id, role="staff", read_only=True)
    with pytest.raises(InternalError, match="read-only transaction"), reading:
        Patient.objects.update(notes="x")
    with world.as_user(world.bob):
        assert Patient.objects.update(notes="x") == 1


def test_a_connection_that_dies_does_not_go_on_without(world: World, admin_url: str) -> None:
    errors: list[str] = []
    with connect(admin_url) as admin, suppress(OperationalError), world.as_user(world.bob):
        pid = ask("select pg_backend_pid()")
        admin.execute("select pg_terminate_backend(%s, 5000)", [pid])
        for _ in range(3):
            try:
                errors.append(f"saw {clinics()}")
            except OperationalError as error:
                errors.append(type(error).__name__)
    assert errors == ["OperationalError"] * 3
    with world.as_user(world.bob):
        assert clinics() == [world.id]
    assert_closed()


def test_a_new_session_in_the_pool_knows_nothing_of_the_last(world: World) -> None:
    """What injected SQL left for the session is gone when the connection comes back."""
    with site_with(OPTIONS=options(min_size=1, max_size=1, timeout=5), CONN_MAX_AGE=0):
        pid = ask("select pg_backend_pid()")
        ask("select set_config('app.current_clinic_id', %s, false)", str(world.id))
        ask("select set_config('role', 'clinic_admin', false)")
        ask("select set_config('search_path', 'public', false)")
        ask("select 1 from pg_advisory_lock(7)")
        with connection.cursor() as cursor:
            cursor.execute("listen gossip")
            cursor.execute("prepare spy as select 1")
            cursor.execute("declare spying cursor with hold for select 1")
        connection.close()
        assert ask("select pg_backend_pid()") == pid, "another session: no control"
        assert ask("select current_setting('app.current_clinic_id', true)") in (None, "")
        assert ask("select current_user::text") == "clinic_app"
        assert ask("show search_path").startswith("clinic, ")
        held = "select count(*) from pg_locks where locktype = 'advisory' and pid = %s"
        assert ask(held, pid) == 0
        assert ask("select count(*) from pg_listening_channels()") == 0
        assert ask("select count(*) from pg_prepared_statements") == 0
        # The question itself is the one without a name.
        assert ask("select count(*) from pg_cursors where name <> ''") == 0


def test_a_database_that_was_started_again_costs_no_query(admin_url: str) -> None:
    with site_with(OPTIONS=options(min_size=1, max_size=1, timeout=5), CONN_MAX_AGE=0):
        pid = ask("select pg_backend_pid()")
        connection.close()
        with connect(admin_url) as admin:
            admin.execute("select pg_terminate_backend(%s, 5000)", [pid])
        assert ask("select pg_backend_pid()") != pid


def on_a_cursor(params: Any) -> Callable[[str], Any]:
    def send(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)

    return send


def on_a_server_side_cursor(statement: str) -> None:
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement)


SENDERS: dict[str, Callable[[str], Any]] = {
    "without parameters": on_a_cursor(None),
    "no parameter": on_a_cursor(()),
    "on the server": on_a_server_side_cursor,
    "by the driver": lambda statement: connection.connection.execute(statement),
    "a raw query": lambda statement: list(User.objects.raw(statement)),
    "a raw query, row by row": lambda statement: list(User.objects.raw(statement).iterator()),
    "a condition": lambda statement: list(
        User.objects.extra(where=[statement])  # noqa: S610
    ),
}


@pytest.mark.parametrize("sender", SENDERS)
def test_no_statement_ends_its_transaction_and_goes_on(still_world: World, sender: str) -> None:
    """A second command after `commit` would be the login's, with nobody inside a clinic."""
    before = "true)" if sender == "a condition" else "select id from clinic.users"
    with (
        pytest.raises((Error, psycopg.Error), match="cannot insert multiple commands"),
        still_world.as_user(still_world.bob),
    ):
        SENDERS[sender](f"{before}; commit; select * from app.clinic_ids() --")


def statement_text(admin_url: str) -> str:
    """What the server shows of the last statement of this connection."""
    pid = connection.connection.info.backend_pid
    with connect(admin_url) as admin:
        row = admin.execute("select query from pg_stat_activity where pid = %s", [pid]).fetchone()
    return str(row and row[0])


def test_no_value_stands_in_statement_text(world: World, admin_url: str) -> None:
    """Parameters are bound on the server: it shows $1, not the patient, not the context."""
    with world.as_user(world.bob):
        opening = statement_text(admin_url)
        list(Patient.objects.filter(full_name="Canary Quux").values("id"))
        text = statement_text(admin_url)
    assert opening.startswith("select set_config('role', $1, true)")
    assert str(world.id) not in opening
    assert '"full_name" = ' in text
    assert "Canary" not in text


def test_a_transaction_costs_one_more_statement(world: World, tmp_path: Path) -> None:
    """BEGIN, the opening statement, COMMIT, as libpq traces them."""
    ask("select 1")
    with (tmp_path / "trace").open("w+") as trace:
        connection.connection.pgconn.trace(trace.fileno())
        with world.as_user(world.bob):
            pass
        connection.connection.pgconn.untrace()
        trace.seek(0)
        sent = re.findall(r"\tF\t\d+\t(?:Query|Parse)\t (?:\"\" )?\"(\w+ ?\w*)", trace.read())
    assert sent == ["BEGIN", "select set_config", "COMMIT"]
