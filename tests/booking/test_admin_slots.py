"""Slots in the admin: made, blocked and freed; what is booked stays as it is."""

from typing import Any

import pytest
from django.test import Client

from booking.models import AppointmentSlot
from tests.adminrows import admin_url, book, stored
from tests.factories import World


@pytest.fixture
def bob(world: World, login: Any) -> Client:
    """Reception may block and free."""
    client: Client = login(world.bob)
    return client


def act(client: Client, world: World, action: str, *ids: Any, **more: str) -> Any:
    data = {"action": action, "_selected_action": [str(pk) for pk in ids], **more}
    return client.post(admin_url(world, "AppointmentSlot/?when=all"), data)


def test_blocking_asks_why_and_leaves_booked_time_alone(world: World, bob: Client) -> None:
    world.make_slots(days=1)
    taken, free = world.free_slots()[:2]
    book(world, slot=taken)
    assert act(bob, world, "block", taken.id, free.id, index="0").status_code == 200
    assert not stored(world, "AppointmentSlot", free.id)["is_blocked"]
    done = act(bob, world, "block", taken.id, free.id, apply="1", reason="Fire drill")
    assert "1 done, 1 not." in done.content.decode()
    assert "It is booked: cancel or move the appointment." in done.content.decode()
    row = stored(world, "AppointmentSlot", free.id)
    assert (row["is_blocked"], row["block_reason"]) == (True, "Fire drill")
    assert not stored(world, "AppointmentSlot", taken.id)["is_blocked"]
    assert "1 done, 0 not." in act(bob, world, "unblock", free.id).content.decode()
    row = stored(world, "AppointmentSlot", free.id)
    assert (row["is_blocked"], row["block_reason"]) == (False, "")


def test_another_clinic_s_time_is_not_blocked(
    world: World, bob: Client, other_world: World
) -> None:
    other_world.make_slots(days=0)
    foreign = other_world.free_slots(1)[0]
    done = act(bob, world, "block", foreign.id, apply="1", reason="x")
    assert "0 done, 0 not." in done.content.decode()
    act(bob, world, "block", foreign.id, apply="1", reason="x", select_across="1")
    assert not stored(other_world, "AppointmentSlot", foreign.id)["is_blocked"]


def test_who_may_not_block_cannot(world: World, login: Any) -> None:
    world.make_slots(days=1)
    slot = world.free_slots(1)[0]
    for who in (world.nur, world.chen):
        act(login(who), world, "block", slot.id, apply="1", reason="x")
    assert not stored(world, "AppointmentSlot", slot.id)["is_blocked"]


def make(client: Client, world: World, *doctors: Any) -> Any:
    data = {"action": "make_slots", "_selected_action": [str(d.id) for d in doctors]}
    return client.post(admin_url(world, "Doctor/"), data)


def count(world: World) -> int:
    with world.as_owner():
        return AppointmentSlot.objects.using("owner").filter(clinic_id=world.id).count()


def test_slots_are_made_for_a_month(world: World, login: Any, other_world: World) -> None:
    alice = login(world.alice)
    done = make(alice, world, world.doctor, other_world.doctor)
    made = count(world)
    assert made == 30 * 32, "eight hours of a quarter each"
    assert f"Slots made: {made}" in done.content.decode()
    assert "1 done, 0 not." in done.content.decode()
    assert count(other_world) == 0
    assert "Slots made: 0" in make(alice, world, world.doctor).content.decode()


def test_reception_makes_none(world: World, bob: Client) -> None:
    assert make(bob, world, world.doctor).status_code in (200, 302)
    assert count(world) == 0


def test_lists_by_day_state_and_words(world: World, bob: Client) -> None:
    world.make_slots(days=1)
    taken = world.free_slots(1)[0]
    book(world, slot=taken)

    def ids(query: str) -> set[Any]:
        page = bob.get(admin_url(world, f"AppointmentSlot/?{query}"))
        return {row.id for row in page.context["cl"].result_list}

    tomorrow = ids("when=tomorrow&all=")
    assert ids("when=all&q=tomorrow+chen&all=") == tomorrow
    assert ids("when=all&q=chen+nobody") == set()
    assert ids("state=booked") == {taken.id}
    assert taken.id not in ids("state=free&when=tomorrow")
    assert ids("when=past") == set()
    assert len(tomorrow) == 32
