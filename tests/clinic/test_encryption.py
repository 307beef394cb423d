"""Encrypted text: it comes back where it belongs, and nowhere else."""

import base64
import random
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.test import override_settings

from audit.models import AuditLog
from clinic.encryption.keyring import keyring, rewrap, unlock_all, unlock_clinic
from clinic.encryption.masters import unwrap, wrap
from clinic.tenancy.backend.base import OPEN, opening_values
from clinic.tenancy.connections import connection_of, inside
from clinic.tenancy.context import REQUEST_ROLES
from tests.factories import World
from tests.races import at_once, context_of, desk

ENCRYPT = "select public.encrypt_sensitive_data(%s, %s)"
DECRYPT = "select public.decrypt_sensitive_data(%s, %s)"
PLACE = "clinic.patients.nric_encrypted:1"


@pytest.fixture
def keys(world: World, other_world: World) -> World:
    """The world, its keys and the other's unlocked."""
    for each in (world, other_world):
        unlock_clinic(each.id, make=True)
    return world


def told(world: World, query: str, *params: object, role: str = "staff") -> Any:
    """The answer to somebody of the clinic, or the SQLSTATE."""
    with desk() as connection:
        return told_by(connection, world, query, *params, role=role)


def told_by(connection: Any, world: World, query: str, *params: object, role: str = "staff") -> Any:
    """The same over a connection that is there, in a transaction of its own."""
    try:
        with connection.transaction():
            connection.execute(OPEN, opening_values(context_of(world, world.bob, role)))
            row = connection.execute(query.encode(), params).fetchone()
            return row[0] if row else None
    except psycopg.Error as error:
        return error.sqlstate


def encrypted(world: World, text: str | None, place: str = PLACE) -> str:
    found = told(world, ENCRYPT, text, place)
    assert len(found or "") > 5, found
    return found or ""


def lock(world: World) -> None:
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute("select app.lock_keys()")


@pytest.mark.parametrize(
    "text", ["", "x", "S1234567D", "É☃ \U0001f9ea 号", "line\nline", " ", "a" * 1_000_000]
)
def test_text_comes_back(keys: World, text: str) -> None:
    cipher = encrypted(keys, text)
    assert "\n" not in cipher
    assert base64.b64decode(cipher, validate=True)
    assert told(keys, DECRYPT, cipher, PLACE) == text


def test_no_place_is_a_place(keys: World) -> None:
    cipher = told(keys, "select public.encrypt_sensitive_data('x')")
    assert told(keys, "select public.decrypt_sensitive_data(%s)", cipher) == "x"
    assert told(keys, DECRYPT, cipher, PLACE) == "RW021"


def test_null_stays_null_and_nothing_else_becomes_it(keys: World) -> None:
    assert told(keys, ENCRYPT, None, PLACE) is None
    assert told(keys, DECRYPT, None, PLACE) is None
    assert told(keys, "select public.encrypt_sensitive_data('x', null) is null") is False


def test_the_same_text_twice_is_two_texts_of_one_length(keys: World) -> None:
    numbers = ["S1234567D", "S1234567D", "T7654321X", "E1"]
    ciphers = [encrypted(keys, number) for number in numbers]
    assert len(set(ciphers)) == 4
    assert len({len(cipher) for cipher in ciphers}) == 1


def test_a_text_opens_in_its_place_only(keys: World, other_world: World) -> None:
    cipher = encrypted(keys, "S1234567D")
    for place in ("", PLACE + "0", PLACE[:-1], PLACE.upper(), "clinic.patients.passport:1"):
        assert told(keys, DECRYPT, cipher, place) == "RW021"
    assert told(other_world, DECRYPT, cipher, PLACE) == "RW021"
    assert told(keys, DECRYPT, cipher, PLACE) == "S1234567D"


def test_no_changed_text_opens(keys: World) -> None:
    """Every letter changed, every length cut, halves swapped, other spellings of the same bytes."""
    good = encrypted(keys, "S1234567D")
    raw = base64.b64decode(good)
    rng = random.Random(good)
    letters = "ABCxyz019+/= -"
    bad = {good[:at] + rng.choice(letters) + good[at + 1 :] for at in range(len(good))}
    bad |= {good[:size] for size in range(len(good))} | {good + "\n", good + "=", good * 2}
    bad |= {base64.b64encode(raw[35:] + raw[:35]).decode(), raw.hex(), "junk", "{}", "Ulc="}
    flipped = (raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] for at in range(len(raw)))
    bad |= {base64.b64encode(each).decode() for each in flipped}
    with desk() as site:
        answers = {told_by(site, keys, DECRYPT, text, PLACE) for text in sorted(bad - {good})}
        assert answers == {"RW021"}
        assert told_by(site, keys, DECRYPT, good, PLACE) == "S1234567D"


def test_pgp_messages_and_other_versions_are_refused(keys: World) -> None:
    pgp = told(keys, "select encode(public.pgp_sym_encrypt('x', 'y'), 'base64')")
    raw = base64.b64decode(encrypted(keys, "x"))
    for version in (b"\0\0\0\0", b"\0\0\0\2", b"\xff\xff\xff\xff"):
        other = base64.b64encode(raw[:2] + version + raw[6:]).decode()
        assert told(keys, DECRYPT, other, PLACE) == "RW021"
    assert told(keys, DECRYPT, pgp, PLACE) == "RW021"


def test_without_a_key_nothing_is_said(world: World) -> None:
    assert told(world, ENCRYPT, "x", PLACE) == "RW020"
    unlock_clinic(world.id, make=True)
    cipher = encrypted(world, "x")
    lock(world)
    assert told(world, ENCRYPT, "x", PLACE) == "RW020"
    assert told(world, DECRYPT, cipher, PLACE) == "RW020"
    assert unlock_clinic(world.id) == 2
    assert told(world, DECRYPT, cipher, PLACE) == "x"


def test_without_a_context_nothing_is_said(keys: World) -> None:
    cipher = encrypted(keys, "x")
    with desk() as site:
        for query, text in ((ENCRYPT, "x"), (DECRYPT, cipher)):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                site.execute(query.encode(), [text, PLACE])
        site.execute("set role clinic_staff")
        for query, value in ((ENCRYPT, "x"), (DECRYPT, cipher), (ENCRYPT, None)):
            with pytest.raises(psycopg.Error) as raised:
                site.execute(query.encode(), [value, PLACE])
            assert raised.value.sqlstate == "RW001"


def test_who_may_call(keys: World) -> None:
    roles = {role: told(keys, ENCRYPT, "x", PLACE, role=role) for role in REQUEST_ROLES}
    allowed = {role for role, answer in roles.items() if answer != "42501"}
    assert allowed == {"staff", "admin", "superadmin"}


def test_keys_are_read_by_nobody(keys: World) -> None:
    queries = [
        "select 1 from app.unlocked_keys", "select 1 from app.key_transports",
        "select 1 from app.clinic_keys", "select app.open_transport()",
        "select app.clinic_keyring()", "select app.lock_keys()", "select app.destroy_keys('x')",
        "select app.unlocked('data', 1)", "select app.blind_index('x')",
    ]  # fmt: skip
    for role in REQUEST_ROLES:
        assert {told(keys, query, role=role) for query in queries} == {"42501"}
    with keys.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute("select count(*) from app.unlocked_keys")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "select count(*) from pg_class where relpersistence = 'u'"
            " and oid in ('app.unlocked_keys'::regclass, 'app.key_transports'::regclass)"
        )
        assert cursor.fetchone() == (2,)


def test_only_the_very_key_can_be_brought(keys: World, other_world: World) -> None:
    """Neither other bytes, nor another clinic's key, nor one journey's message twice."""
    with connection_of() as site:
        with inside(site, keys.id, "worker", ""):
            (mine, *_) = keyring(site)
        with inside(site, other_world.id, "worker", ""):
            (theirs, *_) = keyring(site)
    nowhere = "00000000-0000-0000-0000-000000000000"
    for key_id, journey in ((mine.id, ""), (theirs.id, ""), (mine.id, nowhere)):
        assert bring(keys, key_id, journey) == "RW021"


def bring(world: World, key_id: object, journey: object) -> str | None:
    """What the database answers to zeros as a key."""
    with connection_of() as site, inside(site, world.id, "worker", ""):
        row = site.execute("select transport_id from app.open_transport()").fetchone()
        sent = [key_id, journey or (row and row[0]), bytes(32)]
        try:
            site.execute("select app.unlock_key(%s, %s, %s)", sent)
        except psycopg.Error as error:
            return error.sqlstate
    return None


def test_a_wrapped_key_belongs_to_its_clinic(world: World, other_world: World) -> None:
    about = {"clinic_id": world.id, "purpose": "data", "version": 1}
    wrapped, by = wrap(b"k" * 32, **about)
    assert unwrap(wrapped, by, **about) == b"k" * 32
    for name, value in (("clinic_id", other_world.id), ("purpose", "index"), ("version", 2)):
        with pytest.raises(ImproperlyConfigured):
            unwrap(wrapped, by, **(about | {name: value}))


@pytest.mark.parametrize("bad", ["", "f1", "f1:", "f1:AAAA", "F1:" + "A" * 43 + "=", "f1:*"])
def test_bad_settings_are_refused(world: World, bad: str) -> None:
    with override_settings(FIELD_ENCRYPTION_KEYS=bad), pytest.raises(ImproperlyConfigured):
        unlock_clinic(world.id, make=True)


def test_the_master_key_is_changed_without_touching_values(keys: World) -> None:
    cipher, before = encrypted(keys, "x"), settings.FIELD_ENCRYPTION_KEYS
    new = "f2:" + base64.b64encode(b"n" * 32).decode()
    with override_settings(FIELD_ENCRYPTION_KEYS=f"{new},{before}"):
        assert (rewrap(keys.id), rewrap(keys.id)) == (2, 0)
    lock(keys)
    with pytest.raises(ImproperlyConfigured, match="lacks the master key f2"):
        unlock_clinic(keys.id)
    with override_settings(FIELD_ENCRYPTION_KEYS=new):
        assert unlock_clinic(keys.id) == 2
        assert told(keys, DECRYPT, cipher, PLACE) == "x"
        with override_settings(FIELD_ENCRYPTION_KEYS=f"{before},{new}"):
            assert rewrap(keys.id) == 2
    lock(keys)
    assert unlock_clinic(keys.id) == 2


def test_many_processes_make_one_key(world: World) -> None:
    at_once([lambda: unlock_clinic(world.id, make=True)] * 6)
    with connection_of() as site, inside(site, world.id, "worker", ""):
        made = [(k.purpose, k.version, k.state, k.unlocked) for k in keyring(site)]
    assert made == [("data", 1, "active", True), ("index", 1, "active", True)]


def test_unlocking_all_brings_what_is_missing(keys: World) -> None:
    unlock_all()
    lock(keys)
    assert unlock_all() == 2
    assert unlock_all() == 0


def test_keys_are_on_record_and_not_in_it(keys: World) -> None:
    with keys.as_owner():
        logs = list(AuditLog.objects.using("owner").filter(table_name="clinic_keys"))
    assert [log.action for log in logs] == ["INSERT", "INSERT"]
    assert {name for log in logs for name in log.new_values or {}} == {
        "id", "clinic_id", "purpose", "version", "state", "wrapped_by", "created_at"
    }  # fmt: skip
