"""Finding a time and holding it, by a person with a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.scene import Scene

pytestmark = pytest.mark.ui


def test_find_filter_book(scene: Scene, visit: Callable[..., Page]) -> None:
    """Two clicks and six keys, from the day to a booking with whoever is free."""
    page = visit(scene.world.bob)
    page.goto(scene.day)
    page.get_by_role("link", name="Find a time").click()
    page.get_by_label("Part of day").select_option("morning")
    page.wait_for_url("**part=morning**")
    page.get_by_label("Doctor or subject").select_option(label="Dr Tanaka")
    expect(page.get_by_test_id("found-count")).to_contain_text("12 free times")
    expect(page.locator(".found-row b")).to_have_text(["Dr Tanaka"])
    slot_id = page.get_by_test_id("found-slot").first.get_attribute("data-slot-id")
    page.get_by_test_id("found-slot").first.click()
    page.get_by_test_id("patient-search").press_sequentially("grace")
    page.get_by_test_id("patient-option").first.click()
    page.get_by_test_id("book").click()
    expect(page.get_by_test_id("booked")).to_be_visible()
    assert str(scene.appointments()[-1].slot_id) == slot_id


def test_find_without_javascript(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob, java_script_enabled=False)
    page.goto(f"{scene.base}/find/")
    page.get_by_label("Part of day").select_option("evening")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_test_id("found-none")).to_contain_text("Nothing is free in the evening.")
    page.get_by_test_id("nearest").click()
    expect(page.get_by_test_id("booking-form")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_test_id("booking-form")).to_have_count(0)


def test_a_time_is_held_while_its_form_is_open(scene: Scene, visit: Callable[..., Page]) -> None:
    bob, alice = visit(scene.world.bob), visit(scene.world.alice, fresh=True)
    bob.goto(scene.day)
    slot = bob.get_by_test_id("slot-free").nth(3)
    slot_id = slot.get_attribute("data-slot-id")
    slot.click()
    expect(bob.get_by_test_id("hold")).to_have_text("Held for you, 5 min left")
    expect(bob.get_by_test_id("patient-search")).to_be_focused()
    alice.clock.install()
    alice.goto(scene.day)
    held = alice.locator(f'[data-testid="slot-held"][data-slot-id="{slot_id}"]')
    expect(held).to_have_text("Held, 5 min left")
    bob.get_by_role("button", name="Cancel").click()
    expect(bob.get_by_test_id("booking-form")).to_have_count(0)
    free = alice.locator(f'[data-testid="slot-free"][data-slot-id="{slot_id}"]')
    alice.clock.fast_forward("00:30")  # the day asks every so often what has changed
    expect(free).to_be_attached()
    expect(alice.locator('.grid [tabindex="0"]')).to_have_count(1)
    free.click()
    expect(alice.get_by_test_id("booking-form")).to_be_visible()
