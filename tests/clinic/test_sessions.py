"""Sessions: what is stored, who can open one, and what ends it."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.db import DatabaseError, connection
from django.test import Client, override_settings
from django.utils import timezone

from clinic.errors import NotAllowed, NotFound, translate
from clinic.models import Clinic, Membership, User
from clinic.sessions import SessionStore
from clinic.tenancy.context import tenant_context
from tests.factories import PASSWORD, World
from tests.races import connect

COOKIE = settings.SESSION_COOKIE_NAME


@pytest.fixture(autouse=True)
def _pages() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.clinic.pool_views"):
        yield


def made(**data: Any) -> SessionStore:
    session = SessionStore()
    session.update(data)
    session.create()
    session.save()
    return session


def stored(admin_url: str) -> dict[bytes, tuple[str, dt.datetime]]:
    with connect(admin_url) as admin:
        rows = admin.execute("select key_hash, data, expires_at from app.sessions").fetchall()
    return {row[0]: row[1:] for row in rows}


def sign_in(world: World, client: Client) -> Any:
    form = {"email": world.bob.email, "password": PASSWORD}
    return client.post("/login/", form)


def seen_by(client: Client, world: World) -> Any:
    """What a page of the clinic says to the client, or its status."""
    response = client.get(f"/c/{world.clinic.code}/read/")
    return response.json()["role"] if response.status_code == 200 else response.status_code


def test_only_the_hash_of_a_key_is_stored(admin_url: str) -> None:
    session = made(colour="blue")
    key = str(session.session_key)
    rows = stored(admin_url)
    assert hashlib.sha256(key.encode()).digest() in rows
    assert key not in str(rows)
    assert SessionStore(key).load()["colour"] == "blue"


def test_a_stolen_table_opens_no_session(admin_url: str) -> None:
    made(colour="blue")
    for key_hash, (data, _) in stored(admin_url).items():
        for key in (key_hash.hex(), data[:32], "%", "_" * 32):
            assert SessionStore(key).load() == {}


def test_an_expired_session_is_none(admin_url: str) -> None:
    session = made(colour="blue")
    session.set_expiry(timezone.now() - dt.timedelta(seconds=1))
    session.save()
    assert not SessionStore().exists(str(session.session_key))
    assert SessionStore(session.session_key).load() == {}
    before = len(stored(admin_url))
    SessionStore.clear_expired()
    assert len(stored(admin_url)) <= before - 1


def test_purging_keeps_live_sessions() -> None:
    session = made(colour="blue")
    SessionStore.clear_expired()
    assert SessionStore(session.session_key).load() == {"colour": "blue"}


def test_a_session_lasts_a_working_day(admin_url: str) -> None:
    key = str(made().session_key)
    _, expires = stored(admin_url)[hashlib.sha256(key.encode()).digest()]
    left = expires - timezone.now()
    assert dt.timedelta(hours=11, minutes=58) < left <= dt.timedelta(hours=12)


def test_a_key_that_is_taken_is_not_taken_over() -> None:
    session = made(colour="blue")
    rival = SessionStore(session.session_key)
    rival["colour"] = "red"
    with pytest.raises(CreateError):
        rival.save(must_create=True)
    assert SessionStore(session.session_key)["colour"] == "blue"


def test_a_session_that_ended_does_not_come_back() -> None:
    session = made(colour="blue")
    late = SessionStore(session.session_key)
    late["colour"] = "red"
    session.delete()
    with pytest.raises(UpdateError):
        late.save()
    assert SessionStore(session.session_key).load() == {}


ODD_KEYS = ["", "x", "a" * 31, "A" * 32, "a" * 33, "a" * 100_000, "../../../../etc/passwd00000000",
            '"\\000aaaaaaaaaaaaaaaa"', '"a\\000aaaaaaaaaaaaaaaa"', "' or true -- aaaaaaaaaaaaaaaa",
            '"\\377\\376aaaaaaaaaaaa"', "%00aaaaaaaaaaaaaaaaaaaaaa"]  # fmt: skip


@pytest.mark.parametrize("key", ODD_KEYS, ids=range(len(ODD_KEYS)))
def test_an_odd_key_is_a_stranger(world: World, key: str) -> None:
    response = Client().get(f"/c/{world.clinic.code}/read/", headers={"cookie": f"{COOKIE}={key}"})
    assert response.status_code == 302
    assert response["Location"].startswith("/login/?next=")


def test_signing_in_changes_the_key(world: World) -> None:
    """Fixation: a key that somebody else knows is worth nothing after the login."""
    planted = made(trap=True)
    client = Client()
    client.cookies[COOKIE] = str(planted.session_key)
    assert sign_in(world, client).status_code == 302
    key = client.cookies[COOKIE].value
    assert key != planted.session_key
    assert not SessionStore().exists(str(planted.session_key))
    assert seen_by(client, world) == "clinic_staff"


def test_a_key_that_the_client_made_up_is_not_adopted(world: World) -> None:
    client, key = Client(), secrets.token_hex(16)
    client.cookies[COOKIE] = key
    sign_in(world, client)
    assert client.cookies[COOKIE].value != key
    assert not SessionStore().exists(key)


def test_signing_out_ends_the_session(world: World, login: Any) -> None:
    client = login(world.bob)
    thief = Client()
    thief.cookies[COOKIE] = client.cookies[COOKIE].value
    assert seen_by(thief, world) == "clinic_staff"
    client.post("/logout/")
    assert seen_by(thief, world) == 302


def set_password(world: World, actor: User, target: Any, role: str | None = None) -> None:
    with world.as_user(actor, role), connection.cursor() as cursor:
        new = make_password("a new one entirely")
        cursor.execute("select app.set_password(%s, %s)", [target, new])


@pytest.mark.parametrize("actor", ["bob", "alice"])
def test_a_new_password_ends_sessions(world: World, login: Any, actor: str) -> None:
    """One's own or an administrator's doing; nobody else's session ends."""
    client, colleague = login(world.bob), login(world.nur)
    assert seen_by(client, world) == "clinic_staff"
    set_password(world, getattr(world, actor), world.bob.id)
    assert seen_by(client, world) == 302
    assert seen_by(colleague, world) == "clinic_nurse"


@pytest.mark.parametrize(("actor", "role"), [("bob", None), ("nur", None), ("dana", None)])
def test_nobody_sets_anothers_password(world: World, actor: str, role: str | None) -> None:
    with pytest.raises(DatabaseError) as raised:
        set_password(world, getattr(world, actor), world.alice.id, role)
    assert isinstance(translate(raised.value), NotAllowed)


def test_a_context_of_nobody_sets_no_password(world: World) -> None:
    nobody = tenant_context(clinic=world.id, role="staff")
    with pytest.raises(DatabaseError) as raised, nobody, connection.cursor() as cursor:
        cursor.execute("select app.set_password(%s, 'x')", [world.alice.id])
    assert isinstance(translate(raised.value), NotAllowed)


def test_an_administrator_sets_no_password_elsewhere(world: World, other_world: World) -> None:
    with pytest.raises(DatabaseError) as raised:
        set_password(world, world.alice, other_world.bob.id)
    assert isinstance(translate(raised.value), NotFound)


def owner_update(world: World, model: Any, values: dict[str, Any], **conditions: Any) -> None:
    with world.as_owner():
        assert model.objects.using("owner").filter(**conditions).update(**values) == 1


@pytest.mark.parametrize(
    ("model", "values", "status"),
    [
        (User, {"is_active": False}, 302),
        (User, {"deleted_at": timezone.now()}, 302),
        (Membership, {"is_active": False}, 404),
        (Clinic, {"is_active": False}, 404),
        (Clinic, {"deleted_at": timezone.now()}, 404),
    ],
)
def test_a_right_that_ends_ends_at_the_next_request(
    world: World, login: Any, model: Any, values: dict[str, Any], status: int
) -> None:
    client = login(world.bob)
    assert seen_by(client, world) == "clinic_staff"
    conditions = {User: {"pk": world.bob.pk}, Membership: {"user_id": world.bob.pk},
                  Clinic: {"pk": world.id}}[model]  # fmt: skip
    owner_update(world, model, values, **conditions)
    assert seen_by(client, world) == status


def test_a_role_that_is_lowered_is_lower_at_the_next_request(world: World, login: Any) -> None:
    client = login(world.alice)
    assert seen_by(client, world) == "clinic_admin"
    owner_update(world, Membership, {"role": "nurse"}, user_id=world.alice.pk)
    assert seen_by(client, world) == "clinic_nurse"


def test_a_chosen_role_that_is_taken_away_falls_back(world: World, login: Any) -> None:
    with world.as_owner():
        Membership.objects.using("owner").create(clinic=world.clinic, user=world.bob, role="admin")
    client = login(world.bob)
    client.post("/clinics/", {"clinic": world.clinic.code, "role": "admin"})
    assert seen_by(client, world) == "clinic_admin"
    owner_update(world, Membership, {"is_active": False}, user_id=world.bob.pk, role="admin")
    assert seen_by(client, world) == "clinic_staff"
