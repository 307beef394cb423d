"""The site's own login without a context, and with every plain setting and role it can take."""

import os
from collections.abc import Iterator

import pytest

from clinic.tenancy.backend.base import OPEN, opening_values
from tests.attacker import REFUSED, SCHEMAS, TENANT_TABLES, attempts, open_as, stocked
from tests.factories import World, make_world
from tests.races import Connection, connect, context_of

# What belongs to no clinic and may be read by the login itself.
GLOBAL = {"public.django_content_type", "public.django_migrations"}
RELATIONS = """
select format('%%I.%%I', n.nspname, c.relname) from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and n.nspname = any (%s)
"""
TAKEN = """
select rolname from pg_roles where pg_has_role(session_user, oid, 'member')
  and rolname <> session_user order by rolname
"""
SETTINGS = ("app.context", "app.current_clinic_id", "app.current_user_id", "app.clinic_id",
            "app.clinic", "app.current_tenant", "app.current_role", "rls.tenant_id")  # fmt: skip


@pytest.fixture(scope="module")
def theirs(django_db_setup: None) -> World:
    return stocked(make_world(mallory=True))


@pytest.fixture
def site() -> Iterator[Connection]:
    with connect() as connection:
        yield connection


def names(connection: Connection, query: str, *params: object) -> list[str]:
    return [row[0] for row in connection.execute(query.encode(), params).fetchall()]


def test_without_a_context_no_relation_gives_a_row(site: Connection, theirs: World) -> None:
    relations = sorted(set(names(site, RELATIONS, list(SCHEMAS))) - GLOBAL)
    with site.transaction():
        told = attempts(site, [f"select 1 from {name}" for name in relations])
    assert len(relations) >= 25
    assert set(told) == {REFUSED}


def test_the_control_with_a_context_rows_are_there(site: Connection, theirs: World) -> None:
    with site.transaction():
        site.execute(OPEN, opening_values(context_of(theirs, theirs.alice)))
        told = attempts(site, ["select 1 from clinic.patients", "select 1 from audit.audit_logs"])
    assert min(map(int, told)) >= 1


def test_the_roles_that_the_login_may_take_are_those_of_requests(site: Connection) -> None:
    assert names(site, TAKEN) == [
        "clinic_admin", "clinic_doctor", "clinic_nurse", "clinic_patient", "clinic_staff",
        "clinic_superadmin", "clinic_worker",
    ]  # fmt: skip


@pytest.mark.parametrize("for_session", [True, False])
def test_plain_settings_and_roles_open_nothing(
    site: Connection, theirs: World, for_session: bool
) -> None:
    """The clinic's public id in every setting, under every role: 0 rows of it."""
    tables = names(site, TENANT_TABLES, list(SCHEMAS))
    for role in names(site, TAKEN):
        with site.transaction():
            for name, value in [*((name, str(theirs.id)) for name in SETTINGS), ("role", role)]:
                site.execute("select set_config(%s, %s, %s)", [name, value, not for_session])
            told = attempts(site, [f"select 1 from {table}" for table in tables])
            assert set(told) <= {"0", REFUSED}, role
            assert "0" in told, "no table was reached at all"
        site.execute("reset role")


def test_the_readable_copies_are_not_believed(site: Connection, theirs: World) -> None:
    with site.transaction():
        open_as(site, context_of(theirs, theirs.bob), app__context="")
        row = site.execute(
            "select app.current_clinic_id(), app.current_user_id(), app.current_role(),"
            " current_setting('app.current_clinic_id')"
        ).fetchone()
    assert row == (None, None, None, str(theirs.id))


def test_the_owners_login_is_bound_too(theirs: World) -> None:
    with connect(os.environ["MIGRATION_DATABASE_URL"]) as owner, owner.transaction():
        owner.execute("set local role clinic_owner")
        tables = names(owner, TENANT_TABLES, list(SCHEMAS))
        assert set(attempts(owner, [f"select 1 from {table}" for table in tables])) == {"0"}
