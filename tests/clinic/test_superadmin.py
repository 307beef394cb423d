"""A superadmin works in a clinic only after entering it, with a reason, and on record."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditLog
from clinic.models import ClinicEntry, Membership
from tests.adminrows import admin_url, form_data, stored
from tests.factories import UserFactory, World

WHY = "Ticket 4711: a patient is listed twice"


@pytest.fixture
def root(world: World) -> Any:
    """A superadmin whose home is the clinic of the test, where that alone opens nothing."""
    with world.as_owner():
        user: Any = UserFactory(clinic=world.clinic, full_name="Root User", role="superadmin")
        Membership.objects.using("owner").create(clinic=world.clinic, user=user, role="superadmin")
    return user


@pytest.fixture
def client(root: Any, login: Any) -> Client:
    found: Client = login(root)
    return found


def enter(client: Client, world: World, reason: str = WHY) -> Any:
    return client.post("/clinics/", {"clinic": world.clinic.code, "reason": reason,
                                     "next": "admin/"})  # fmt: skip


def entries(world: World) -> list[ClinicEntry]:
    with world.as_owner():
        return list(ClinicEntry.objects.using("owner").filter(clinic_id=world.id))


def test_no_clinic_is_open_before_it_is_entered(
    world: World, other_world: World, client: Client
) -> None:
    for code in (world.clinic.code, other_world.clinic.code):
        assert client.get(f"/c/{code}/admin/").status_code == 404
    page = client.get("/clinics/")
    assert page.status_code == 200
    assert {world.clinic.code, other_world.clinic.code} <= {d.code for d in page.context["doors"]}


@pytest.mark.parametrize("reason", ["", "   ", "because", "         x", "x" * 1001])
def test_a_reason_is_demanded(world: World, client: Client, reason: str) -> None:
    refused = enter(client, world, reason)
    assert refused.status_code == 422
    assert refused.context["form"].errors["reason"]
    assert client.get(f"/c/{world.clinic.code}/admin/").status_code == 404
    assert entries(world) == []


def test_entering_opens_one_clinic_and_is_on_record(
    world: World, other_world: World, root: Any, client: Client, login: Any
) -> None:
    entered = enter(client, world)
    assert (entered.status_code, entered.headers["Location"]) == (
        302, f"/c/{world.clinic.code}/admin/",
    )  # fmt: skip
    assert client.get(admin_url(world)).status_code == 200
    assert client.get(f"/c/{other_world.clinic.code}/admin/").status_code == 404
    (entry,) = entries(world)
    assert (entry.user_id, entry.user_name, entry.reason) == (root.pk, "Root User", WHY)
    assert entry.expires_at - entry.entered_at == dt.timedelta(hours=1)
    with world.as_owner():
        logged = AuditLog.objects.using("owner").get(
            clinic_id=world.id, table_name="clinic_entries", action="INSERT"
        )
    assert logged.new_values["reason"] == WHY
    listed = login(world.alice).get(admin_url(world, "ClinicEntry/")).content.decode()
    assert "Root User" in listed
    assert WHY in listed
    assert login(world.bob).get(admin_url(world, "ClinicEntry/")).status_code == 403


def test_what_a_superadmin_changes_bears_the_reason(world: World, client: Client) -> None:
    enter(client, world)
    url = admin_url(world, f"Patient/{world.patient.id}/change/")
    assert client.post(url, form_data(client, url) | {"occupation": "Baker"}).status_code == 302
    assert stored(world, "Patient", world.patient.id)["occupation"] == "Baker"
    with world.as_owner():
        change = AuditLog.objects.using("owner").get(
            clinic_id=world.id, table_name="patients", action="UPDATE"
        )
    assert (change.actor_role, change.reason) == ("superadmin", WHY)
    page = client.get(admin_url(world, f"Patient/{world.patient.id}/history/")).content.decode()
    assert "Root User" in page


def test_the_hour_ends(world: World, client: Client) -> None:
    enter(client, world)
    hour = dt.timedelta(hours=1, seconds=1)
    (entry,) = entries(world)
    with world.as_owner():
        ClinicEntry.objects.using("owner").filter(pk=entry.pk).update(
            entered_at=entry.entered_at - hour, expires_at=entry.expires_at - hour
        )
    assert client.get(admin_url(world)).status_code == 404
    assert enter(client, world).status_code == 302
    assert client.get(admin_url(world)).status_code == 200


def test_nobody_else_enters(world: World, other_world: World, login: Any) -> None:
    for user in (world.alice, world.bob, world.dana):
        client = login(user)
        answer = enter(client, other_world)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/clinics/")
        page = client.get("/clinics/", follow=True)
        assert "Enter a clinic" not in page.content.decode()
    assert entries(other_world) == []


def test_a_clinic_that_is_not_there_is_not_entered(client: Client) -> None:
    answer = client.post("/clinics/", {"clinic": "NONE", "reason": WHY})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/clinics/")


def test_a_superadmin_who_is_no_more_one_is_out_at_once(
    world: World, root: Any, client: Client
) -> None:
    enter(client, world)
    with world.as_owner():
        type(root).objects.using("owner").filter(pk=root.pk).update(role="staff")
    assert client.get(admin_url(world)).status_code == 404
