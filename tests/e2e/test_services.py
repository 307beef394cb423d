"""A service at the desk, in a browser: chosen with its length, drawn over its rows."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.booking.serving import make_pool, make_service, slots_of, taken
from tests.e2e.fit import SIZES, assert_fit_everywhere, resize
from tests.e2e.scene import Scene

pytestmark = pytest.mark.ui


@pytest.fixture
def scan(scene: Scene) -> str:
    pool = make_pool(scene.world, 1)
    service = make_service(scene.world, 45, name="Ultrasound scan", buffers=(0, 15), pools=[pool])
    return str(service.id)


def test_booking_a_service(scene: Scene, scan: str, visit: Callable[..., Page]) -> None:
    world = scene.world
    page = visit(world.bob, size=SIZES["phone"])
    slot = next(s for s in slots_of(world) if s.slot_date == scene.tomorrow)
    page.goto(f"{scene.base}/appointments/new/?slot={slot.id}")
    page.get_by_test_id("patient-search").press_sequentially("grace")
    page.get_by_test_id("patient-option").first.click()
    choice = page.get_by_test_id("kind")
    expect(choice.locator(f'option[value="{scan}"]')).to_have_text(
        "Ultrasound scan, 45 min, until 09:45"
    )
    choice.select_option(scan)
    expect(choice).to_have_value(scan)
    assert_fit_everywhere(page, "booking a service")
    page.get_by_test_id("book").click()
    expect(page.get_by_test_id("booked")).to_be_visible()
    expect(page.get_by_test_id("places")).to_have_text("Ultrasound room 1")
    assert_fit_everywhere(page, "a service")
    made = scene.appointments()[-1]
    assert taken(world, made.id) == ["09:00", "09:15", "09:30", "09:45"]
    resize(page, "desk")
    card = page.locator(f'[data-appointment-id="{made.id}"]')
    row = page.get_by_test_id("slot-free").first.bounding_box()
    box = card.bounding_box()
    assert row
    assert box
    assert box["height"] > 2.5 * row["height"]
    free = page.locator(f'[data-testid="slot-free"][data-doctor-id="{world.doctor.id}"]')
    expect(free.first).to_contain_text("10:00")
