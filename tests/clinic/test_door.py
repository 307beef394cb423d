"""The functions of the door ask for a pass, which the site alone can sign, whoever the login is."""

import secrets
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings

from clinic.tenancy.backend.base import OPEN, opening_values
from clinic.tenancy.signing import door_pass, sign
from tests.attacker import resigned
from tests.factories import UserFactory, World, make_world
from tests.races import Connection, connect, context_of

# What each is asked about another clinic; the pass comes first.
AT_THE_DOOR = {
    "app.login_candidates(text,text)": "'{email}'",
    "app.session_user(text,uuid)": "'{bob}'",
    "app.user_memberships(text,uuid)": "'{bob}'",
    "app.login_blocked(text,text,inet)": "'{email}', '::1'",
    "app.record_login(text,text,inet,uuid)": "'{email}', '::1', '{bob}'",
    "app.clinics_to_enter(text,uuid)": "'{root}'",
    "app.enter_clinic(text,uuid,text,text)": "'{root}', '{code}', 'Looking into a ticket'",
    "app.calendar_clinic(text,text)": "'x'",
    "booking.offer_by_link(text,text,inet)": "'x', '::1'",
    "webhook.receive(text,uuid,text,text,text[],bytea,boolean)":
        "'{bob}', 'x', '1', array['x'], 'x', true",
    "audit.seal(text,integer)": "1",
    "audit.unsealed(text)": "",
}  # fmt: skip
# A session is found by its whole key, which no table has; workers are of no clinic.
WITHOUT = {
    "app.load_session(text)",
    "app.save_session(text,text,timestamp with time zone,text)",
    "app.delete_session(text)",
    "app.worker_alive()",
}
THE_LOGINS = """
select replace(p.oid::regprocedure::text, '"', '') from pg_proc p
where p.prosecdef and has_function_privilege('clinic_app', p.oid, 'execute')
  and not exists (
    select from pg_auth_members m
    where m.member = 'clinic_app'::regrole and has_function_privilege(m.roleid, p.oid, 'execute'))
"""
# What SQL inside has at hand that is signed.
OWN = "current_setting('app.context')"
REFUSED = "this is for before a clinic is entered|the pass for the door has expired"


@pytest.fixture(scope="module")
def theirs(django_db_setup: None) -> dict[str, object]:
    """What somebody may know of another clinic and of a superadmin."""
    world = make_world(mallory=True)
    with world.as_owner():
        root = UserFactory(clinic=world.clinic, full_name="Root", role="superadmin")
    return {
        "email": world.bob.email, "bob": world.bob.id, "root": root.id, "code": world.clinic.code,
    }  # fmt: skip


def call(function: str, theirs: dict[str, object], given: str | None) -> str:
    """The question, asked with a pass."""
    first = "null" if given is None else f"'{given}'"
    name = function.partition("(")[0]
    asked = ", ".join(filter(None, [first, AT_THE_DOOR[function].format(**theirs)]))
    return f"select * from {name}({asked})"


def no_passes(world: World) -> dict[str, str | None]:
    """{what is wrong with it: what stands for a pass}; SQL inside can read the context."""
    good, context = door_pass(), sign(context_of(world, world.alice))
    claims, _, signature = good.rpartition(".")
    version, key_id, expiry, door = claims.split(".")
    past = time.time() - settings.CONTEXT_LIFETIME_SECONDS - 5
    return {
        "none": None,
        "empty": "",
        "junk": "junk",
        "expired": door_pass(now=past),
        "later expiry": good.replace(expiry, str(int(expiry) + 1)),
        "truncated": good[:-1],
        "unsigned": f"{claims}.",
        "upper case": f"{claims}.{signature.upper()}",
        "another version": f"v2{good[2:]}",
        "another purpose": resigned(f"{version}.{key_id}.{expiry}.gate"),
        "unknown key id": resigned(f"{version}.zz9.{expiry}.{door}"),
        "another key": resigned(claims, secrets.token_bytes(32)),
        "empty key": resigned(claims, b""),
        "one part more": resigned(f"{claims}.x"),
        "huge": good + "0" * 100_000,
        "own context": context,
        "of own context": f"{claims}.{context.rpartition('.')[2]}",
    }


def test_every_function_of_the_login_alone_is_at_the_door(admin_url: str) -> None:
    with connect(admin_url) as admin:
        found = {name for (name,) in admin.execute(THE_LOGINS)}
    assert found == AT_THE_DOOR.keys() | WITHOUT


def test_a_pass_opens_the_door(theirs: dict[str, object]) -> None:
    """The control of the tests below: each question is one that is answered."""
    with connect() as site:
        for function in AT_THE_DOOR:
            assert site.execute(call(function, theirs, door_pass())).description


@pytest.mark.parametrize("function", AT_THE_DOOR)
def test_nothing_else_is_a_pass(
    still_world: World, theirs: dict[str, object], function: str
) -> None:
    with connect() as site:
        for given in no_passes(still_world).values():
            with pytest.raises(psycopg.errors.Error, match=REFUSED) as caught:
                site.execute(call(function, theirs, given))
            assert caught.value.sqlstate == "RW002"


def test_a_pass_is_no_context(still_world: World) -> None:
    """Nor is a context of no clinic: it has other parts, under another name."""
    values = opening_values(context_of(still_world, still_world.bob))
    for given in (door_pass(), f"{door_pass()}..", door_pass().replace(".door.", ".staff...")):
        with connect() as site, site.transaction():
            site.execute(OPEN, [values[0], given, *values[2:]])
            assert site.execute("select app.current_role()").fetchone() == (None,)


@pytest.fixture
def inside(still_world: World) -> Iterator[Connection]:
    with connect() as site:
        site.execute("begin")
        site.execute(OPEN, opening_values(context_of(still_world, still_world.dana)))
        yield site


WAYS = {
    # Injected SQL could have read any clinic's password hashes by becoming the login again.
    "takes the role off": "select set_config('role', 'none', true),"
    " query_to_xml($q${query}$q$, true, false, '')",
    # With a driver that takes several commands at once, as the site's does not.
    "ends the transaction": "select set_config('app.context', current_setting('app.context'),"
    " false); commit; {query}",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("function", AT_THE_DOOR)
def test_whoever_gets_out_of_the_clinic_stands_before_the_door(
    inside: Connection, theirs: dict[str, object], function: str, way: str
) -> None:
    query = call(function, theirs, "{}").replace("'{}'", OWN)
    with pytest.raises(psycopg.errors.Error, match=REFUSED):
        inside.execute(WAYS[way].format(query=query).encode())
