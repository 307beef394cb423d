"""Canaries: a key and a national id that must not stand where a server writes things down.

The server says everything it can: every statement, every duration, every nested plan, with all
parameters. What it would write to its log it also tells the session, which is how we read it.
"""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.test import override_settings

from clinic.bootstrap import database_name
from clinic.encryption.keyring import keyring, rewrap, send, unlock, unlock_clinic
from clinic.encryption.masters import wrap
from clinic.tenancy.backend.base import OPEN, opening_values
from clinic.tenancy.connections import Connection, connection_of, inside
from tests.factories import World
from tests.races import connect, context_of

KEY = b"canary-key-0123456789-abcdefghij"
MASTER = b"canary-master-0123456789-abcdefg"
NATIONAL_ID = "CANARY1234567D"
NAME = "Canary Whose Name May Be Seen"
PLACE = "clinic.patients.nric_encrypted"
TALKATIVE = {
    "log_statement": "all", "log_min_duration_statement": "0", "log_duration": "on",
    "log_min_messages": "debug1", "log_min_error_statement": "debug1",
    "log_error_verbosity": "verbose", "debug_print_parse": "off",
}  # fmt: skip
PARAMETERS = {"log_parameter_max_length": "-1", "log_parameter_max_length_on_error": "-1"}
NESTED = {
    "session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on", "auto_explain.log_verbose": "on",
    "auto_explain.log_analyze": "on",
}  # fmt: skip
EXPLAINS = """
select exists (select from pg_config c, pg_stat_file(c.setting || '/auto_explain.so', true) f
               where c.name = 'PKGLIBDIR' and f.size > 0)
"""


def spellings(secret: bytes) -> list[str]:
    """How a secret could be written down, in lower case."""
    return [each.lower() for each in (
        secret.decode(), secret.hex(), base64.b64encode(secret).decode().rstrip("="),
    )]  # fmt: skip


def hits(text: str, *secrets: bytes) -> list[str]:
    text = text.lower().replace("\n", "")
    return [word for secret in secrets for word in spellings(secret) if word in text]


@pytest.fixture
def admin(admin_url: str) -> Iterator[Connection]:
    with psycopg.connect(admin_url, autocommit=True) as connection:
        yield connection


@contextmanager
def talking(admin: Connection, *settings: dict[str, str]) -> Iterator[None]:
    """The site's sessions in this database are told everything that is logged."""
    name = database_name(os.environ["DATABASE_URL"])
    each = {k: v for group in settings for k, v in group.items()} | {"client_min_messages": "log"}
    try:
        for setting, value in each.items():
            admin.execute(f"alter role clinic_app in database \"{name}\" set {setting} = '{value}'")
        yield
    finally:
        for setting in each:  # not all: what the door asks for is one of them
            admin.execute(f'alter role clinic_app in database "{name}" reset {setting}')


def listening(connection: Connection) -> list[str]:
    """Everything that the server tells this session from now on."""
    lines: list[str] = []
    connection.add_notice_handler(
        lambda d: lines.append(
            f"{d.message_primary}\n{d.message_detail}\n{d.context}\n{d.internal_query}"
        )
    )
    return lines


def plant(connection: Connection, world: World) -> None:
    """A data key that we know, brought as every key is brought, locked and brought again."""
    with inside(connection, world.id, "worker", ""):
        wrapped, by = wrap(KEY, clinic_id=world.id, purpose="data", version=2)
        sent = send(connection, KEY)
        connection.execute("select app.add_key('data', 2, %s, %s, %s, %s)", [wrapped, by, *sent])


def use(connection: Connection, world: World, patient: Any) -> str:
    """Write, read, search, and fail, with the canary; returns what the errors say."""
    errors: list[str] = []
    states: list[str] = []
    for query, params in (
        ("select app.set_secret(%s, %s, %s)", [PLACE, patient, NATIONAL_ID]),
        ("select app.reveal_secret(%s, %s)", [PLACE, patient]),
        ("select app.masked_secret(%s, %s)", [PLACE, patient]),
        ("select app.patients_by_national_id(%s)", [NATIONAL_ID]),
        ("select public.encrypt_sensitive_data(%s, 'x')", [NATIONAL_ID]),
        ("select public.decrypt_sensitive_data(%s, 'x')", [NATIONAL_ID]),
        ("select app.set_secret('nowhere', %s, %s)", [patient, NATIONAL_ID]),
        ("select app.set_secret(%s, gen_random_uuid(), %s)", [PLACE, NATIONAL_ID]),
    ):
        try:
            with connection.transaction():
                connection.execute(OPEN.encode(), opening_values(context_of(world, world.bob)))
                connection.execute(query.encode(), params)
        except psycopg.Error as error:
            errors.append(f"{error}\n{error.diag.message_detail}\n{error.diag.context}")
            states.append(error.sqlstate or "")
    assert states == ["RW021", "RW003", "RW003"]
    return "\n".join(errors)


def canary_settings() -> Any:
    return override_settings(FIELD_ENCRYPTION_KEYS=f"c1:{base64.b64encode(MASTER).decode()}")


def test_a_key_is_not_written_down_whatever_is_logged(world: World, admin: Connection) -> None:
    """Even with parameters in the log, and every statement inside of functions."""
    (explains,) = admin.execute(EXPLAINS).fetchone() or (False,)
    with canary_settings(), talking(admin, TALKATIVE, PARAMETERS, NESTED if explains else {}):
        unlock_clinic(world.id, make=True)
        with connection_of() as site:
            lines = listening(site)
            plant(site, world)
            with admin.transaction():
                admin.execute("delete from app.unlocked_keys")
            with inside(site, world.id, "worker", ""):
                assert unlock(site, world.id) == 3
                assert [key.unlocked for key in keyring(site)] == [True] * 3
            failed = use(site, world, world.patient.pk)
            (derived,) = admin.execute(
                "select array_agg(cipher_key) || array_agg(mac_key) from app.unlocked_keys"
            ).fetchone() or ([],)
            activity = admin.execute("select string_agg(query, ' ') from pg_stat_activity")
            told, seen = "\n".join([*lines, failed]), str(activity.fetchall())
    assert "add_key" in told
    assert NATIONAL_ID in told, "the log does repeat parameters: the test is one"
    assert ("insert into app.unlocked_keys" in told) is explains
    texts = [*spellings(KEY), *spellings(MASTER), *(bytes(key).hex() for key in derived)]
    assert [word for word in texts if word in told.lower() or word in seen.lower()] == []


def test_a_national_id_is_not_written_down(world: World, admin: Connection) -> None:
    """With what `bootstrap` sets for the site's login, however much the server logs."""
    with talking(admin, TALKATIVE):
        unlock_clinic(world.id, make=True)
        with connect() as site:
            lines = listening(site)
            failed = use(site, world, world.patient.pk)
            (activity,) = admin.execute(
                "select string_agg(query, ' ') from pg_stat_activity"
            ).fetchone() or ("",)
    told = "\n".join(lines)
    assert "set_secret" in told
    assert hits(told + activity + failed, NATIONAL_ID.encode()) == []


def test_tables_and_wal_hold_neither(world: World, admin: Connection) -> None:
    """Every table as text, the working copies included, and the log of changes."""
    (start, first) = admin.execute(
        "select pg_current_wal_insert_lsn(), pg_current_xact_id()::xid::text"
    ).fetchone() or ("", "")
    with canary_settings():
        unlock_clinic(world.id, make=True)
        with connection_of() as site:
            plant(site, world)
            use(site, world, world.patient.pk)
        with world.as_owner():
            world.patient.full_name = NAME
            world.patient.save(using="owner", update_fields=["full_name"])
        rewrap(world.id)
    found = {name for name in NAMES if in_tables(admin, first, name) or in_wal(admin, start, name)}
    assert found == {NAME.encode()}
    # Statistics are copies of values, in a catalogue that is logged.
    admin.execute("analyze app.unlocked_keys, app.key_transports, clinic.patients")
    keys = admin.execute("select cipher_key, mac_key from app.unlocked_keys").fetchall()
    assert keys
    assert [k for pair in keys[-3:] for k in pair if in_wal(admin, start, bytes(k))] == []
    assert kept_statistics(admin) == set()


NAMES = (KEY, MASTER, NATIONAL_ID.encode(), NAME.encode())


def in_tables(admin: Connection, first: str, secret: bytes) -> list[str]:
    """The tables of ours in which a secret stands, in any spelling, since that transaction."""
    tables = admin.execute(
        "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind = 'r' and n.nspname in ('app', 'audit', 'booking', 'clinic', 'jobs',"
        " 'public', 'webhook')"
    ).fetchall()
    patterns = [f"%{word}%" for word in spellings(secret)]
    return [
        table
        for (table,) in tables
        if admin.execute(
            f"select 1 from {table} t where age(t.xmin) <= age(%s::xid)"
            " and lower(t::text) like any (%s) limit 1".encode(),
            [first, patterns],
        ).fetchone()
    ]


def kept_statistics(admin: Connection) -> set[str]:
    """Which tables that are not logged have statistics of bytes."""
    rows = admin.execute(
        "select s.starelid::regclass::text from pg_statistic s"
        " join pg_class c on c.oid = s.starelid and c.relpersistence = 'u'"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum = s.staattnum"
        " where a.atttypid = 'bytea'::regtype"
    ).fetchall()
    return {table for (table,) in rows}


def in_wal(admin: Connection, start: str, secret: bytes) -> bool:
    """Whether the write-ahead log since start has the bytes."""
    row = admin.execute(
        "select bool_or(position(%s in pg_read_binary_file('pg_wal/' || name)) > 0)"
        " from pg_ls_waldir() where name between pg_walfile_name(%s)"
        " and pg_walfile_name(pg_current_wal_lsn())",
        [secret, start],
    ).fetchone()
    return bool(row and row[0])
