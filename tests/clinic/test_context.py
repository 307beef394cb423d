"""The signed context: what opens it, what does not, and for how long."""

import base64
import random
import secrets
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from django.conf import settings
from django.test import override_settings

from clinic.tenancy.backend.base import OPEN, opening_statement, opening_values
from clinic.tenancy.context import REQUEST_ROLES, Context
from clinic.tenancy.keys import sync_context_keys
from clinic.tenancy.signing import sign
from tests.attacker import open_as
from tests.factories import World
from tests.races import Connection, connect, context_of

SEEN = (
    "select app.current_clinic_id(), app.current_user_id(), app.current_role(),"
    " public.get_my_role(), (select count(*) from clinic.patients)"
)


@pytest.fixture
def site() -> Iterator[Connection]:
    with connect() as connection:
        yield connection


def seen(site: Connection) -> tuple[object, ...]:
    row = site.execute(SEEN.encode()).fetchone()
    assert row
    return tuple(row)


def opens(site: Connection, context: Context, value: str | None = None) -> bool:
    """Whether app.context with this value, or as the site signs it, is a context."""
    with site.transaction():
        open_as(site, context, app__context=value or sign(context))
        return seen(site)[0] is not None


def test_the_good_context_opens_its_clinic(site: Connection, world: World) -> None:
    with site.transaction():
        site.execute(OPEN, opening_values(context_of(world, world.bob)))
        assert seen(site) == (world.id, world.bob.id, "staff", "clinic_staff", 1)


def test_no_context_one_character_away_opens_it(site: Connection, world: World) -> None:
    """256 forgeries or more: each place of a good context, changed."""
    context = context_of(world, world.bob)
    good = sign(context)
    rng = random.Random(good)
    places = [*range(len(good)), *rng.choices(range(len(good)), k=200)]
    letters = "0123456789abcdef.-v"
    forged = {good[:at] + rng.choice(letters) + good[at + 1 :] for at in places} - {good}
    assert len(forged) >= 256
    assert [value for value in forged if opens(site, context, value)] == []
    assert opens(site, context, good)


@pytest.mark.parametrize("expiry", ["", "abc", "1e9", "'", "9" * 30, "-1", " 1"])
def test_an_expiry_that_is_no_number_is_no_context(world: World, expiry: str) -> None:
    """In a session that has planned nothing yet: a plan for these values casts them at once."""
    context = context_of(world, world.bob)
    parts = sign(context).split(".")
    with connect() as site:
        assert not opens(site, context, ".".join([*parts[:2], expiry, *parts[3:]]))


def test_a_context_ends_with_its_transaction(site: Connection, world: World) -> None:
    with site.transaction():
        site.execute(OPEN, opening_values(context_of(world, world.bob)))
        assert seen(site)[0] == world.id
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        seen(site)
    row = site.execute("select current_user, current_setting('app.context', true)").fetchone()
    assert row == ("clinic_app", "")


@pytest.mark.parametrize(("age", "good"), [(-1, True), (-290, True), (-302, False)])
def test_a_context_lasts_five_minutes(site: Connection, world: World, age: int, good: bool) -> None:
    assert settings.CONTEXT_LIFETIME_SECONDS == 300
    context = context_of(world, world.bob)
    assert opens(site, context, sign(context, now=time.time() + age)) is good


@pytest.mark.parametrize("role", REQUEST_ROLES)
def test_a_context_holds_under_its_own_role_only(site: Connection, world: World, role: str) -> None:
    context = context_of(world, world.bob, role)
    under = dict.fromkeys(REQUEST_ROLES, False)
    for other in REQUEST_ROLES:
        with site.transaction():
            open_as(site, context, role=f"clinic_{other}")
            under[other] = seen(site)[0] is not None
    assert under == {other: other == role for other in REQUEST_ROLES}


def test_changing_the_role_midway_closes_the_context(site: Connection, world: World) -> None:
    with site.transaction():
        site.execute(OPEN, opening_values(context_of(world, world.bob)))
        site.execute("set local role clinic_superadmin")
        assert seen(site) == (None, None, None, "clinic_superadmin", 0)
        site.execute("reset role")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), site.transaction():
            seen(site)
        site.execute("set local role clinic_staff")
        assert seen(site)[0] == world.id


def test_a_cached_plan_answers_for_the_clinic_that_asks(
    site: Connection, world: World, other_world: World
) -> None:
    """A prepared generic plan made in one clinic must not answer in the other."""
    site.execute("set plan_cache_mode to force_generic_plan")
    with site.transaction():
        site.execute(OPEN, opening_values(context_of(world, world.bob)))
        site.execute("prepare mine as select clinic_id from clinic.patients")
    for cast in (world, other_world, world):
        with site.transaction():
            site.execute(OPEN, opening_values(context_of(cast, cast.bob)))
            assert site.execute("execute mine").fetchall() == [(cast.id,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        site.execute("execute mine")


def test_a_context_without_a_user_has_no_user(site: Connection, world: World) -> None:
    with site.transaction():
        site.execute(OPEN, opening_values(Context(world.id, None, "worker")))
        row = site.execute("select app.current_user_id(), app.current_clinic_id()").fetchone()
    assert row == (None, world.id)


def test_without_a_clinic_the_functions_raise(site: Connection) -> None:
    site.execute("set role clinic_staff")
    with pytest.raises(psycopg.Error) as raised:
        site.execute("select app.require_clinic_id()")
    assert raised.value.sqlstate == "RW001"


def test_the_statement_for_an_operator_is_the_same(site: Connection, world: World) -> None:
    context = replace(context_of(world, world.bob), user_agent="it's \\ 100% {odd}")
    with site.transaction():
        site.execute(opening_statement(context).encode())
        assert seen(site)[0] == world.id
        told = site.execute("select current_setting('app.current_user_agent')").fetchone()
    assert told == (context.user_agent,)


def key(size: int = 32) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()


@pytest.mark.parametrize("size", [32, 64])
def test_keys_rotate_without_a_gap(site: Connection, world: World, size: int) -> None:
    """New key first, old one kept: both open. Old one gone: it opens nothing."""
    context = context_of(world, world.bob)
    before = settings.CONTEXT_SIGNING_KEYS
    old = sign(context)
    try:
        with override_settings(CONTEXT_SIGNING_KEYS=f"new1:{key(size)},{before}"):
            sync_context_keys()
            new = sign(context)
            assert (opens(site, context, new), opens(site, context, old)) == (True, True)
        with override_settings(CONTEXT_SIGNING_KEYS=f"new1:{key(size)}"):
            sync_context_keys()
            assert (opens(site, context, new), opens(site, context, old)) == (False, False)
            assert opens(site, context, sign(context))
    finally:
        sync_context_keys()
    assert opens(site, context, old)


def test_the_keys_are_read_by_nobody(site: Connection, world: World) -> None:
    for role in ("clinic_app", *(f"clinic_{role}" for role in REQUEST_ROLES), "clinic_worker"):
        site.execute(f"set role {role}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            site.execute("select * from app.context_keys")
