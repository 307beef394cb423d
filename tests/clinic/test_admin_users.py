"""Logins and memberships in the admin: nobody is raised too far, nothing lands elsewhere."""

from typing import Any

import pytest
from django.db import connections
from django.test import Client

from clinic.models import Membership, User
from tests.adminrows import admin_url, errors, form_data
from tests.factories import World


@pytest.fixture
def alice(world: World, login: Any) -> Client:
    client: Client = login(world.alice)
    return client


def test_a_new_login_works_here_only(world: World, alice: Client, other_world: World) -> None:
    """T11, T13: an address of another clinic is as new as any."""
    url, password = admin_url(world, "User/add/"), "a long enough secret"
    data = {
        "full_name": "Ned Newman", "email": other_world.bob.email, "role": "nurse", "phone": "",
        "password1": password, "password2": password,
    }  # fmt: skip
    assert alice.post(url, data).status_code == 302
    with world.as_owner():
        user = User.objects.using("owner").get(clinic_id=world.id, full_name="Ned Newman")
        roles = list(Membership.objects.using("owner").filter(user=user).values_list("role"))
        with connections["owner"].cursor() as cursor:
            cursor.execute("select password_hash from clinic.users where id = %s", [user.id])
            assert cursor.fetchone()[0].startswith("argon2$")
    assert roles == [("nurse",)]
    with other_world.as_owner():
        assert Membership.objects.using("owner").filter(clinic_id=other_world.id).count() == 5
    ned = Client()
    signed_in = ned.post("/login/", {"email": data["email"], "password": password})
    assert signed_in.status_code == 302
    assert ned.get(admin_url(world)).status_code == 200
    assert ned.get(admin_url(other_world)).status_code == 404


@pytest.mark.parametrize("role", ["superadmin", "patient", "owner", ""])
def test_no_form_makes_a_superadmin(world: World, alice: Client, role: str) -> None:
    data = {
        "full_name": "Max Power", "email": "max@example.test", "role": role,
        "password1": "a long enough secret", "password2": "a long enough secret",
    }  # fmt: skip
    response = alice.post(admin_url(world, "User/add/"), data)
    assert (response.status_code, list(errors(response))) == (422, ["role"])
    with world.as_owner():
        assert not User.objects.using("owner").filter(email="max@example.test").exists()


def test_nobody_raises_anybody_too_far(world: World, alice: Client) -> None:
    """T10: not themselves at all, others not to superadmin, and not a login of elsewhere."""
    with world.as_owner():
        memberships = Membership.objects.using("owner").filter(clinic_id=world.id)
        mine, theirs = memberships.get(user=world.alice), memberships.get(user=world.bob)
    own = admin_url(world, f"Membership/{mine.id}/change/")
    assert not alice.get(own).context["adminform"].form.fields
    assert alice.post(own, {"role": "superadmin"}).status_code == 403
    bob = admin_url(world, f"Membership/{theirs.id}/change/")
    assert alice.post(bob, {"role": "superadmin", "is_active": "on"}).status_code == 422
    assert alice.post(bob, {"role": "nurse", "is_active": "on"}).status_code == 302
    inline = admin_url(world, f"User/{world.alice.id}/change/")
    forged = form_data(alice, inline) | {
        "memberships-TOTAL_FORMS": "2", "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": str(mine.id), "memberships-0-role": "doctor",
        "memberships-1-role": "doctor", "memberships-1-user": str(world.alice.id),
    }  # fmt: skip
    alice.post(inline, forged)
    with world.as_owner():
        assert list(memberships.filter(user=world.alice).values_list("role")) == [("admin",)]
        assert list(memberships.filter(user=world.bob).values_list("role")) == [("nurse",)]


def test_a_policy_s_no_is_an_answer_not_a_fault(world: World, alice: Client) -> None:
    """A second role of one's own, chosen in the form that offers everybody: row-level security."""
    url = admin_url(world, "Membership/add/")
    data = {"user": str(world.alice.id), "role": "doctor", "is_active": "on"}
    response = alice.post(url, data)
    assert (response.status_code, errors(response)) == (403, {"": ["You may not do this here."]})
    data["user"] = str(world.bob.id)
    assert alice.post(url, data).status_code == 302
    again = alice.post(url, data)
    assert (again.status_code, list(errors(again))) == (422, ["role"])
