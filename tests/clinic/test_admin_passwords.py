"""Passwords in the admin: one's own with the old one, others' by administrators only."""

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connections
from django.test import Client

from clinic.services import session_stamp
from tests.adminrows import admin_url
from tests.factories import PASSWORD, World

NEW = "an entirely new secret"


def signs_in(email: str, password: str) -> bool:
    return Client().post("/login/", {"email": email, "password": password}).status_code == 302


def change(client: Client, world: World, **data: str) -> Any:
    fields = {"old_password": PASSWORD, "password1": NEW, "password2": NEW} | data
    return client.post(admin_url(world, "password_change/"), fields)


@pytest.mark.parametrize("who", ["alice", "bob", "nur", "chen"])
def test_ones_own_password(world: World, login: Any, who: str) -> None:
    user = getattr(world, who)
    here, elsewhere = login(user), login(user)
    assert here.get(admin_url(world, "password_change/")).status_code == 200
    assert change(here, world).status_code == 302
    assert signs_in(user.email, NEW)
    assert not signs_in(user.email, PASSWORD)
    assert here.get(admin_url(world)).status_code == 200, "the session that did it goes on"
    assert elsewhere.get(admin_url(world)).status_code == 302, "the others end"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"old_password": "wrong"}, "old_password"),
        ({"old_password": ""}, "old_password"),
        ({"password2": "something else!"}, "password2"),
        ({"password1": "short", "password2": "short"}, "password2"),
        ({"password1": "password", "password2": "password"}, "password2"),
    ],
)
def test_refused_passwords(world: World, login: Any, data: dict[str, str], field: str) -> None:
    response = change(login(world.bob), world, **data)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert signs_in(world.bob.email, PASSWORD)


def test_the_password_of_a_namesake_does_not_do(
    world: World, login: Any, other_world: World
) -> None:
    """The same address at another clinic is another person's."""
    with other_world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "update clinic.users set email = %s, password_hash = %s where id = %s",
            [world.bob.email, make_password("namesake secret"), other_world.bob.id],
        )
    refused = change(login(world.bob), world, old_password="namesake secret")
    assert refused.status_code == 422


def test_guessing_the_old_password_is_stopped(world: World, login: Any) -> None:
    bob = login(world.bob)
    statuses = [change(bob, world, old_password="guess").status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_an_administrator_sets_another_s(world: World, login: Any, other_world: World) -> None:
    alice = login(world.alice)
    url = admin_url(world, f"User/{world.bob.id}/password/")
    assert alice.get(url).status_code == 200
    assert alice.post(url, {"password1": NEW, "password2": "not the same"}).status_code == 422
    assert alice.post(url, {"password1": NEW, "password2": NEW}).status_code == 302
    assert signs_in(world.bob.email, NEW)
    foreign = admin_url(world, f"User/{other_world.bob.id}/password/")
    assert alice.post(foreign, {"password1": NEW, "password2": NEW}).status_code == 404
    assert signs_in(other_world.bob.email, PASSWORD)


def test_who_may_not(world: World, login: Any) -> None:
    """Not reception, not for oneself (that page asks for the old one), not for a superadmin."""
    new = {"password1": NEW, "password2": NEW}
    for who in ("bob", "nur", "chen"):
        url = admin_url(world, f"User/{world.alice.id}/password/")
        assert login(getattr(world, who)).post(url, new).status_code == 403
    alice = login(world.alice)
    own = admin_url(world, f"User/{world.alice.id}/password/")
    assert [alice.get(own).status_code, alice.post(own, new).status_code] == [403, 403]
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute("update clinic.users set role = 'superadmin' where id = %s", [world.nur.id])
    above = admin_url(world, f"User/{world.nur.id}/password/")
    assert alice.post(above, new).status_code == 403
    page = admin_url(world, f"User/{world.nur.id}/change/")
    assert not alice.get(page).context["adminform"].form.fields


def test_the_stamp_is_the_database_s(world: World) -> None:
    encoded = make_password("anything")
    with connections["owner"].cursor() as cursor:
        cursor.execute("select encode(sha256(convert_to(%s, 'UTF8')), 'hex')", [encoded])
        assert cursor.fetchone()[0] == session_stamp(encoded)
