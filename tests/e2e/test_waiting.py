"""The waiting list in a browser: from a cancellation to a patient's yes on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.booking.waiting import cancel, entry, offers, patient, slot_of, waits
from tests.booking.waiting import visit as booked
from tests.e2e.fit import SIZES, assert_fit_everywhere
from tests.e2e.scene import Scene

pytestmark = pytest.mark.ui


def test_a_freed_time_finds_its_patient(scene: Scene, visit: Callable[..., Page]) -> None:
    """Added at the desk, freed by a cancellation, accepted through the link without an account."""
    world = scene.world
    who = waits(world, patient(world, full_name="Ana Weber"))
    page = visit(world.bob)
    page.goto(f"{scene.base}/waiting-list/")
    expect(page.get_by_test_id("waits")).to_contain_text("Ana Weber")
    assert cancel(world, booked(world, slot_of(world))).ok
    page.reload()
    row = page.get_by_test_id("offer")
    expect(row).to_contain_text("Ana Weber")
    link = row.get_by_role("link", name="Patient's page").get_attribute("href")
    phone = visit(size=SIZES["phone"])
    phone.goto(link)
    expect(phone.get_by_test_id("offer-page")).not_to_contain_text("Ana")
    phone.get_by_test_id("accept").click()
    expect(phone.get_by_role("heading", name="Booked")).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("offer")).to_have_count(0)
    expect(page.get_by_test_id("fill-rate")).to_contain_text("100%")
    assert entry(world, who.pk).status == "booked"


def test_the_pages_are_for_everyone(scene: Scene, visit: Callable[..., Page]) -> None:
    world = scene.world
    who, _ = waits(world, patient(world)), waits(world)
    assert cancel(world, booked(world, slot_of(world))).ok
    page = visit(world.bob, size=SIZES["phone"])
    page.trouble.expect(404, 410, 422)
    page.goto(f"{scene.base}/waiting-list/")
    assert_fit_everywhere(page, "waiting list")
    link = page.get_by_role("link", name="Patient's page").get_attribute("href")
    for pk in (offers(world)[0].entry_id, who.pk):
        page.goto(f"{scene.base}/waiting-list/{pk}/")
        assert_fit_everywhere(page, "entry")
    page.goto(f"{scene.base}/waiting-list/new/?q=ad")
    page.get_by_test_id("patient-option").first.click()
    page.locator("#id_latest").fill("2020-01-01")
    page.get_by_test_id("save").click()
    expect(page.locator("#problem")).to_be_focused()
    assert_fit_everywhere(page, "entry refused")
    page.goto(str(link))
    assert_fit_everywhere(page, "offer")
    page.get_by_test_id("decline").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert_fit_everywhere(page, "declined")
    page.goto("/offers/nothing/")
    assert_fit_everywhere(page, "no link")
