"""What SQL that got into a request might try beyond rows: objects, roles, files, definers."""

import re
from collections.abc import Iterator

import psycopg
import pytest

from clinic.tenancy.backend.base import OPEN, opening_values
from tests.attacker import REFUSED, SCHEMAS, SITE_ROLES, attempts, stocked
from tests.factories import World, make_world
from tests.races import Connection, connect, context_of

SCHEMA_SWEEP = [f"create {kind}" for schema in (*SCHEMAS, "pg_temp") for kind in (
    f"table {schema}.evil (x int)",
    f"function {schema}.evil(text) returns bool cost 0.0000001 language plpgsql as"
    " $f$ begin raise notice '%', $1; return true; end $f$",
    f"view {schema}.evil as select 1",
    f"type {schema}.evil as (x int)",
    f"operator {schema}.=== (leftarg = text, rightarg = text, function = texteq)",
)]  # fmt: skip
OBJECTS = [
    "create temp table patients (x int)",
    "create schema evil",
    "create extension dblink",
    "create extension postgres_fdw",
    "create cast (text as int) with inout",
    "create event trigger evil on ddl_command_start"
    " execute function audit.audit_trigger_function()",
    "create publication evil for all tables",
    "create rule evil as on select to clinic.patients do instead nothing",
    "create policy evil on clinic.patients using (true)",
    "create role evil",
    "alter table clinic.patients disable row level security",
    "alter table clinic.patients no force row level security",
    "alter table clinic.patients disable trigger all",
    "alter table clinic.patients owner to clinic_app",
    "alter policy tenant_isolation on clinic.patients using (true)",
    "drop policy tenant_isolation on clinic.patients",
    "drop trigger audit_update on clinic.patients",
    "drop table clinic.patients",
    "drop function app.context_claims()",
    "alter function app.context_claims() security invoker",
    "truncate clinic.patients cascade",
    "truncate audit.audit_logs",
    "lock table clinic.patients in access exclusive mode",
    "refresh materialized view clinic.patients",
    "comment on table clinic.patients is 'mine'",
    "call app.make_tenant_table('clinic.patients')",
    "call app.make_definer('app.current_role()')",
    "call audit.detach('clinic.patients')",
]
POWERS = [
    "set local role clinic_owner",
    "set local role clinic_definer",
    "set local role clinic_authenticator",
    "set local role clinic_auditor",
    "set local role clinic_migrator",
    "set session authorization clinic_owner",
    "set local session_replication_role = replica",
    "set local log_statement = 'none'",
    "grant clinic_owner to clinic_app",
    "grant clinic_definer to clinic_staff",
    "alter role clinic_staff superuser",
    "alter role clinic_owner password 'x'",
    "alter role clinic_app superuser",
    "alter role clinic_app bypassrls",
    "alter role clinic_app createrole",
    "alter role all set row_security = off",
    "alter database postgres set row_security = off",
    "copy clinic.patients to '/tmp/out'",
    "copy clinic.patients from program 'id'",
    "select pg_read_file('/etc/passwd')",
    "select pg_ls_dir('/')",
    "select lo_import('/etc/passwd')",
    "select lo_create(0)",
    "select lo_from_bytea(0, 'kept')",
    "load '/tmp/evil.so'",
    "select pg_create_logical_replication_slot('evil', 'test_decoding')",
    "select pg_create_physical_replication_slot('evil')",
    "select * from pg_authid",
    "select * from pg_statistic",
    "select * from pg_user_mapping",
    "select * from pg_hba_file_rules",
    "select * from app.sessions",
    "select * from app.login_failures",
    "select password_hash from clinic.users",
    "select nric_encrypted from clinic.patients",
    "select * from public.django_admin_log",
    "select * from public.auth_permission",
    "select last_value from audit.audit_logs_id_seq",
    "select nextval('audit.audit_logs_id_seq')",
    "select * from audit.audit_logs_default",
    "select audit.ensure_partitions(1)",
    "select booking.replay(null, null, 'book', 'x', null)",
    "select booking.booking_refusal(null, null, null, null, null)",
    "select * from booking.working_slots(null, null, current_date, current_date)",
]

MISSPELT = ("42601", "42883", "42704", "42P01", "3F000", "42703")
NARROW = {
    "clinic_definer", "clinic_authenticator", "clinic_auditor", "clinic_booker", "clinic_keeper",
    "clinic_receiver", "clinic_dispatcher", "clinic_sealer", "clinic_archivist",
}  # fmt: skip
DEFINERS = """
select p.oid::regprocedure::text, has_function_privilege('public', p.oid, 'execute'),
  p.proowner::regrole::text
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.prosecdef and n.nspname = any (%s) order by 1
"""
# For the login before anybody is known, not for a request.
OF_THE_LOGIN = [
    "select app.load_session('x')",
    "select app.save_session('x', '', now(), 'insert')",
    "select app.delete_session('x')",
    "select * from app.login_candidates('', 'a@b.c')",
    "select * from app.session_user('', null)",
    "select * from app.user_memberships('', null)",
    "select app.login_blocked('', 'a@b.c', '::1')",
    "select app.record_login('', 'a@b.c', '::1', null)",
]


@pytest.fixture
def site() -> Iterator[Connection]:
    with connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def mine(django_db_setup: None) -> World:
    return stocked(make_world())


def done(connection: Connection, queries: list[str]) -> dict[str, str]:
    """The queries that were not refused, and what came of them."""
    told = attempts(connection, queries)
    return {q: t for q, t in zip(queries, told, strict=True) if t != REFUSED}


@pytest.mark.parametrize("role", SITE_ROLES)
def test_a_request_role_has_no_power_over_the_database(
    site: Connection, mine: World, role: str
) -> None:
    with site.transaction():
        site.execute(OPEN, opening_values(context_of(mine, mine.alice, role)))
        control = done(site, ["select app.require_clinic_id()"])
        may = ["select audit.ensure_partitions(1)"] if role == "worker" else []
        queries = [q for q in SCHEMA_SWEEP + OBJECTS + POWERS + OF_THE_LOGIN if q not in may]
        assert done(site, queries) == {}
    assert list(control.values()) == ["1"]


def test_the_login_itself_has_no_power_either(site: Connection) -> None:
    with site.transaction():
        assert done(site, SCHEMA_SWEEP + OBJECTS + POWERS) == {}
        assert set(done(site, OF_THE_LOGIN)) == set(OF_THE_LOGIN)


def test_a_superuser_could_do_each_of_them(admin_url: str) -> None:
    """The control: none of the statements fails for its spelling."""
    unwise = ("replication_slot", "program", "to '/tmp", "alter role", "alter database", "load")
    queries = [q for q in SCHEMA_SWEEP + OBJECTS + POWERS if not any(word in q for word in unwise)]
    with connect(admin_url) as admin, admin.transaction():
        spelling = {q: t for q, t in done(admin, queries).items() if t in MISSPELT}
    assert spelling == {}


@pytest.mark.parametrize(
    "query",
    [
        "create database evil",
        "alter system set row_security = off",
        "create subscription evil connection '' publication evil",
        "vacuum full clinic.patients",
    ],
)
def test_what_needs_no_transaction_is_refused_too(site: Connection, query: str) -> None:
    """VACUUM only warns: it must at least do nothing."""
    notices: list[str] = []
    site.add_notice_handler(lambda notice: notices.append(str(notice.sqlstate)))
    try:
        site.execute(query.encode())
    except psycopg.errors.InsufficientPrivilege:
        notices.append(REFUSED)
    assert notices == ["01000" if query.startswith("vacuum") else REFUSED]


def test_no_definer_function_is_anybodys(admin_url: str) -> None:
    """PostgreSQL lets PUBLIC execute new functions: each definer must have taken that back."""
    with connect(admin_url) as admin:
        found = admin.execute(DEFINERS, [list(SCHEMAS)]).fetchall()
    assert len(found) >= 20
    assert [name for name, public, _ in found if public] == []
    assert [name for name, _, owner in found if owner not in NARROW] == [
        "audit.ensure_partitions(integer)",
        "audit.prune(timestamp with time zone)",
    ]


def test_each_function_of_the_booker_enters_first(admin_url: str) -> None:
    """clinic_booker believes a plain setting, so its functions must verify before anything else.

    The context, or the link of an offer.
    """
    with connect(admin_url) as admin:
        found = admin.execute(
            "select proname, regexp_replace(prosrc, '\\s+', ' ', 'g') from pg_proc"
            " where proowner = 'clinic_booker'::regrole order by 1"
        ).fetchall()
    first = re.compile(
        r"^ ?declare v_\w+ \w+(\[\])? := \(?app\.enter(\(\)|_by_link\(p_token\))\)?(\[\d\])?;"
    )
    assert len(found) >= 4
    assert [name for name, source in found if not first.match(source)] == []
