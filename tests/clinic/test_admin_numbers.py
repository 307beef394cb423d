"""The page of a patient's numbers: masked for who reads, in full for who asks, on record."""

from typing import Any

import pytest
from django.db import connections
from django.test import Client, override_settings

from audit.models import AuditLog
from clinic.admin.numbers import NUMBERS
from clinic.models import Patient
from tests.adminrows import admin_url
from tests.factories import PatientFactory, World

NRIC = "nric_encrypted"
NUMBER = "S1234567D"


def page(world: World, patient: Any = None) -> str:
    return admin_url(world, f"Patient/{(patient or world.patient).pk}/numbers/")


def shown(response: Any) -> dict[str, str]:
    """{column: what the page shows of it}"""
    return {name: value for name, _, value in response.context["numbers"]}


@pytest.fixture
def bob(world: World, login: Any) -> Client:
    """Reception, who has just kept a national id."""
    client: Client = login(world.bob)
    assert client.post(page(world), {NRIC: f" {NUMBER} "}).status_code == 302
    return client


def test_a_number_is_masked_until_asked_for(world: World, bob: Client) -> None:
    response = bob.get(page(world))
    assert response.status_code == 200
    assert shown(response) == dict.fromkeys(NUMBERS, "") | {NRIC: "•••••567D"}
    assert NUMBER not in response.content.decode()
    full = bob.post(page(world), {"show": NRIC})
    assert shown(full)[NRIC] == NUMBER
    assert "no-store" in full["Cache-Control"]
    assert shown(bob.get(page(world)))[NRIC] == "•••••567D"


def test_showing_is_on_record_and_in_the_history(world: World, bob: Client, login: Any) -> None:
    bob.post(page(world), {"show": NRIC})
    with world.as_owner():
        (log,) = AuditLog.objects.using("owner").filter(action="REVEAL")
    assert (log.user_id, log.record_id) == (world.bob.id, str(world.patient.pk))
    assert log.request_id
    history = login(world.alice).get(admin_url(world, f"Patient/{world.patient.pk}/history/"))
    assert "Shown in full" in history.content.decode()
    assert login(world.alice).get(admin_url(world, "AuditLog/")).status_code == 200


def test_a_get_shows_nothing_in_full(world: World, bob: Client) -> None:
    response = bob.get(page(world), {"show": NRIC})
    assert shown(response)[NRIC] == "•••••567D"


def test_a_number_is_changed_and_removed(world: World, bob: Client) -> None:
    assert bob.post(page(world), {"passport_number_encrypted": "E1234567"}).status_code == 302
    kept = shown(bob.get(page(world)))
    assert (kept[NRIC], kept["passport_number_encrypted"]) == ("•••••567D", "•••••4567")
    assert bob.post(page(world), {"remove": NRIC}).status_code == 302
    assert shown(bob.get(page(world)))[NRIC] == ""


@pytest.mark.parametrize("who", ["nur", "chen"])
def test_clinicians_see_the_end_of_it(world: World, bob: Client, login: Any, who: str) -> None:
    client = login(getattr(world, who))
    response = client.get(page(world))
    assert (response.status_code, shown(response)[NRIC]) == (200, "•••••567D")
    assert b'name="show"' not in response.content
    for data in ({"show": NRIC}, {"remove": NRIC}, {NRIC: "x"}):
        assert client.post(page(world), data).status_code == 403
    assert shown(bob.get(page(world)))[NRIC] == "•••••567D"


def test_another_clinics_patient_is_nobody(world: World, login: Any, other_world: World) -> None:
    client = login(other_world.bob)
    url = page(other_world, world.patient)
    for response in (client.get(url), client.post(url, {"show": NRIC})):
        assert response.status_code == 404


def test_two_patients_have_not_one_national_id(world: World, bob: Client) -> None:
    with world.as_owner():
        second = PatientFactory(clinic=world.clinic)
    data = {NRIC: "s1234-567d", "passport_number_encrypted": "E1234567"}
    response = bob.post(page(world, second), data)
    assert response.status_code == 422
    assert "Another patient of this clinic has this national ID." in response.content.decode()
    assert shown(response) == dict.fromkeys(NUMBERS, ""), "all or nothing"


@pytest.mark.parametrize("data", [{"show": "full_name"}, {"remove": "password_hash"}])
def test_other_columns_are_no_numbers(world: World, bob: Client, data: dict[str, str]) -> None:
    assert bob.post(page(world), data).status_code == 400


def test_what_cannot_be_read_says_so(world: World, bob: Client, login: Any) -> None:
    with world.as_owner():
        row = Patient.objects.using("owner").filter(pk=world.patient.pk)
        row.update(nric_encrypted="UlcAAAAB" + "A" * 92)
    assert shown(bob.get(page(world)))[NRIC] == "cannot be read"
    assert shown(bob.post(page(world), {"show": NRIC}))[NRIC] == "cannot be read"


def test_without_the_master_key_the_page_still_answers(world: World, bob: Client) -> None:
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute("select app.lock_keys()")
    with override_settings(FIELD_ENCRYPTION_KEYS=""):
        assert shown(bob.get(page(world)))[NRIC] == "cannot be read"
        assert bob.post(page(world), {NRIC: "x"}).status_code == 422
    assert shown(bob.get(page(world)))[NRIC] == "•••••567D"


def test_the_patients_page_leads_there(world: World, bob: Client) -> None:
    form = bob.get(admin_url(world, f"Patient/{world.patient.pk}/change/")).content.decode()
    assert page(world) in form
    assert "567D" not in form


def test_the_list_finds_by_the_whole_number(world: World, bob: Client) -> None:
    for query, count in (("s1234567d", 1), ("S1234567", 0)):
        found = bob.get(admin_url(world, "Patient/"), {"q": query}).context["cl"].result_count
        assert found == count
