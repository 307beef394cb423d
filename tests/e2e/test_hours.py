"""Working time in a real browser: previewed, saved and withdrawn, by the keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from clinic.models import WorkingHours
from tests.e2e.scene import Scene

pytestmark = pytest.mark.ui


def test_hours_are_previewed_and_saved_by_the_keyboard(
    scene: Scene, visit: Callable[..., Page]
) -> None:
    """Enter in a field previews; the preview has the focus; saving lists what is left."""
    page = visit(scene.world.alice)
    page.goto(f"{scene.base}/hours/")
    page.get_by_role("link", name="Change the hours of").first.click()
    ends = page.locator("[name=hours-0-ends]")
    ends.fill("10:00")
    ends.press("Enter")
    expect(page.get_by_role("heading", name="Preview: nothing is saved yet")).to_be_focused()
    expect(page.locator(".weeks .changed").first).to_contain_text("was")
    page.get_by_test_id("save").press("Enter")
    expect(page.locator("#toast")).to_contain_text("Saved the hours of")
    with scene.world.as_owner():
        changed = WorkingHours.objects.using("owner").filter(
            clinic_id=scene.world.id, ends="10:00", deleted_at=None
        )
        assert changed.count() == 1


def test_a_closed_day_is_added_and_withdrawn(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.alice)
    page.goto(f"{scene.base}/hours/")
    page.get_by_role("link", name="Close the clinic").click()
    page.get_by_label("First day").fill("1 Jan 2030")
    page.get_by_label("What it is").fill("New year")
    page.get_by_test_id("preview-day").click()
    page.get_by_test_id("save").click()
    expect(page.get_by_role("cell", name="New year")).to_be_visible()
    page.get_by_role("button", name="Withdraw: Tue 1 Jan 2030").click()
    expect(page.locator("#toast")).to_contain_text("Withdrawn: closed days.")
    expect(page.get_by_role("cell", name="New year")).to_have_count(0)
