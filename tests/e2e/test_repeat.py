"""Series, overbooking and warnings in a real browser: fit for everyone, and without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.fit import SIZES, assert_fit
from tests.e2e.scene import Scene, take

pytestmark = pytest.mark.ui


def to_the_rule(page: Page, scene: Scene, patient: str = "grace") -> None:
    """From the first free time to the dates of a series that begins there."""
    page.goto(scene.day)
    page.get_by_test_id("slot-free").first.click()
    page.get_by_test_id("patient-search").press_sequentially(patient)
    page.get_by_test_id("patient-option").first.click()
    page.get_by_test_id("repeat").click()
    expect(page.get_by_test_id("date")).to_have_count(12)


@pytest.mark.parametrize("size", ["phone"])
def test_pages_of_a_series_fit(scene: Scene, visit: Callable[..., Page], size: str) -> None:
    page = visit(scene.world.bob, size=SIZES[size])
    page.trouble.expect(409, 422)
    to_the_rule(page, scene)
    assert_fit(page, "dates")
    page.locator("#at").fill("noon")
    page.get_by_role("button", name="Show dates").click()
    expect(page.locator("#problem")).to_be_visible()
    assert_fit(page, "no rule")
    page.locator("#at").fill("09:00")
    page.locator("#count").fill("4")
    page.get_by_role("button", name="Show dates").click()
    expect(page.get_by_test_id("date")).to_have_count(4)
    page.get_by_test_id("book-series").click()
    expect(page.get_by_test_id("booked")).to_contain_text("4 visits")
    assert_fit(page, "series")
    page.get_by_role("link", name="Move visits").click()
    page.locator("#at").fill("10:00")
    page.get_by_role("button", name="Show dates").click()
    expect(page.get_by_test_id("date")).to_have_count(4)
    assert_fit(page, "move")
    page.get_by_test_id("move-series").click()
    expect(page.get_by_test_id("undo-series")).to_have_text("Undo: moved, 4 visits")
    assert_fit(page, "moved")
    page.get_by_role("link", name="Cancel visits").click()
    expect(page.get_by_role("button", name="Patient asked to cancel")).to_be_visible()
    assert_fit(page, "cancel")
    page.get_by_role("button", name="Patient asked to cancel").click()
    expect(page.get_by_test_id("undo-series")).to_have_text("Undo: cancelled, 4 visits")
    assert {v.status for v in scene.appointments() if v.series_id} == {"cancelled"}
    page.get_by_test_id("undo-series").click()
    expect(page.get_by_test_id("changed")).to_contain_text("Undone: 4 visits.")
    assert {v.status for v in scene.appointments() if v.series_id} == {"scheduled"}


@pytest.mark.parametrize("size", ["phone"])
def test_overbooking_fits(scene: Scene, visit: Callable[..., Page], size: str) -> None:
    page = visit(scene.world.alice, size=SIZES[size])
    page.trouble.expect(409, 422)
    page.goto(scene.day)
    slot = page.get_by_test_id("slot-free").first.get_attribute("data-slot-id") or ""
    take(scene, slot)
    page.goto(f"{scene.base}/appointments/new/?slot={slot}&patient={scene.patients[0].id}")
    expect(page.get_by_test_id("conflict")).to_be_visible()
    assert_fit(page, "taken")
    page.get_by_test_id("overbook").click()
    expect(page.get_by_test_id("overbooking")).to_be_visible()
    assert_fit(page, "overbook")
    page.get_by_test_id("book").click()
    expect(page.locator("#problem")).to_contain_text("Say why it is overbooked.")
    assert_fit(page, "no reason")
    page.locator("#overbook-code").select_option("urgent")
    page.get_by_test_id("book").click()
    expect(page.get_by_test_id("booked")).to_be_visible()
    expect(page.get_by_test_id("overbooked")).to_be_visible()
    assert_fit(page, "overbooked")


def test_a_second_visit_that_day_is_warned_of(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob)
    for turn in range(2):
        page.goto(scene.day)
        page.get_by_test_id("slot-free").nth(12 * turn).click()
        page.get_by_test_id("patient-search").press_sequentially("grace")
        page.get_by_test_id("patient-option").first.click()
        if turn:
            expect(page.locator("#chosen")).to_contain_text("Already booked that day")
            assert_fit(page, "twice")
        page.get_by_test_id("book").click()
        expect(page.get_by_test_id("booked")).to_be_visible()
    mine = [v for v in scene.appointments() if v.patient_id == scene.patients[0].id]
    assert len(mine) == 2


def test_a_series_without_javascript(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob, java_script_enabled=False)
    page.trouble.expect(409)
    page.goto(scene.day)
    page.get_by_test_id("slot-free").first.click()
    page.get_by_test_id("patient-search").fill("grace")
    page.locator("[name=find]").click()
    page.locator("input[name=patient]").first.check()
    page.get_by_test_id("repeat").click()
    page.locator("#count").fill("3")
    page.get_by_role("button", name="Show dates").click()
    expect(page.get_by_test_id("date")).to_have_count(3)
    page.get_by_test_id("date").nth(1).get_by_label("Leave out").check()
    page.get_by_test_id("book-series").click()
    expect(page.get_by_test_id("booked")).to_contain_text("2 visits")
    page.get_by_test_id("series-visit").nth(1).get_by_role("link").click()
    expect(page.get_by_test_id("place")).to_have_text("2 of 2")
    page.get_by_role("link", name=re.compile("^All$")).last.click()
    page.get_by_role("button", name="Booked by mistake").click()
    expect(page.get_by_test_id("changed")).to_contain_text("Cancelled 2 visits.")


def test_overbooking_without_javascript(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.alice, java_script_enabled=False)
    page.trouble.expect(409, 422)
    taken: Any = next(v for v in scene.appointments() if v.status == "scheduled")
    page.goto(f"{scene.base}/appointments/{taken.pk}/")
    page.get_by_test_id("overbook").click()
    page.get_by_test_id("patient-search").fill("oscar")
    page.locator("#overbook-code").select_option("brief")
    page.locator("[name=find]").click()
    page.locator("input[name=patient]").first.check()
    page.get_by_test_id("book").click()
    expect(page.get_by_test_id("booked")).to_be_visible()
    made = scene.appointments()[-1]
    assert (made.overbooked_reason, made.slot_id) == ("brief", taken.slot_id)
