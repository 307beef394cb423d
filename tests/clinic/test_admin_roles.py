"""Who gets in, and that what a role may do in the admin is what PostgreSQL grants it."""

import uuid
from functools import cache
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from clinic.admin.grants import may_call, role_grants
from clinic.models import Membership, User
from tests.adminrows import MODELS, NAMES, admin_url, form_data, shown_fields, stored
from tests.factories import World, make_world

ROLES = {"alice": "admin", "bob": "staff", "nur": "nurse", "chen": "doctor"}
# What is not added with the form of the admin.
MADE_ELSEWHERE = (
    "Appointment", "Clinic", "TelemedicineSession", "UserFeedback", "WaitingListEntry",
)  # fmt: skip
# Rows of other people, in tables where a role sees its own.
OF_OTHERS = {("chen", "GlassBreak"), ("chen", "Notification"), ("nur", "Notification")}
GROUPS = {
    "alice": ["Appointments", "People", "Records", "Money", "Messages", "Set-up", "Oversight"],
    "bob": ["Appointments", "People", "Money", "Messages", "Set-up"],
    "nur": ["Appointments", "People", "Records", "Messages", "Set-up", "Oversight"],
    "chen": ["Appointments", "People", "Records", "Messages", "Set-up", "Oversight"],
}
# What is added through a function needs no grant on its table.
FUNCTIONS = {"Appointment": "booking.create_booking(text,uuid,uuid,uuid,uuid,text,text,uuid)"}


@pytest.fixture
def world(filled: Any) -> World:
    return filled[0]


def granted(role: str, table: str, right: str) -> bool:
    """Asked in another way than the admin asks."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select coalesce(bool_or(has_any_column_privilege(%s, c.oid, %s)), false)"
            " from pg_class c where c.relname = %s",
            [f"clinic_{role}", right, table],
        )
        return cursor.fetchone()[0]


@cache
def granted_columns(role: str) -> set[tuple[str, str]]:
    """{(table, column)} that the role may change, asked in another way too."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select table_name, column_name from information_schema.column_privileges"
            " where grantee = %s and privilege_type = 'UPDATE'",
            [f"clinic_{role}"],
        )
        return set(cursor.fetchall())


@pytest.mark.parametrize("path", ["", "clinic/patient/", "clinic/patient/add/", "nothing/"])
def test_strangers_are_asked_to_sign_in(world: World, path: str) -> None:
    url = admin_url(world, path)
    for method in ("get", "post"):
        response = getattr(Client(), method)(url)
        assert (response.status_code, response.url) == (302, f"/login/?next={url}")


@pytest.mark.parametrize("path", ["", "clinic/patient/", "password_change/", "autocomplete/", "x/"])
def test_patients_have_no_business_here(world: World, login: Any, path: str) -> None:
    dana = login(world.dana)
    assert dana.get(admin_url(world, path)).status_code == 403
    assert dana.post(admin_url(world, path)).status_code == 403


def test_another_clinic_and_no_clinic_are_the_same(world: World, login: Any) -> None:
    mallory = login(make_world(mallory=True).alice)
    answers = [mallory.get(f"/c/{code}/admin/").status_code for code in (world.clinic.code, "NONE")]
    assert answers == [404, 404]


def test_one_clinic_needs_no_prefix(world: World, login: Any, other_world: World) -> None:
    client = login(world.alice)
    page = client.get("/admin/")
    assert page.status_code == 200
    assert f"/c/{world.clinic.code}/admin/" not in page.content.decode()
    assert client.get(f"/admin/clinic/doctor/{world.doctor.id}/change/").status_code == 200
    assert client.get(f"/admin/clinic/doctor/{other_world.doctor.id}/change/").status_code == 404
    with other_world.as_owner():
        Membership.objects.using("owner").create(
            clinic=other_world.clinic, user=world.alice, role="admin"
        )
    assert client.get("/admin/").url == "/clinics/?next=admin"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("who", ROLES)
def test_pages_follow_the_grants(
    world: World, rows: dict[str, Any], login: Any, who: str, name: str
) -> None:
    client, role, table = login(getattr(world, who)), ROLES[who], MODELS[name]._meta.db_table
    may_read = granted(role, table, "SELECT")
    may_add = granted(role, table, "INSERT") and name not in MADE_ELSEWHERE
    if name in FUNCTIONS:
        may_add = may_call(role, FUNCTIONS[name])
    listed = client.get(admin_url(world, f"{name}/"))
    assert listed.status_code == ((302 if name == "Clinic" else 200) if may_read else 403)
    assert client.get(admin_url(world, f"{name}/add/")).status_code == (200 if may_add else 403)
    url = admin_url(world, f"{name}/{rows[name]}/change/")
    page = client.get(url)
    # A doctor sees their own appointments: this one is theirs.
    seen = (who, name) not in OF_OTHERS
    assert page.status_code == ((200 if seen else 404) if may_read else 403)
    if not (may_read and seen):
        return
    assert "deletelink" not in page.content.decode()
    assert "-DELETE" not in page.content.decode()
    fields = set(page.context["adminform"].form.fields)
    meta: Any = MODELS[name]._meta
    columns = {meta.get_field(field).column for field in fields}
    allowed = {column for of, column in granted_columns(role) if of == table}
    if who in ("bob", "alice") and name not in ("User", "Membership"):
        shown = shown_fields(name) - {"consent_updated_at"}  # which follows the consents
        names = {f.column for f in MODELS[name]._meta.concrete_fields if f.name in shown}
        assert columns == names & allowed
    assert columns <= allowed


@pytest.mark.parametrize("who", ROLES)
def test_the_index_lists_what_the_role_may_read(world: World, login: Any, who: str) -> None:
    page = login(getattr(world, who)).get(admin_url(world))
    listed = {m["model"].__name__ for group in page.context["app_list"] for m in group["models"]}
    tables = {name: model._meta.db_table for name, model in MODELS.items()}
    assert listed == {n for n, table in tables.items() if granted(ROLES[who], table, "SELECT")}
    assert [group["name"] for group in page.context["app_list"]] == GROUPS[who]


@pytest.mark.parametrize("who", ROLES)
def test_the_history_is_for_those_who_may_read_the_trail(
    world: World, rows: dict[str, Any], login: Any, who: str
) -> None:
    client = login(getattr(world, who))
    allowed = granted(ROLES[who], "audit_logs", "SELECT")
    for pk in (world.patient.id, uuid.uuid4()):
        answer = client.get(admin_url(world, f"Patient/{pk}/history/")).status_code
        assert answer == ((200 if pk == world.patient.id else 404) if allowed else 403)
    page = client.get(admin_url(world, f"Patient/{world.patient.id}/change/"))
    assert ("historylink" in page.content.decode()) == allowed


def test_actions_are_for_roles_that_may_call_their_function(world: World, login: Any) -> None:
    def actions(who: str, name: str) -> set[str]:
        page = login(getattr(world, who)).get(admin_url(world, f"{name}/"))
        form = page.context["action_form"]
        return {value for value, _ in form.fields["action"].choices if value} if form else set()

    assert actions("alice", "Appointment") == actions("bob", "Appointment") == {"cancel"}
    assert actions("chen", "Appointment") == actions("nur", "Appointment") == set()
    assert actions("alice", "Doctor") == {"make_slots"}
    assert actions("bob", "Doctor") == set()
    assert actions("bob", "AppointmentSlot") == {"block", "unblock"}
    assert actions("nur", "AppointmentSlot") == set()


def test_nothing_can_be_deleted(world: World, rows: dict[str, Any], login: Any) -> None:
    """No form leads there either: see test_pages_follow_the_grants."""
    client = login(world.alice)
    for name in NAMES:
        url = admin_url(world, f"{name}/{rows[name]}/delete/")
        assert [client.get(url).status_code, client.post(url).status_code] == [404, 404]
        if name != "Clinic":
            data = {"action": "delete_selected", "_selected_action": rows[name], "index": "0"}
            client.post(admin_url(world, f"{name}/"), data)
        assert stored(world, name, rows[name])


def test_a_grant_taken_away_is_gone_from_the_form(world: World, login: Any) -> None:
    """The admin has no list of its own."""
    url = admin_url(world, f"Patient/{world.patient.id}/change/")
    client = login(world.bob)
    assert {"notes", "phone"} <= set(client.get(url).context["adminform"].form.fields)
    take, give = (
        f"{verb} update (notes) on clinic.patients {way} clinic_staff"
        for verb, way in (("revoke", "from"), ("grant", "to"))
    )
    try:
        with connections["owner"].cursor() as cursor:
            cursor.execute(take)
        role_grants.cache_clear()
        fields = set(client.get(url).context["adminform"].form.fields)
        assert "notes" not in fields
        assert "phone" in fields
        assert client.post(url, form_data(client, url) | {"notes": "x"}).status_code == 302
        assert stored(world, "Patient", world.patient.id)["notes"] != "x"
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute(give)
        role_grants.cache_clear()


def test_a_role_that_ends_while_a_form_is_open_ends_the_form(world: World, login: Any) -> None:
    """T07, T08: the next request is refused."""
    own = make_world()
    client = login(own.alice)
    url = admin_url(own, f"Patient/{own.patient.id}/change/")
    data = form_data(client, url) | {"notes": "late"}
    with own.as_owner():
        mine = Membership.objects.using("owner").filter(user=own.alice)
        mine.update(role="nurse")
    assert client.post(url, data).status_code == 403
    with own.as_owner():
        mine.update(is_active=False)
    assert client.post(url, data).status_code == 404
    assert stored(own, "Patient", own.patient.id)["notes"] == ""


@pytest.mark.parametrize("page", ["Patient/add/", "password_change/", "Doctor/", "autocomplete/"])
def test_a_post_without_its_token_is_refused(world: World, login: Any, page: str) -> None:
    """T48; and the page that says so leads to the front desk."""
    client = login(world.alice)
    client.handler.enforce_csrf_checks = True
    answer = client.post(admin_url(world, page), {"full_name": "X"})
    assert answer.status_code == 403
    html = answer.content.decode()
    assert f'"/c/{world.clinic.code}/schedule/"' in html
    assert f"/c/{world.clinic.code}/c/" not in html


def test_a_superadmin_works_with_what_is_granted(login: Any) -> None:
    own = make_world()
    with own.as_owner():
        User.objects.using("owner").filter(pk=own.alice.pk).update(role="superadmin")
    client = login(own.alice)
    client.post("/clinics/", {"clinic": own.clinic.code, "reason": "Looking into a ticket"})
    for page in ("", "AuditLog/", f"Patient/{own.patient.id}/history/", "User/add/"):
        assert client.get(admin_url(own, page)).status_code == 200, page


def test_own_details_are_ones_own(world: World, login: Any) -> None:
    """Reception changes their own phone, and only looks at a colleague."""
    bob = login(world.bob)
    own, other = (admin_url(world, f"User/{u.id}/change/") for u in (world.bob, world.nur))
    assert set(bob.get(own).context["adminform"].form.fields) == {
        "display_name", "phone", "language", "timezone",
    }  # fmt: skip
    assert bob.post(own, form_data(bob, own) | {"phone": "+6590000001"}).status_code == 302
    assert stored(world, "User", world.bob.id)["phone"] == "+6590000001"
    assert not bob.get(other).context["adminform"].form.fields
    assert bob.post(other, {"phone": "+6590000002"}).status_code == 403
    assert stored(world, "User", world.nur.id)["phone"] == ""
