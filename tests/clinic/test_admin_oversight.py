"""Break-glass reviews, settings, flags and the queue in the admin."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from booking.models import QueueEntry
from clinic.models import FeatureFlag, SystemSetting
from tests.adminrecords import today
from tests.adminrows import act, actions, admin_url, form_data, stored
from tests.factories import World
from tests.factories.records import new, opened


@pytest.fixture
def alice(world: World, login: Any) -> Client:
    client: Client = login(world.alice)
    return client


def break_glass(world: World, user: Any, role: str) -> None:
    with world.as_user(user, role), connection.cursor() as cursor:
        cursor.execute(
            "select app.break_glass(%s, %s)", [world.patient.id, "Found unconscious"]
        )  # fmt: skip


def test_glass_is_reviewed_by_somebody_else(world: World, alice: Client, login: Any) -> None:
    break_glass(world, world.nur, "nurse")
    break_glass(world, world.alice, "admin")
    url = admin_url(world, "GlassBreak/")
    page = alice.get(url + "?reviewed_at__isempty=1")
    rows = {row.user_id: row.pk for row in page.context["cl"].result_list}
    assert set(rows) == {world.nur.id, world.alice.id}
    assert "1 time records were opened by break-glass" in alice.get(
        admin_url(world)
    ).content.decode()  # fmt: skip
    assert act(alice, url, "review", *rows.values(), note="").status_code == 422
    done = act(alice, url, "review", *rows.values(), note="Ambulance, in order")
    assert (done.context["done"], done.context["failed"]) == (1, 1), "not one's own"
    row = stored(world, "GlassBreak", rows[world.nur.id])
    assert (row["reviewed_by_id"], row["review_note"]) == (world.alice.id, "Ambulance, in order")
    assert stored(world, "GlassBreak", rows[world.alice.id])["reviewed_at"] is None
    again = act(alice, url, "review", rows[world.nur.id], note="Otherwise")
    assert again.context["done"] == 0
    assert "break-glass, not yet" not in alice.get(admin_url(world)).content.decode()
    assert actions(login(world.nur), url) == set()
    shown = alice.get(f"{url}{rows[world.nur.id]}/change/").content.decode()
    assert "Alice Admin" in shown
    assert "Ambulance, in order" in shown


@pytest.fixture
def shared(world: World) -> Iterator[SystemSetting]:
    """A setting of all clinics, and therefore none for the next test."""
    with world.as_owner():
        setting = new(SystemSetting, clinic=None, category="test", key="of_all", value=15)
    yield setting
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute("delete from clinic.system_settings where id = %s", [setting.pk])


def test_settings_of_all_clinics_are_to_be_read(
    world: World, alice: Client, shared: SystemSetting
) -> None:
    url = admin_url(world, f"SystemSetting/{shared.pk}/change/")
    page = alice.get(url)
    assert page.status_code == 200
    assert page.context["adminform"].form.fields == {}
    assert alice.post(url, {"value": "16"}).status_code == 403
    add = admin_url(world, "SystemSetting/add/")
    data = form_data(alice, add) | {"category": "test", "key": "of_all", "value": "20"}
    assert alice.post(add, data).status_code == 302
    with world.as_owner():
        mine = SystemSetting.objects.using("owner").get(clinic_id=world.id, key="of_all")
    assert (mine.value, mine.updated_by_id) == (20, world.alice.id)
    url = admin_url(world, f"SystemSetting/{mine.pk}/change/")
    assert alice.post(url, form_data(alice, url) | {"value": "25"}).status_code == 302
    assert stored(world, "SystemSetting", mine.pk)["value"] == 25
    assert alice.post(add, data).status_code == 422, "one per clinic, category and key"


def test_a_setting_of_another_clinic_is_not_there(
    world: World, other_world: World, alice: Client
) -> None:
    with other_world.as_owner():
        theirs = new(SystemSetting, clinic=other_world.clinic, category="n", key="n", value=1)
    assert alice.get(admin_url(world, f"SystemSetting/{theirs.pk}/change/")).status_code == 404


def test_flags_are_read_and_name_no_clinic(world: World, alice: Client, login: Any) -> None:
    with world.as_owner():
        flag, _ = FeatureFlag.objects.using("owner").get_or_create(
            name="admin_flag", defaults={"enabled_for_clinics": [str(world.id)]}
        )
    url = admin_url(world, f"FeatureFlag/{flag.pk}/change/")
    for client in (alice, login(world.bob)):
        page = client.get(url)
        assert page.status_code == 200
        assert page.context["adminform"].form.fields == {}
        assert str(world.id) not in page.content.decode()
        assert client.get(admin_url(world, "FeatureFlag/add/")).status_code == 403
        assert client.post(url, {"is_enabled": "on"}).status_code == 403
        assert "admin_flag" in client.get(admin_url(world, "FeatureFlag/")).content.decode()
    assert login(world.nur).get(url).status_code == 403


def test_a_place_in_the_line_keeps_its_times(world: World, login: Any) -> None:
    day = today(world)
    with world.as_owner():
        entry = new(QueueEntry, clinic=world.clinic, patient=world.patient, doctor=world.doctor,
                    queue_date=day, ticket_number="A001")  # fmt: skip
    nur, url = login(world.nur), admin_url(world, f"QueueEntry/{entry.pk}/change/")
    assert set(nur.get(url).context["adminform"].form.fields) == {"status", "priority", "doctor"}
    assert nur.post(url, form_data(nur, url) | {"status": "called"}).status_code == 302
    row = stored(world, "QueueEntry", entry.pk)
    assert row["called_at"] is not None
    assert (row["status"], row["served_at"], row["finished_at"]) == ("called", None, None)
    found = login(world.bob).get(admin_url(world, "QueueEntry/?q=a001"))
    assert [r.pk for r in found.context["cl"].result_list] == [entry.pk]
    assert nur.get(admin_url(world, "QueueEntry/add/")).status_code == 403


def test_old_openings_are_a_year_away(world: World, alice: Client) -> None:
    """The list looks at the past twelve months unless it is asked for more."""
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(days=500)
    with world.as_owner():
        old = opened(world.clinic, world.patient, world.nur, at=long_ago)
    url = admin_url(world, "GlassBreak/")
    assert list(alice.get(url).context["cl"].result_list) == []
    assert [r.pk for r in alice.get(url + "?when=all").context["cl"].result_list] == [old.pk]
