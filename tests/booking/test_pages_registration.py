"""Somebody who comes for the first time: registered with the booking, or on a page."""

import datetime as dt
import re
import uuid
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from audit.models import AccessLog
from booking.models import AppointmentSlot
from clinic.models import Patient
from tests.audit.trail import since
from tests.booking.forms import appointments, form_for, new_url
from tests.factories import PatientFactory, World
from tests.races import at_once, connect

BORN = dt.date(1984, 3, 12)
FIELDS = {"full_name": "Zoë Newcomer", "date_of_birth": "12/3/84", "gender": "female",
          "phone": "8123 4567"}  # fmt: skip
TYPED = {"full_name": "", "date_of_birth": "", "gender": "", "phone": ""}


@pytest.fixture
def desk(world: World, login: Any) -> Client:
    """Bob at the desk."""
    world.make_slots(days=1)
    return login(world.bob)


@pytest.fixture
def slot(world: World, desk: Client) -> AppointmentSlot:
    return world.free_slots(1)[0]


def newcomer(world: World, slot: AppointmentSlot, **changed: Any) -> dict[str, Any]:
    """What the booking form sends for somebody new."""
    return form_for(world, slot, patient="new", q="Zoë", picked="Zoë", **{**FIELDS, **changed})


def registered(world: World) -> list[Patient]:
    """The patients beside Dana, oldest first."""
    with world.as_owner():
        found = Patient.objects.using("owner").filter(clinic_id=world.id)
        return list(found.exclude(pk=world.patient.pk).order_by("created_at"))


def person(world: World, **given: Any) -> Patient:
    with world.as_owner():
        return PatientFactory(clinic=world.clinic, **given)


def post(client: Client, world: World, sent: dict[str, Any]) -> Any:
    """The form sent from a thread of its own."""
    try:
        return client.post(new_url(world), sent)
    finally:
        connection.close()


def options(world: World, client: Client, query: str) -> str:
    url = f"/c/{world.clinic.code}/patients/options/"
    return client.get(url, {"q": query}, headers={"HX-Request": "true"}).text


def page_url(world: World) -> str:
    return f"/c/{world.clinic.code}/patients/new/"


def on_page(**changed: Any) -> dict[str, Any]:
    return {"idempotency_key": str(uuid.uuid4()), "patient": "new", **FIELDS, **changed}


@pytest.mark.parametrize(
    ("query", "filled"),
    [
        ("zoe new", ("zoe new", "", "")),
        ("dana", ("dana", "", "")),
        ("dana 1984", ("dana", "", "")),
        ("8123 4567", ("", "", "8123 4567")),
        ("12/3/1984", ("", "12/03/1984", "")),
        ("Zoe 12 Mar 1984 New", ("Zoe New", "12/03/1984", "")),
        ("P-00001", ("", "", "")),
        ("z", None),
        ("--", None),
    ],
)
def test_the_list_ends_with_somebody_new(
    world: World, desk: Client, query: str, filled: tuple[str, str, str] | None
) -> None:
    html = options(world, desk, query)
    texts = re.findall(r'data-testid="patient-new"><b>([^<]+)</b>', html)
    if filled is None:
        assert texts == []
        return
    assert texts == [f"Add “{filled[0]}” as a new patient" if filled[0] else "Add a new patient"]
    fields = ("full_name", "date_of_birth", "phone")
    found = [re.findall(rf'name="{name}" value="([^"]*)"', html) for name in fields]
    assert found == [[value] for value in filled]


def test_a_new_patient_is_registered_and_booked(
    world: World, desk: Client, slot: AppointmentSlot
) -> None:
    entries = since(world, "patients")
    sent = newcomer(world, slot, full_name=" Zoë   Newcomer ")
    response = desk.post(new_url(world), sent)
    (patient,), (made,) = registered(world), appointments(world)
    assert response.status_code == 303
    assert (made.patient_id, made.slot_id) == (patient.id, slot.id)
    assert (patient.full_name, patient.date_of_birth) == ("Zoë Newcomer", BORN)
    assert (patient.gender, str(patient.phone)) == ("female", "+6581234567")
    assert re.fullmatch(r"P-\d{5}", patient.patient_number)
    told = desk.get(response["Location"]).text
    assert f"Zoë Newcomer is registered: {patient.patient_number}." in told
    assert [(e.action, e.user_id) for e in entries()] == [("INSERT", world.bob.id)]


def test_the_same_form_again_is_the_same_patient_and_booking(
    world: World, desk: Client, slot: AppointmentSlot
) -> None:
    sent = newcomer(world, slot)
    first, second = (desk.post(new_url(world), sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert (len(registered(world)), len(appointments(world))) == (1, 1)


def test_the_same_form_eight_times_at_once(
    world: World, desk: Client, slot: AppointmentSlot, login: Any
) -> None:
    sent, clients = newcomer(world, slot), [login(world.bob) for _ in range(8)]
    answers = at_once([partial(post, client, world, sent) for client in clients])
    assert {answer.status_code for answer in answers} <= {303, 503}
    assert 303 in {answer.status_code for answer in answers}
    assert (len(registered(world)), len(appointments(world))) == (1, 1)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("taken", [False, True])
def test_a_used_form_registers_nobody_else(
    world: World, desk: Client, slot: AppointmentSlot, login: Any, field: str, taken: bool
) -> None:
    """Back, and other words: what they were registered as is shown, under a fresh key."""
    others = {"full_name": "Yves Newcomer", "date_of_birth": "13/3/84", "gender": "male",
              "phone": "8123 4568"}  # fmt: skip
    if taken:
        login(world.alice).post(new_url(world), form_for(world, slot))
    sent = newcomer(world, slot)
    assert desk.post(new_url(world), sent).status_code == (409 if taken else 303)
    response = desk.post(new_url(world), sent | {field: others[field]})
    assert response.status_code == 422
    assert "has registered a patient before" in response.text
    assert f'value="{others[field]}"' in response.text
    assert f'value="{sent["idempotency_key"]}"' not in response.text
    assert [p.full_name for p in registered(world)] == ["Zoë Newcomer"]


def test_a_form_of_somebody_who_left_since(
    world: World, desk: Client, slot: AppointmentSlot
) -> None:
    sent = newcomer(world, slot)
    assert desk.post(new_url(world), sent).status_code == 303
    with world.as_owner():
        Patient.objects.using("owner").filter(full_name="Zoë Newcomer").update(is_active=False)
    for url in (new_url(world), page_url(world)):
        response = desk.post(url, sent)
        assert response.status_code == 422
        assert "has registered a patient before" in response.text


def test_the_same_form_again_after_indexes_were_made_anew(
    world: World, desk: Client, slot: AppointmentSlot, admin_url: str
) -> None:
    """Two constraints say that the row is there; the older index is named. It was 500."""
    sent = newcomer(world, slot)
    assert desk.post(new_url(world), sent).status_code == 303
    with connect(admin_url) as admin:
        admin.execute("reindex index concurrently clinic.patients_pkey")
    assert desk.post(new_url(world), sent).status_code == 303
    with connect(admin_url) as admin:
        admin.execute("reindex index concurrently clinic.patients_clinic_id")
    assert desk.post(new_url(world), sent).status_code == 303
    assert len(registered(world)) == 1


def test_one_key_of_two_people_registers_two(
    world: World, desk: Client, slot: AppointmentSlot, login: Any
) -> None:
    """A key is its user's: nobody meets another's patient by guessing one."""
    sent = newcomer(world, slot)
    assert desk.post(new_url(world), sent).status_code == 303
    again = sent | {"full_name": "Yves Else", "date_of_birth": "1/2/90"}
    assert login(world.alice).post(new_url(world), again).status_code == 409
    assert [p.full_name for p in registered(world)] == ["Zoë Newcomer", "Yves Else"]


@pytest.mark.parametrize(
    ("field", "values", "said"),
    [
        ("full_name", ["", "  ", "123", "x" * 256, "a\x00b"], "Write the patient"),
        ("date_of_birth", ["", "12/3", "31/2/1984", "1/1/2199", "soon", "tomorrow"],
         "Write the date of birth"),
        ("phone", ["12", "call her", "+65 1", "8" * 40], "Write a phone number"),
        ("gender", ["", "unknown"], "Choose a gender"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_all_that_was_typed_stays(
    world: World, desk: Client, slot: AppointmentSlot, field: str, values: list[str], said: str
) -> None:
    for value in values:
        sent = newcomer(world, slot, **{field: value}, visit_reason="Cough")
        response = desk.post(new_url(world), sent)
        assert response.status_code == 422
        assert said in response.text or "Null characters" in response.text
        assert 'name="visit_reason" value="Cough"' in response.text
        for name in FIELDS.keys() - {field, "gender"}:
            assert f'name="{name}" value="{sent[name]}"' in response.text
    assert registered(world) == []


@pytest.mark.parametrize("wrong", [{"appointment_type": "x"}, {"visit_reason": "x" * 501}])
def test_a_form_with_another_error_registers_nobody(
    world: World, desk: Client, slot: AppointmentSlot, wrong: dict[str, str]
) -> None:
    response = desk.post(new_url(world), newcomer(world, slot, **wrong))
    assert response.status_code == 422
    assert 'name="full_name" value="Zoë Newcomer"' in response.text
    assert registered(world) == []


@pytest.mark.parametrize("phone", ["+431114", "+491691", "+4982885035887203"])
def test_a_number_that_exists_and_fits_no_column_is_said(
    world: World, desk: Client, slot: AppointmentSlot, phone: str
) -> None:
    response = desk.post(new_url(world), newcomer(world, slot, phone=phone))
    assert response.status_code == 422
    assert "Write a phone number" in response.text


def test_two_desks_at_once_see_each_other(
    world: World, desk: Client, slot: AppointmentSlot, login: Any
) -> None:
    """The same person under two keys: one is registered, the other desk is shown whom."""
    jobs = [partial(post, login(who), world, newcomer(world, slot))
            for who in (world.bob, world.alice)]  # fmt: skip
    answers = at_once(jobs)
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert len(registered(world)) == 1


def test_somebody_like_it_is_shown_before_anybody_is_registered(
    world: World, desk: Client, slot: AppointmentSlot
) -> None:
    known = person(world, full_name="Zoe Newcomer", date_of_birth=BORN)
    sent = newcomer(world, slot)
    response = desk.post(new_url(world), sent)
    assert response.status_code == 422
    assert response.text.count('data-testid="alike"') == 1
    assert "Somebody like this is registered" in response.text
    assert 'type="hidden" name="patient"' not in response.text
    shown = {**sent, "alike": [str(known.id)]}
    wrong = desk.post(new_url(world), {**shown, "gender": ""})  # somebody else, and not complete
    assert "Choose a gender" in wrong.text
    assert f'type="hidden" name="alike" value="{known.id}"' in wrong.text
    nobody = desk.post(new_url(world), {**shown, "patient": ""})
    assert (nobody.status_code, nobody.text.count('data-testid="alike"')) == (422, 1)
    assert 'name="full_name" value="Zoë Newcomer"' in nobody.text
    assert len(registered(world)) == 1
    theirs = desk.post(new_url(world), {**shown, "patient": str(known.id)})
    assert theirs.status_code == 303
    assert [a.patient_id for a in appointments(world)] == [known.id]
    assert len(registered(world)) == 1


def test_who_is_no_longer_active_is_shown_and_not_chosen(
    world: World, desk: Client, slot: AppointmentSlot
) -> None:
    """They got a second number without a word."""
    gone = person(world, full_name="Zoe Newcomer", date_of_birth=BORN, is_active=False)
    sent = newcomer(world, slot)
    response = desk.post(new_url(world), sent)
    assert response.status_code == 422
    assert re.search(rf'name="patient" value="{gone.id}" disabled', response.text)
    assert "make the record active again" in response.text
    forced = desk.post(new_url(world), sent | {"patient": str(gone.id)})
    assert forced.status_code == 404
    assert appointments(world) == []


def test_somebody_else_is_registered_and_not_asked_about_twice(
    world: World, desk: Client, slot: AppointmentSlot
) -> None:
    known = person(world, full_name="Zoe Newcomer", date_of_birth=BORN)
    sent = newcomer(world, slot, alike=[str(known.id)])
    for _ in range(2):
        assert desk.post(new_url(world), sent).status_code == 303
    _, new = registered(world)
    assert [a.patient_id for a in appointments(world)] == [new.id]


def test_whoever_was_not_shown_is(world: World, desk: Client, slot: AppointmentSlot) -> None:
    """Registered by somebody else in the meantime, or left out by the sender."""
    known, late = (person(world, full_name="Zoe Newcomer", date_of_birth=BORN) for _ in range(2))
    response = desk.post(new_url(world), newcomer(world, slot, alike=[str(known.id)]))
    assert response.status_code == 422
    assert f'name="patient" value="{late.id}"' in response.text
    assert len(registered(world)) == 2


def test_a_time_that_was_taken_keeps_the_new_patient(
    world: World, desk: Client, slot: AppointmentSlot, login: Any
) -> None:
    assert login(world.alice).post(new_url(world), form_for(world, slot)).status_code == 303
    response = desk.post(new_url(world), newcomer(world, slot))
    (patient,) = registered(world)
    assert response.status_code == 409
    assert "Nothing was booked for Zoë Newcomer" in response.text
    assert f'name="patient" value="{patient.id}"' in response.text


def test_a_new_patient_waits(world: World, desk: Client, slot: AppointmentSlot) -> None:
    """Half a form was lost on the way to the waiting list."""
    sent = newcomer(world, slot, wait="1", appointment_type="")
    wrong = desk.post(new_url(world), sent | {"gender": ""})
    assert (wrong.status_code, registered(world)) == (422, [])
    response = desk.post(new_url(world), sent)
    (patient,) = registered(world)
    assert response.status_code == 303
    assert f"waiting-list/new/?slot={slot.id}&patient={patient.id}" in response["Location"]
    assert "Zoë Newcomer is registered" in desk.get(response["Location"]).text
    assert appointments(world) == []


def test_who_is_like_it_and_comes_that_day_is_said(
    world: World, desk: Client, slot: AppointmentSlot
) -> None:
    known = person(world, full_name="Zoe Newcomer", date_of_birth=BORN)
    first, second = world.free_slots(2)
    assert desk.post(new_url(world), form_for(world, first, patient=known.id)).status_code == 303
    response = desk.post(new_url(world), newcomer(world, second))
    assert "Already booked that day:" in response.text


def test_a_name_of_the_query_before_is_not_typed(
    world: World, desk: Client, slot: AppointmentSlot
) -> None:
    """Without JavaScript a misspelt query left its name in the form of the next."""
    sent = newcomer(world, slot, full_name="Ana Silva") | {"patient": "", "find": "1"}
    again = desk.post(new_url(world), sent | {"q": "Anna Silvas", "picked": "Ana Silva"})
    assert 'name="full_name" value="Anna Silvas"' in again.text
    typed = desk.post(new_url(world), sent | {"q": "Anna Silvas", "picked": "Ana"})
    assert 'name="full_name" value="Ana Silva"' in typed.text


def test_no_second_new_line_while_somebody_new_is_typed(world: World, desk: Client) -> None:
    """It would have emptied the fields."""
    url = f"/c/{world.clinic.code}/patients/options/"
    for typing in ({"patient": "new"}, {"alike": str(world.patient.id)}):
        html = desk.get(url, {"q": "dana", **typing}, headers={"HX-Request": "true"}).text
        assert ("patient-new" in html, "patient-option" in html) == (False, True)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"phone": "1", "gender": ""}, '<select id="id_gender" name="gender" autofocus'),
        ({"phone": "1"}, 'id="id_phone" name="phone" value="1" autocomplete="off" autofocus'),
        ({"visit_reason": "x" * 501}, 'autocomplete="off" autofocus aria-invalid="true" aria-'),
        ({"overlap_reason": "x" * 501}, 'maxlength="200" autofocus data-testid="patient-search"'),
        ({"overbook": "1", "overbook_code": "other", "overbook_reason": "x" * 501},
         'autocomplete="off" autofocus aria-invalid="true">'),
    ],
)  # fmt: skip
def test_one_field_has_the_focus(
    world: World, login: Any, slot: AppointmentSlot, wrong: dict[str, str], where: str
) -> None:
    html = login(world.alice).post(new_url(world), newcomer(world, slot, **wrong)).text
    assert html.count(" autofocus") == 1
    assert where in html


def test_who_is_like_it_has_the_focus(world: World, desk: Client, slot: AppointmentSlot) -> None:
    """The first of them may be one who cannot be chosen."""
    person(world, full_name="Zoe Newcomer", date_of_birth=BORN)
    person(world, full_name="Zoe Newcomer", date_of_birth=BORN, is_active=False)
    html = desk.post(new_url(world), newcomer(world, slot)).text
    assert 'id="alike" tabindex="-1" autofocus' in html
    assert html.count(" autofocus") == 1


def test_find_finds_and_registers_nobody(world: World, desk: Client, slot: AppointmentSlot) -> None:
    """Without JavaScript it is the first button, which Enter presses."""
    response = desk.post(new_url(world), newcomer(world, slot, find="1"))
    assert response.status_code == 200
    assert 'name="date_of_birth" value="12/3/84"' in response.text
    assert (registered(world), appointments(world)) == ([], [])


def test_what_is_undone_leaves_no_trace_of_a_patient(
    world: World, desk: Client, slot: AppointmentSlot, login: Any
) -> None:
    """Overbooking without the right: the patient is not registered, nor on record as looked at."""
    assert login(world.alice).post(new_url(world), form_for(world, slot)).status_code == 303
    over = {"overbook": "1", "overbook_code": "urgent", "overbook_reason": ""}
    response = desk.post(new_url(world), newcomer(world, slot, **over))
    assert response.status_code == 403
    assert registered(world) == []
    with world.as_owner():
        looks = AccessLog.objects.using("owner").filter(clinic_id=world.id, action="READ")
        assert [look.patient_id for look in looks.exclude(patient_id=world.patient.id)] == []
    assert "is registered" not in desk.get(page_url(world)).text


def test_a_series_of_a_new_patient(world: World, desk: Client, slot: AppointmentSlot) -> None:
    response = desk.post(new_url(world), newcomer(world, slot, repeat="1"))
    (patient,) = registered(world)
    assert response.status_code == 303
    assert f"patient={patient.id}" in response["Location"]


def test_without_javascript_what_was_typed_of_somebody_new_stays(
    world: World, desk: Client, slot: AppointmentSlot
) -> None:
    """Nobody is chosen among those found, or a new query is typed: the fields are still there."""
    sent = newcomer(world, slot) | {"patient": ""}
    for change, status in (({}, 422), ({"find": "1"}, 200)):
        response = desk.post(new_url(world), sent | change)
        assert response.status_code == status
        assert 'type="radio" name="patient" value="new"' in response.text
        assert 'name="full_name" value="Zoë Newcomer"' in response.text
        assert 'name="date_of_birth" value="12/3/84"' in response.text


def test_the_page_registers(world: World, desk: Client) -> None:
    assert 'name="full_name" value="zoe new"' in desk.get(page_url(world), {"q": "zoe new"}).text
    assert 'name="full_name" value=""' in desk.get(page_url(world), {"q": "P-00001"}).text
    sent = on_page()
    first, second = (desk.post(page_url(world), sent) for _ in range(2))
    (patient,) = registered(world)
    number = patient.patient_number
    found = f"/c/{world.clinic.code}/patients/?q={number}"
    assert (first.status_code, first["Location"]) == (303, found)
    assert (second.status_code, second["Location"]) == (303, found)
    shown = desk.get(found).text
    assert f"Zoë Newcomer is registered: {number}." in shown
    assert f"patient={patient.id}" in shown  # Book
    other = desk.post(page_url(world), sent | {"full_name": "Yves Else"})
    assert other.status_code == 422
    assert "has registered a patient before" in other.text
    assert len(registered(world)) == 1


def test_the_page_says_what_is_wrong_and_who_is_alike(
    world: World, other_world: World, desk: Client
) -> None:
    empty = desk.post(page_url(world), on_page(**TYPED))
    assert empty.status_code == 422
    assert empty.text.count('class="error"') == 3
    known = person(world, full_name="Zoe Newcomer", date_of_birth=BORN)
    alike = desk.post(page_url(world), on_page())
    assert (alike.status_code, alike.text.count('data-testid="alike"')) == (422, 1)
    chosen = desk.post(page_url(world), on_page(patient=str(known.id), alike=[str(known.id)]))
    assert chosen["Location"].endswith(known.patient_number)
    foreign = desk.post(page_url(world), on_page(patient=str(other_world.patient.id)))
    assert foreign.status_code == 404
    for bad in ("", "x" * 201):
        refused = desk.post(page_url(world), on_page(idempotency_key=bad))
        assert refused.status_code == 422
        fresh = re.search(r'name="idempotency_key" value="([^"]+)"', refused.text)
        assert fresh
        assert uuid.UUID(fresh[1]).version == 4
    assert len(registered(world)) == 1


@pytest.mark.parametrize(("who", "status"), [("alice", 200), ("nur", 403), ("chen", 403),
                                             ("dana", 403)])  # fmt: skip
def test_who_may_register(world: World, login: Any, who: str, status: int) -> None:
    client = login(getattr(world, who))
    assert client.get(page_url(world)).status_code == status
    sent = client.post(page_url(world), on_page()).status_code
    assert sent == (303 if status == 200 else 403)
    assert len(registered(world)) == (1 if status == 200 else 0)
