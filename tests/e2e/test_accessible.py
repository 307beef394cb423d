"""For everyone: axe finds nothing, focus is seen, targets are large enough, in light and dark."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.fit import SIZES, assert_fit_everywhere
from tests.e2e.scene import Scene, take
from tests.factories.people import MembershipFactory

pytestmark = pytest.mark.ui


def test_pages_before_and_beside_a_clinic(scene: Scene, visit: Callable[..., Page]) -> None:
    world = scene.world
    guest = visit(size=SIZES["phone"])
    guest.trouble.expect(422)
    guest.goto("/login/")
    assert_fit_everywhere(guest, "login")
    guest.get_by_test_id("submit").click()
    expect(guest.locator("#problem")).to_be_visible()
    assert_fit_everywhere(guest, "login refused")
    with world.as_owner():
        MembershipFactory(clinic=world.clinic, user=world.bob, role="admin")
    chen = visit(world.chen, size=SIZES["phone"])
    chen.goto(f"{scene.base}/calendar/")
    chen.get_by_test_id("calendar-make").click()
    expect(chen.get_by_test_id("calendar-address")).to_have_value(re.compile("/calendar/.{43}.ics"))
    assert_fit_everywhere(chen, "calendars")
    page = visit(world.bob, size=SIZES["phone"])
    page.trouble.expect(404)
    page.goto("/clinics/")
    assert_fit_everywhere(page, "chooser")
    page.goto(f"{scene.base}/nothing/")
    assert_fit_everywhere(page, "404")
    stranger = visit(world.dana, size=SIZES["phone"])
    stranger.trouble.expect(403)
    stranger.goto(scene.day)
    assert_fit_everywhere(stranger, "403")


def test_pages_of_the_desk(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob, size=SIZES["phone"])
    page.trouble.expect(409, 422)
    page.goto(f"{scene.day}?cancelled=1")
    assert_fit_everywhere(page, "day")
    page.goto(f"{scene.base}/patients/?q=ad")
    assert_fit_everywhere(page, "search")
    page.goto(f"{scene.base}/patients/new/?q=ida")
    assert_fit_everywhere(page, "registration")
    page.goto(f"{scene.base}/find/?pack=1")
    assert_fit_everywhere(page, "find")
    page.goto(f"{scene.base}/find/?part=evening")
    assert_fit_everywhere(page, "find nothing")
    page.goto(f"{scene.base}/find/?from=soonish")
    assert_fit_everywhere(page, "find refused")
    page.goto(scene.day)
    page.get_by_test_id("appointment").filter(has_text="Booked").first.click()
    cancel = page.locator("#panel details.cancel")
    cancel.locator("summary").click()
    expect(cancel).to_have_attribute("open", "")
    assert_fit_everywhere(page, "appointment")
    page.goto(scene.day)
    slot = page.get_by_test_id("slot-free").first
    slot_id = slot.get_attribute("data-slot-id") or ""
    slot.click()
    page.get_by_test_id("patient-search").press_sequentially("ad")
    expect(page.get_by_test_id("patient-option")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    assert_fit_everywhere(page, "options")
    page.get_by_test_id("book").click()
    expect(page.locator("#problem")).to_be_visible()
    assert_fit_everywhere(page, "booking refused")
    page.get_by_test_id("patient-search").fill("Grace Adeyemi")
    page.get_by_test_id("patient-new").filter(has_text="Grace Adeyemi").click()
    page.get_by_test_id("book").click()
    expect(page.get_by_label("Date of birth", exact=True)).to_be_focused()
    assert_fit_everywhere(page, "registration refused")
    page.get_by_label("Date of birth", exact=True).fill("12/3/84")
    page.get_by_label("Gender").select_option("female")
    page.get_by_test_id("book").click()
    expect(page.get_by_test_id("alike").first).to_be_visible()
    assert_fit_everywhere(page, "somebody like it")
    page.get_by_test_id("alike").first.click()
    take(scene, slot_id)
    page.get_by_test_id("book").click()
    expect(page.get_by_test_id("conflict")).to_be_visible()
    assert_fit_everywhere(page, "conflict")


def test_pages_of_working_time(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.alice, size=SIZES["phone"])
    page.trouble.expect(422)
    page.goto(f"{scene.base}/hours/")
    assert_fit_everywhere(page, "hours")
    page.get_by_role("link", name="Change the hours of").first.click()
    expect(page.get_by_test_id("preview-hours")).to_be_visible()
    assert_fit_everywhere(page, "hours of a doctor")
    page.locator("[name=hours-0-ends]").fill("noon")
    page.get_by_test_id("preview-hours").click()
    expect(page.locator("#problem")).to_be_visible()
    assert_fit_everywhere(page, "hours refused")
    page.locator("[name=hours-0-ends]").fill("10:30")
    page.get_by_test_id("preview-hours").click()
    expect(page.get_by_test_id("preview")).to_be_visible()
    assert_fit_everywhere(page, "hours previewed")
    for kind in ("holiday", "session", "leave"):  # refused is all of the form and what is wrong
        page.goto(f"{scene.base}/hours/add/{kind}/")
        page.get_by_test_id("preview-day").click()
        expect(page.locator("#problem")).to_be_visible()
        assert_fit_everywhere(page, f"{kind} refused")


FOCUS = """() => {
  const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
  const points = [.2, .5, .8].flatMap((x) => [.3, .5, .7].map((y) => [x, y]));
  const hits = points.filter(([x, y]) => {
    const hit = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return hit && (e.contains(hit) || hit.contains(e));
  });
  return { tag: e.tagName, hidden: hits.length === 0,
    outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 };
}"""


@pytest.mark.parametrize("size", ["desk", "tablet"])
def test_focus_is_seen_wherever_it_goes(
    scene: Scene, visit: Callable[..., Page], size: str
) -> None:
    page = visit(scene.world.bob, size=SIZES[size])
    page.goto(scene.day)
    for _ in range(24):
        page.keyboard.press("Tab")
        seen = page.evaluate(FOCUS)
        if seen["tag"] == "BODY":
            break
        assert (seen["outline"], seen["hidden"]) == (True, False), seen
    page.get_by_test_id("slot-free").first.focus()
    path = ["ArrowDown"] * 12 + ["ArrowRight"] * 4 + ["PageDown"] * 3 + ["End", "Home", "PageUp"]
    for key in path + ["ArrowLeft", "ArrowUp"] * 3:
        page.keyboard.press(key)
        seen = page.evaluate(FOCUS)
        assert seen == {"tag": "A", "hidden": False, "outline": True}, key
    expect(page.locator('.grid [tabindex="0"]')).to_have_count(1)


def test_arrows_go_where_they_point(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob)
    page.goto(scene.day)
    start = page.get_by_test_id("slot-free").first
    doctor = start.get_attribute("data-doctor-id") or ""
    start.focus()
    page.keyboard.press("ArrowDown")
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("data-start", re.compile("T09:15:00"))
    expect(focused).to_have_attribute("data-doctor-id", doctor)
    page.keyboard.press("End")
    expect(focused).to_have_attribute("data-c", "4")
    page.keyboard.press("Home")
    expect(focused).to_have_attribute("data-doctor-id", doctor)


def test_keys_can_be_switched_off(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob)
    page.goto(scene.day)
    page.keyboard.press("?")
    expect(page.locator("#me")).to_have_attribute("open", "")
    page.get_by_label("Use the keys").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("/")
    expect(page.locator("#find")).not_to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#me")).not_to_have_attribute("open", "")


def test_a_page_is_light(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob, fresh=True)
    sizes: list[tuple[str, int]] = []
    page.on("response", lambda r: sizes.append((r.url, len(r.body()))))
    page.goto(scene.day, wait_until="networkidle")
    assert page.evaluate("document.querySelectorAll('*').length") <= 1800
    assert len(sizes) <= 10, [url for url, _ in sizes]
    ours = [size for url, size in sizes if "/rowan" in url]
    assert len(ours) == 1
    assert ours[0] < 4096
    shift = """() => new Promise((done) => new PerformanceObserver((list) => done(
      list.getEntries().reduce((sum, e) => sum + e.value, 0)))
      .observe({ type: 'layout-shift', buffered: true }) || setTimeout(() => done(0), 300))"""
    assert page.evaluate(shift) <= 0.02
