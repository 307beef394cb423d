"""The trail in the admin: field, old value, new value; who did it; read-only."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditLog
from tests.adminrows import add_leave, admin_url, book, fill, form_data
from tests.factories import World


@pytest.fixture
def alice(world: World, login: Any) -> Client:
    client: Client = login(world.alice)
    return client


def told(client: Client, world: World, page: str) -> list[tuple[str, str, str, dict[str, str]]]:
    """(who, role, action, {field: "old → new"}) of every entry of a history, newest first."""
    response = client.get(admin_url(world, f"{page}/history/"))
    assert response.status_code == 200
    return [
        (e.who, e.role, e.action,
         {c.label: "hidden" if c.hidden else f"{c.old} → {c.new}" for c in e.changes})
        for e in response.context["entries"]
    ]  # fmt: skip


def test_a_change_is_told_field_by_field(world: World, alice: Client) -> None:
    url = admin_url(world, f"Patient/{world.patient.id}/change/")
    change = {
        "phone": "+6591230000", "gender": "other", "sms_consent": "on",
        "date_of_birth": "1984-03-13",
        "preferred_doctor": str(world.doctor.id), "tags": "allergic\nanxious",
    }  # fmt: skip
    alice.post(url, form_data(alice, url) | change)
    latest, first = told(alice, world, f"Patient/{world.patient.id}")
    assert latest[:3] == ("Alice Admin", "Administrator", "Changed")
    consent = latest[3].pop("Consent updated at")
    assert consent.startswith(" → ")
    assert latest[3] == {
        "Phone": " → +6591230000", "Gender": "Female → Other", "Sms consent": "No → Yes",
        "Date of birth": "12 Mar 1984 → 13 Mar 1984", "Preferred doctor": " → Dr Chen",
        "Tags": " → allergic, anxious",
    }  # fmt: skip
    assert first[:3] == ("System", "Set-up", "Added")
    assert first[3]["Full name"] == " → Dana Doe"
    assert "Sms consent" not in first[3], "a new row is told by what was said of it"
    html = alice.get(admin_url(world, f"Patient/{world.patient.id}/history/")).content.decode()
    assert "<del>Female</del>" in html
    assert "<ins>Other</ins>" in html
    assert "<del>(empty)</del>" in html


def test_every_road_is_on_it_in_the_clinic_s_time(world: World, alice: Client) -> None:
    """Booked by the service, cancelled by another person."""
    world.make_slots()
    slot = world.free_slots()[0]
    pk = book(world, slot=slot)
    data = {"action": "cancel", "_selected_action": str(pk), "apply": "1", "key": "k",
            "reason": "Doctor ill"}  # fmt: skip
    alice.post(admin_url(world, "Appointment/"), data)
    cancelled, booked = told(alice, world, f"Appointment/{pk}")
    assert cancelled[0] == "Alice Admin"
    assert cancelled[3]["Status"] == "Booked → Cancelled"
    assert cancelled[3]["Cancellation reason"] == " → Doctor ill"
    assert cancelled[3]["Cancelled by"] == " → Alice Admin"
    assert booked[:3] == ("Bob Desk", "Reception", "Added")
    local = slot.starts_at.astimezone(dt.timezone(dt.timedelta(hours=8)))
    assert booked[3]["Starts at"] == f" → {local:%a} {local.day} {local:%b %Y, %H:%M}"
    assert booked[3]["Doctor"] == " → Dr Chen"
    assert booked[3]["Patient"].startswith(" → Dana Doe · 12 Mar 1984 · ")
    assert not {"Id", "Clinic", "Version", "Created at"} & booked[3].keys()


def test_a_secret_is_named_and_not_shown(world: World, alice: Client) -> None:
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "update clinic.patients set nric_encrypted = 'CIPHERTEXT', nric_hash = 'HASH'"
            " where id = %s",
            [world.patient.id],
        )
    changes = told(alice, world, f"Patient/{world.patient.id}")[0][3]
    assert changes == {"Nric encrypted": "hidden", "Nric hash": "hidden"}
    new = {"password1": "an entirely new secret", "password2": "an entirely new secret"}
    alice.post(admin_url(world, f"User/{world.bob.id}/password/"), new)
    changes = told(alice, world, f"User/{world.bob.id}")[0][3]
    assert changes["Password"] == "hidden"
    log = alice.get(admin_url(world, "AuditLog/")).content.decode()
    assert "argon2" not in log
    assert "CIPHERTEXT" not in log


def test_who_is_told_of_people_jobs_and_strangers(
    world: World, alice: Client, other_world: World
) -> None:
    leave = add_leave(world)
    with world.as_user(other_world.alice), connection.cursor() as cursor:
        cursor.execute("update clinic.doctor_leave set reason = 'x' where id = %s", [leave.id])
    stranger, made = told(alice, world, f"DoctorLeave/{leave.id}")
    assert stranger[:2] == ("Somebody of another clinic", "Administrator")
    assert made[:2] == ("System", "Set-up")
    Client().post("/login/", {"email": world.bob.email, "password": "correct horse battery"})
    signed_in = told(alice, world, f"User/{world.bob.id}")[0]
    assert signed_in[:2] == ("System", "Sign-in")


def test_a_long_history_has_pages_and_costs_the_same(world: World, alice: Client) -> None:
    url = admin_url(world, f"Doctor/{world.doctor.id}/history/")

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert alice.get(url).status_code == 200
        return len(queries)

    with world.as_user(world.alice), connection.cursor() as cursor:
        cursor.execute("update clinic.doctors set room = 'first' where id = %s", [world.doctor.id])
    alice.get(url)
    few = cost()
    for n in range(60):
        with world.as_user(world.alice), connection.cursor() as cursor:
            cursor.execute(
                "update clinic.doctors set room = %s, user_id = case when user_id is null"
                " then %s end where id = %s",
                [f"Room {n}", world.chen.id, world.doctor.id],
            )
    page = alice.get(url)
    assert len(page.context["entries"]) == 50
    assert page.context["entries"][0].changes[-1].new == "Room 59"
    second = alice.get(url + "?p=2")
    assert len(second.context["entries"]) == 12
    assert cost() <= few + 1, "one more for the logins that the entries name"


def test_another_clinic_s_trail_is_not_read(
    world: World, alice: Client, other_world: World
) -> None:
    """A18, T32: by id of the row, by id of the entry, by search, by who."""
    rows, foreign = fill(world), fill(other_world, "Zqxcanary")
    assert rows
    for query in (f"q={foreign['Patient']}", f"q={uuid.uuid4()}"):
        page = alice.get(admin_url(world, f"AuditLog/?when=all&{query}"))
        assert list(page.context["cl"].result_list) == []
    page = alice.get(admin_url(world, f"AuditLog/?who={other_world.alice.id}"))
    assert (page.status_code, page.headers["Location"][-4:]) == (302, "?e=1")
    everything = alice.get(admin_url(world, "AuditLog/?when=all&all="))
    assert all(row.clinic_id == world.id for row in everything.context["cl"].result_list)


def test_the_list_is_filtered_by_what_who_when(world: World, alice: Client) -> None:
    world.make_slots()
    book(world)

    def rows(query: str) -> list[AuditLog]:
        response = alice.get(admin_url(world, f"AuditLog/?{query}"))
        assert response.status_code == 200
        return list(response.context["cl"].result_list)

    assert {row.table_name for row in rows("table=appointments")} == {"appointments"}
    assert {row.user_id for row in rows(f"who={world.bob.id}")} == {world.bob.id}
    assert {row.action for row in rows("action_done=UPDATE")} == {"UPDATE"}
    assert rows("action_done=DELETE") == []
    assert len(rows("when=today&table=doctors")) == 1
    assert [r.record_id for r in rows(f"q={world.doctor.id}")] == [str(world.doctor.id)]
    changelist = alice.get(admin_url(world, "AuditLog/")).context["cl"]
    choices = changelist.filter_specs[0].choices(changelist)
    marked = [choice["display"] for choice in choices if choice["selected"]]
    assert marked == ["Past 30 days"]


def test_an_entry_is_read_and_nothing_else(world: World, alice: Client) -> None:
    with world.as_owner():
        log = AuditLog.objects.using("owner").filter(record_id=str(world.patient.id)).first()
    assert log
    url = admin_url(world, f"AuditLog/{log.id}/change/")
    page = alice.get(url)
    assert page.status_code == 200
    html = page.content.decode()
    assert "Full name: (empty) → Dana Doe" in html
    assert "historylink" not in html
    here = log.created_at.astimezone(ZoneInfo("Asia/Singapore"))
    assert f"{here:%H:%M}" in html.split("field-when")[1].split("</div>")[0]
    assert 'type="submit"' not in page.content.decode().split('id="content-main"')[1]
    assert alice.post(url, {"reason": "x"}).status_code == 403
    assert alice.get(admin_url(world, "AuditLog/add/")).status_code == 403
    assert alice.get(admin_url(world, f"AuditLog/{log.id}/history/")).status_code == 404
