"""Forty patients of a doctor who is ill, settled by one person: how long it takes, and how."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.booking.away import Away, make_away
from tests.e2e.fit import SIZES, assert_fit_everywhere
from tests.e2e.keys import Keys

pytestmark = pytest.mark.ui

# The Keystroke-Level Model, seconds: see the front desk's tasks.
KEY, POINT, PRESS, HOME, THINK, ANSWER = 0.28, 1.1, 0.2, 0.4, 1.35, 0.3


class Person:
    """Counts what a trained person does, and what they look at."""

    def __init__(self) -> None:
        self.clicks = self.answers = self.thoughts = 0

    def click(self, target: Locator, *, answer: bool = False) -> None:
        target.click()
        self.clicks += 1
        self.answers += answer

    def seconds(self) -> float:
        pointing = self.clicks * (POINT + PRESS)
        return HOME + pointing + self.answers * ANSWER + self.thoughts * THINK


@pytest.fixture
def ward() -> Away:
    return make_away(40, doctors=5, days=3, busy=0.5)


def day(ward: Away) -> str:
    visit = ward.visits()[0]
    return f"/c/{ward.world.clinic.code}/schedule/{visit.appointment_date}/"


def test_forty_patients_in_under_two_minutes(ward: Away, visit: Callable[..., Page]) -> None:
    page, person = visit(ward.world.bob), Person()
    page.goto(day(ward))
    person.thoughts += 1
    person.click(
        page.get_by_role("link", name=re.compile("Record absence ?: Dr Chen", re.I)), answer=True
    )
    person.thoughts += 1
    person.click(page.get_by_test_id("record-absence"), answer=True)
    rows = page.get_by_test_id("absence-row")
    expect(rows).to_have_count(40)
    person.thoughts += 40  # each row is read and judged
    for number in range(0, 40, 5):  # every fifth is decided otherwise than proposed
        kind = "Ask" if number % 2 else "Cancel"
        person.click(rows.nth(number).get_by_label(kind, exact=True))
    person.thoughts += 1
    person.click(page.get_by_test_id("apply").first, answer=True)
    expect(page.get_by_test_id("absence-applied")).to_contain_text("40 visits settled")
    expect(page.get_by_test_id("nothing-left")).to_be_visible()
    assert person.clicks == 11
    print(f"{person.clicks} clicks, {person.seconds():.1f} s")
    assert person.seconds() < 120
    person.click(page.get_by_test_id("undo-absence"), answer=True)
    expect(page.get_by_test_id("absence-undone")).to_contain_text("40 visits as before")


def test_by_keyboard_alone(ward: Away, visit: Callable[..., Page]) -> None:
    page = visit(ward.world.bob)
    page.goto(f"/c/{ward.world.clinic.code}/absences/?doctor={ward.world.doctor.id}"
              f"&day={ward.visits()[0].appointment_date}")  # fmt: skip
    page.locator("#note").focus()
    keys = Keys(page)
    keys.press("Enter")
    rows = page.get_by_test_id("absence-row")
    expect(rows).to_have_count(40)
    keys.press("Tab", "Enter")  # skip to content
    reach(keys, "apply")
    expect(page.get_by_test_id("apply")).to_be_focused()
    page.locator('[name^="choice-"]:checked').first.focus()
    keys.press("ArrowRight")
    keys.press("Enter")  # in any field, as the button does
    expect(page.get_by_test_id("absence-applied")).to_be_visible()
    assert keys.count < 20


def reach(keys: Keys, testid: str, most: int = 10) -> None:
    """Tab until the element with this test id has the focus."""
    for _ in range(most):
        if keys.page.evaluate("document.activeElement.dataset.testid") == testid:
            return
        keys.press("Tab")


def test_without_javascript(ward: Away, visit: Callable[..., Page]) -> None:
    page = visit(ward.world.bob, java_script_enabled=False)
    page.goto(day(ward))
    page.get_by_role("link", name=re.compile("Record absence ?: Dr Chen", re.I)).click()
    page.get_by_test_id("record-absence").click()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_test_id("counts")).to_have_text("40 ask")
    page.get_by_test_id("apply").first.click()
    expect(page.get_by_test_id("asked-row")).to_have_count(40)
    page.get_by_test_id("asked-row").first.get_by_text("Declined").click()
    expect(page.get_by_test_id("asked-row")).to_have_count(39)
    expect(page.get_by_test_id("absence-row")).to_have_count(1)


def test_for_everyone(visit: Callable[..., Page], tmp_path: Any) -> None:
    ward = make_away(8, doctors=2)
    page = visit(ward.world.bob, size=SIZES["phone"])
    page.trouble.expect(409, 422)  # type: ignore[attr-defined]
    page.goto(f"/c/{ward.world.clinic.code}/absences/")
    assert_fit_everywhere(page, "absences")
    page.get_by_test_id("record-absence").click()
    expect(page.locator("#problem")).to_be_focused()
    assert_fit_everywhere(page, "absences refused")
    page.locator("#doctor").select_option(label="Dr Chen")
    page.locator("#first_day").fill(ward.visits()[0].appointment_date.isoformat())
    page.get_by_test_id("record-absence").click()
    rows = page.get_by_test_id("absence-row")
    expect(rows).to_have_count(8)
    assert_fit_everywhere(page, "absence")
    rows.nth(0).get_by_label("Ask", exact=True).check()
    rows.nth(1).get_by_label("Cancel", exact=True).check()
    rows.nth(2).get_by_label("Leave for now").check()
    page.get_by_test_id("apply").first.click()
    expect(page.get_by_test_id("asked-row")).to_have_count(1)
    assert_fit_everywhere(page, "absence half done")
