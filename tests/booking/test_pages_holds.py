"""Holds on the page: the form keeps its time, the board says so to everybody else."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.test import Client

from booking.models import AppointmentSlot
from booking.services.appointments import hold_slot
from booking.wording import time_left
from tests.booking.life import slot, visit_tomorrow
from tests.factories import World, make_world
from tests.factories.people import MembershipFactory, UserFactory


@pytest.fixture
def here(world: World) -> World:
    world.make_slots(days=1)
    return world


@pytest.fixture
def desk(here: World, login: Any) -> Client:
    return login(here.bob)


@pytest.fixture
def free(here: World) -> AppointmentSlot:
    return here.free_slots(1)[0]


def url(world: World, path: str) -> str:
    return f"/c/{world.clinic.code}/{path}"


def hold_url(world: World, pk: Any, what: str = "hold") -> str:
    return url(world, f"slots/{pk}/{what}/")


def colleague(world: World) -> Any:
    with world.as_owner():
        user = UserFactory(clinic=world.clinic, full_name="Cara Desk")
        MembershipFactory(clinic=world.clinic, user=user, role="staff")
    return user


def end(world: World, pk: Any) -> None:
    """The hold is over by the clock."""
    with world.as_owner():
        AppointmentSlot.objects.using("owner").filter(pk=pk).update(
            held_until=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        )


def test_the_form_holds_its_time_and_lets_go(
    here: World, desk: Client, free: AppointmentSlot
) -> None:
    form = desk.get(url(here, f"appointments/new/?slot={free.pk}")).text
    assert f'hx-post="{hold_url(here, free.pk)}" hx-trigger="load"' in form
    held = desk.post(hold_url(here, free.pk))
    assert held.status_code == 200
    assert "Held for you, 5 min left" in held.text
    assert slot(here, free.pk).held_by_id == here.bob.id
    assert "Held for you, 5 min left" in desk.get(hold_url(here, free.pk)).text
    assert desk.get(url(here, f"appointments/new/?slot={free.pk}")).status_code == 200
    closed = desk.post(hold_url(here, free.pk, "release"))
    assert closed.status_code == 303
    assert closed["Location"] == url(here, f"schedule/{free.slot_date}/")
    assert slot(here, free.pk).held_until is None


def test_closing_for_htmx_gives_the_panel_and_the_address(
    here: World, desk: Client, free: AppointmentSlot
) -> None:
    desk.post(hold_url(here, free.pk))
    closed = desk.post(hold_url(here, free.pk, "release"), headers={"HX-Request": "true"})
    assert (closed.status_code, 'class="idle"' in closed.text) == (200, True)
    assert closed["HX-Push-Url"] == url(here, f"schedule/{free.slot_date}/")
    again = desk.post(hold_url(here, free.pk, "release"))
    assert again.status_code == 303  # nothing was held: closing is closing


def test_everybody_else_sees_it_held(
    here: World, desk: Client, free: AppointmentSlot, login: Any
) -> None:
    desk.post(hold_url(here, free.pk))
    day = url(here, f"schedule/{free.slot_date}/")
    mine = desk.get(day).text
    assert f'data-testid="slot-free" data-slot-id="{free.pk}"' in mine
    for user in (here.alice, here.nur, here.chen, colleague(here)):
        theirs = login(user).get(day).text
        assert re.search(
            f'data-testid="slot-held" data-slot-id="{free.pk}"[^>]*>Held, 5 min', theirs
        )
        assert f'data-testid="slot-free" data-slot-id="{free.pk}"' not in theirs
        assert "Bob" not in theirs.split('id="grid"')[1].split("</table>")[0]


def test_the_cell_asks_until_it_is_free(
    here: World, desk: Client, free: AppointmentSlot, login: Any
) -> None:
    desk.post(hold_url(here, free.pk))
    alice = login(here.alice)
    cell = hold_url(here, free.pk, "cell")
    assert "Held, 5 min left" in alice.get(cell, {"c": "0"}).text
    end(here, free.pk)
    now = alice.get(cell, {"c": "0"}).text
    assert 'class="free" tabindex="-1"' in now
    assert f"appointments/new/?slot={free.pk}" in now
    visit = visit_tomorrow(here)
    assert visit.slot_id == free.pk
    assert alice.get(cell).text == '<span class="slot">Taken</span>'


def test_the_cell_in_move_mode_moves(here: World, free: AppointmentSlot, login: Any) -> None:
    visit = visit_tomorrow(here, 5)
    with here.as_user(here.alice):
        assert hold_slot(slot_id=free.pk).ok
    desk = login(here.bob)
    day = desk.get(url(here, f"schedule/{free.slot_date}/?moving={visit.pk}")).text
    assert f"/slots/{free.pk}/cell/?c=0&amp;moving={visit.pk}" in day
    end(here, free.pk)
    assert (
        'form="moving"'
        in desk.get(hold_url(here, free.pk, "cell"), {"c": "0", "moving": visit.pk}).text
    )


def test_opening_what_somebody_holds(
    here: World, desk: Client, free: AppointmentSlot, login: Any
) -> None:
    desk.post(hold_url(here, free.pk))
    alice = login(here.alice)
    page = alice.get(url(here, f"appointments/new/?slot={free.pk}"))
    assert page.status_code == 409
    assert "That time is held for somebody" in page.text
    offered = page.text.split("Free times")[1].split("waiting-list")[0]
    assert str(free.pk) not in offered
    refused = alice.post(hold_url(here, free.pk))
    assert refused.status_code == 409
    assert "Somebody else holds or has this time now." in refused.text
    assert alice.get(hold_url(here, free.pk)).status_code == 404
    assert slot(here, free.pk).held_by_id == here.bob.id
    alice.post(hold_url(here, free.pk, "release"))
    assert slot(here, free.pk).held_by_id == here.bob.id


def test_a_hold_that_is_over_says_so(here: World, desk: Client, free: AppointmentSlot) -> None:
    desk.post(hold_url(here, free.pk))
    end(here, free.pk)
    assert "No longer held" in desk.get(hold_url(here, free.pk)).text
    assert "Held for you, 5 min left" in desk.post(hold_url(here, free.pk)).text


def test_next_free_times_leave_held_ones_out(
    here: World, desk: Client, free: AppointmentSlot
) -> None:
    with here.as_user(here.alice):
        assert hold_slot(slot_id=free.pk).ok
    panel = desk.get(url(here, f"schedule/{free.slot_date}/")).text.split('id="panel"')[1]
    assert str(free.pk) not in panel
    assert str(here.free_slots()[1].pk) in panel


def test_who_may_hold(here: World, free: AppointmentSlot, login: Any) -> None:
    for user in (here.chen, here.nur, here.dana):
        for what in ("hold", "release"):
            assert login(user).post(hold_url(here, free.pk, what)).status_code == 403
    other = make_world()
    other.make_slots(days=0)
    theirs, desk = other.free_slots(1)[0].pk, login(here.bob)
    for pk in (theirs, uuid.uuid4()):
        assert desk.post(hold_url(here, pk)).status_code == 404
        assert desk.post(hold_url(here, pk, "release")).status_code == 404
        assert desk.get(hold_url(here, pk, "cell")).status_code == 404


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "over"), (0, "over"), (1, "1 min left"), (300, "5 min left"), (301, "6 min left"),
     (5400, "90 min left"), (5401, "2 h left"), (86400, "24 h left")],
)  # fmt: skip
def test_what_is_left_in_words(seconds: int, words: str) -> None:
    assert time_left(seconds) == words
