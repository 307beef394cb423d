"""The panel's buttons and move mode, through the views."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from booking.models import Appointment, LimitPermit
from booking.services.appointments import book_appointment, cancel_appointment
from clinic.models import Doctor
from tests.booking.life import act, history, noon_world, read, visit_now, visit_tomorrow
from tests.factories import PatientFactory, World

FULL = "The doctor has enough visits that day. Choose another time, or say why."


@pytest.fixture
def here() -> World:
    return noon_world()


@pytest.fixture
def desk(here: World, login: Any) -> Client:
    """Bob at the desk."""
    return login(here.bob)


def url(world: World, visit: Any, name: str = "") -> str:
    return f"/c/{world.clinic.code}/appointments/{getattr(visit, 'pk', visit)}/{name}"


def sent(visit: Appointment, **more: Any) -> dict[str, Any]:
    return {"idempotency_key": str(uuid.uuid4()), "version": visit.version, **more}


def test_a_visit_by_buttons(here: World, desk: Client) -> None:
    visit = visit_now(here)
    for to, said, offered in (
        ("arrived", "Checked in Dana Doe, ticket 001.", "to-in_room"),
        ("in_room", "In room: Dana Doe.", "to-done"),
        ("done", "Finished: Dana Doe.", "undo"),
    ):
        page = desk.get(url(here, visit)).text
        assert f'data-testid="to-{to}"' in page
        response = desk.post(url(here, visit, "transition/"), sent(visit, to=to))
        assert response.status_code == 303
        assert response["Location"].endswith(f"?sel={visit.pk}")
        page = desk.get(response["Location"]).text
        assert said in page
        assert f'data-testid="{offered}"' in page
        visit = read(here, visit.pk)
    assert visit.status == "completed"
    assert page.index("Finished") < page.index("Moved to room") < page.index("Checked in")


def test_undo_by_button(here: World, desk: Client) -> None:
    visit = visit_now(here)
    act(here, visit, "no_show")
    visit = read(here, visit.pk)
    assert "Undo: did not attend" in desk.get(url(here, visit)).text
    response = desk.post(url(here, visit, "undo/"), sent(visit))
    assert response.status_code == 303
    assert read(here, visit.pk).status == "scheduled"
    assert 'data-testid="undo"' not in desk.get(response["Location"]).text


def test_an_undo_has_no_other_time_to_choose(here: World, desk: Client) -> None:
    """Given away, or on a day that is full by now: 409, and what to do instead."""
    visit = visit_tomorrow(here)
    with here.as_user(here.bob):
        assert cancel_appointment(
            idempotency_key="away", appointment_id=visit.pk, reason="Better again"
        ).ok
    visit = read(here, visit.pk)
    with here.as_owner():
        other = PatientFactory(clinic=here.clinic)
        Doctor.objects.using("owner").filter(pk=here.doctor.pk).update(max_daily_appointments=0)
    response = desk.post(url(here, visit, "undo/"), sent(visit))
    assert response.status_code == 409
    assert FULL in response.text
    empty = desk.post(url(here, visit, "undo/"), sent(visit, permit="  "))
    assert (empty.status_code, "Say why: the reason is kept." in empty.text) == (409, True)
    assert read(here, visit.pk).status == "cancelled"
    with here.as_owner():
        Doctor.objects.using("owner").filter(pk=here.doctor.pk).update(max_daily_appointments=40)
    with here.as_user(here.bob):
        assert book_appointment(
            idempotency_key="other", user_id=here.bob.id, clinic_id=here.id,
            slot_id=visit.slot_id, patient_id=other.pk,
        ).ok  # fmt: skip
    response = desk.post(url(here, visit, "undo/"), sent(visit))
    assert response.status_code == 409
    assert "Its time was given to somebody else. Book the patient another one." in response.text


def permit_form(page: str) -> dict[str, str]:
    """What the form that asks for a reason sends besides."""
    form = page[page.index('data-testid="permit-form"') :]
    return dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form)[:4])


def test_over_the_visits_of_a_day_with_a_reason(here: World, desk: Client) -> None:
    """Moved to a full day, and back to another one."""
    here.make_slots()
    visit, goal = visit_tomorrow(here), here.free_slots()[-1]
    with here.as_owner():
        Doctor.objects.using("owner").filter(pk=here.doctor.pk).update(max_daily_appointments=0)
    refused = desk.post(url(here, visit, "move/"), sent(visit, slot=goal.pk))
    assert (refused.status_code, FULL in refused.text) == (409, True)
    given = permit_form(refused.text) | {"permit": "Needs a week's rest first"}
    assert desk.post(url(here, visit, "move/"), given).status_code == 303
    moved = read(here, visit.pk)
    assert moved.slot_id == goal.pk
    refused = desk.post(url(here, visit, "undo/"), sent(moved))
    assert (refused.status_code, FULL in refused.text) == (409, True)
    given = permit_form(refused.text) | {"permit": "Wants it sooner"}
    assert desk.post(url(here, visit, "undo/"), given).status_code == 303
    assert read(here, visit.pk).slot_id == visit.slot_id
    with here.as_owner():
        kept = LimitPermit.objects.using("owner").order_by("created_at")
        assert [one.reason for one in kept] == ["Needs a week's rest first", "Wants it sooner"]


def test_a_nurse_gives_no_permit(here: World, login: Any) -> None:
    visit = visit_now(here)
    act(here, visit, "no_show")
    with here.as_owner():
        Doctor.objects.using("owner").filter(pk=here.doctor.pk).update(max_daily_appointments=0)
    visit = read(here, visit.pk)
    refused = login(here.nur).post(url(here, visit, "undo/"), sent(visit, permit="Is here"))
    assert refused.status_code in (403, 409)
    assert "permit-form" not in refused.text
    assert read(here, visit.pk).status == "no_show"


def test_a_stale_panel_is_409_and_shows_how_it_is(here: World, desk: Client) -> None:
    visit = visit_now(here)
    act(here, visit, "check_in")
    for name, more in (("transition/", {"to": "no_show"}), ("undo/", {}),
                       ("move/", {"slot": here.free_slots(1)[0].pk})):  # fmt: skip
        response = desk.post(url(here, visit, name), sent(visit, **more))
        assert response.status_code == 409, name
        assert "Someone changed it first. This is how it is now." in response.text
        assert "Arrived" in response.text
    assert len(history(here, visit)) == 1


@pytest.mark.parametrize("more", [{"to": "vanished"}, {}, {"to": "arrived", "version": "x"}])
def test_nonsense_is_422(here: World, desk: Client, more: dict[str, str]) -> None:
    visit = visit_now(here)
    response = desk.post(url(here, visit, "transition/"), {**sent(visit), **more})
    assert response.status_code == 422
    assert read(here, visit.pk).version == 1


@pytest.mark.parametrize("version", [2**31, 2**63, 10**40])
@pytest.mark.parametrize("name", ["transition/", "undo/", "move/", "cancel/"])
def test_a_version_that_no_column_holds_is_422(
    here: World, desk: Client, name: str, version: int
) -> None:
    visit = visit_now(here)
    more = {"to": "arrived", "slot": here.free_slots(1)[0].pk, "reason": "other", "other": "x"}
    response = desk.post(url(here, visit, name), sent(visit, **more) | {"version": version})
    assert response.status_code == 422
    assert read(here, visit.pk).version == 1


def test_move_mode(here: World, desk: Client) -> None:
    visit = visit_tomorrow(here)
    panel = desk.get(url(here, visit)).text
    assert 'data-testid="move"' in panel
    target = here.free_slots()[4]
    day = f"/c/{here.clinic.code}/schedule/{target.slot_date}/"
    page = desk.get(f"{day}?moving={visit.pk}").text
    assert "Moving <b>Dana Doe</b>" in page
    assert 'data-testid="slot-free"' not in page
    assert f'name="slot" value="{target.pk}"' in page
    response = desk.post(url(here, visit, "move/"), sent(visit, slot=target.pk))
    assert (response.status_code, response["Location"]) == (303, f"{day}?sel={visit.pk}")
    assert "Moved Dana Doe to" in desk.get(response["Location"]).text
    assert read(here, visit.pk).slot_id == target.pk


def test_a_time_that_was_taken_meanwhile(here: World, desk: Client) -> None:
    visit = visit_tomorrow(here)
    taken = visit_tomorrow(here)
    response = desk.post(url(here, visit, "move/"), sent(visit, slot=taken.slot_id))
    assert response.status_code == 409
    assert "That time is taken. Choose another." in response.text
    assert read(here, visit.pk).slot_id == visit.slot_id


def test_nobody_moves_what_is_not_there(here: World, desk: Client, other_world: World) -> None:
    foreign = visit_tomorrow(other_world)
    mine = here.make_slots(days=0) and here.free_slots(1)[0]
    day = f"/c/{here.clinic.code}/schedule/{mine.slot_date}/"
    for pk in (foreign.pk, uuid.uuid4(), "x"):
        page = desk.get(f"{day}?moving={pk}")
        assert page.status_code == 200
        assert 'id="moving"' not in page.text
    for name in ("transition/", "undo/", "move/"):
        for pk in (foreign.pk, uuid.uuid4()):
            given = sent(foreign, to="arrived", slot=mine.pk)
            assert desk.post(url(here, pk, name), given).status_code == 404
            assert desk.get(url(here, pk, name)).status_code == 405


@pytest.mark.parametrize(
    ("who", "move", "start"), [("nur", 403, 303), ("chen", 403, 303), ("dana", 403, 403)]
)
def test_who_may_press_what(here: World, login: Any, who: str, move: int, start: int) -> None:
    with here.as_owner():
        type(here.doctor).objects.using("owner").filter(pk=here.doctor.pk).update(user=here.chen)
    visit = visit_now(here)
    person = login(getattr(here, who))
    free = here.free_slots(1)[0].pk
    assert person.post(url(here, visit, "move/"), sent(visit, slot=free)).status_code == move
    given = sent(visit, to="in_room")
    assert person.post(url(here, visit, "transition/"), given).status_code == start
