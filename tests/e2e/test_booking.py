"""The receptionist books: by mouse, by keyboard, and with JavaScript off."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from clinic.models import Patient
from tests.e2e.keys import Keys
from tests.e2e.scene import Scene
from tests.factories import PASSWORD

pytestmark = pytest.mark.ui


def number_in(page: Page, scene: Scene) -> str:
    """The appointment number that the notice gives."""
    notice = page.get_by_test_id("booked")
    expect(notice).to_be_visible()
    found = re.search(rf"{scene.world.clinic.code}-\d{{8}}-\d{{4}}", notice.inner_text())
    assert found, notice.inner_text()
    return found.group()


def sign_in(page: Page, scene: Scene) -> None:
    page.goto("/login/")
    page.get_by_test_id("email").fill(scene.world.bob.email)
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("submit").click()


def assert_booked(page: Page, scene: Scene, slot_id: str | None) -> None:
    """The newest appointment is the one the page speaks of, at that slot, for Grace."""
    number = number_in(page, scene)
    newest = scene.appointments()[-1]
    assert newest.appointment_number == number
    assert str(newest.slot_id) == slot_id
    assert newest.patient_id == scene.patients[0].id
    assert newest.booked_by_id == scene.world.bob.id
    card = page.locator(f'[data-testid="appointment"][data-appointment-id="{newest.id}"]')
    expect(card).to_contain_text("Grace Adeyemi")
    expect(card).to_be_focused()


def test_by_mouse(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit()
    sign_in(page, scene)
    page.get_by_label("Day after").click()
    expect(page.locator("h1")).to_have_text(
        f"{scene.tomorrow:%A} {scene.tomorrow.day} {scene.tomorrow:%B %Y}"
    )
    slot = page.get_by_test_id("slot-free").first
    slot_id = slot.get_attribute("data-slot-id")
    slot.click()
    expect(page.get_by_test_id("booking-form")).to_be_visible()
    expect(page.get_by_test_id("patient-search")).to_be_focused()
    page.get_by_test_id("patient-search").press_sequentially("ad")
    page.get_by_test_id("patient-option").filter(has_text="Grace").click()
    page.get_by_test_id("book").click()
    assert_booked(page, scene, slot_id)


def test_by_keyboard_alone_in_twenty_keys(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit()
    sign_in(page, scene)
    page.wait_for_url("**/schedule/**")
    keys = Keys(page)
    keys.press("Tab", "Tab", "Enter", "Shift+PageDown")
    page.wait_for_url(f"**{scene.day}")
    first = page.get_by_test_id("slot-free").first
    expect(first).to_be_focused()
    slot_id = first.get_attribute("data-slot-id")
    keys.press("Enter")
    expect(page.get_by_test_id("patient-search")).to_be_focused()
    keys.press("a", "d")
    expect(page.get_by_test_id("patient-option")).to_have_count(2)
    keys.press("ArrowDown", "Enter")
    expect(page.get_by_test_id("patient-search")).to_have_value("Grace Adeyemi")
    keys.press("Enter")
    assert_booked(page, scene, slot_id)
    assert keys.count <= 20


def test_without_javascript(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(java_script_enabled=False)
    sign_in(page, scene)
    page.get_by_label("Day after").click()
    slot = page.get_by_test_id("slot-free").first
    slot_id = slot.get_attribute("data-slot-id")
    slot.click()
    page.locator("#reason").fill("Cough")
    page.get_by_test_id("patient-search").fill("ad")
    page.get_by_test_id("patient-search").press("Enter")
    page.get_by_test_id("patient-option").filter(has_text="Grace").click()
    expect(page.locator("#reason")).to_have_value("Cough")
    page.get_by_test_id("book").click()
    assert_booked(page, scene, slot_id)
    assert scene.appointments()[-1].visit_reason == "Cough"


def assert_registered(page: Page, scene: Scene) -> None:
    """The newest appointment is that of the one new patient."""
    number = number_in(page, scene)
    newest = scene.appointments()[-1]
    assert newest.appointment_number == number
    with scene.world.as_owner():
        patient = Patient.objects.using("owner").get(pk=newest.patient_id)
    assert (patient.full_name, patient.date_of_birth) == ("Ida Newcomer", dt.date(1984, 3, 12))
    assert (patient.gender, str(patient.phone)) == ("female", "+6581234567")
    expect(page.get_by_test_id("appointment").filter(has_text="Ida Newcomer")).to_be_visible()


def test_somebody_new_by_keyboard(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob)
    page.goto(scene.day)
    slot = page.get_by_test_id("slot-free").first
    slot.focus()
    keys = Keys(page)
    keys.press("Enter")
    expect(page.get_by_test_id("patient-search")).to_be_focused()
    keys.press(*"Ida Newcomer")
    expect(page.get_by_test_id("patient-new")).to_have_text("Add “Ida Newcomer” as a new patient")
    keys.press("ArrowUp", "Enter")
    expect(page.get_by_label("Full name")).to_be_focused()
    expect(page.get_by_label("Full name")).to_have_value("Ida Newcomer")
    keys.press("Tab", *"12/3/84", "Tab", "f", "Tab", *"81234567", "Enter")
    assert_registered(page, scene)
    assert keys.count <= 36


def test_what_is_typed_of_somebody_new_is_not_lost(
    scene: Scene, visit: Callable[..., Page]
) -> None:
    """Escape closed the panel, and a letter in the search box emptied the fields."""
    page = visit(scene.world.bob)
    page.goto(scene.day)
    page.get_by_test_id("slot-free").first.click()
    search, born = page.get_by_test_id("patient-search"), page.locator("#id_date_of_birth")
    search.press_sequentially("Ida")
    page.get_by_test_id("patient-new").click()
    born.fill("12/3/84")
    born.press("Escape")
    expect(born).to_have_value("12/3/84")
    search.press_sequentially("x")
    expect(page.locator("#patient-count")).to_contain_text("xIda")
    expect(page.get_by_test_id("patient-new")).to_have_count(0)
    expect(born).to_have_value("12/3/84")
    search.fill("grace")
    page.get_by_test_id("patient-option").filter(has_text="Grace Adeyemi").click()
    expect(born).to_have_count(0)
    page.get_by_test_id("book").click()
    number_in(page, scene)
    assert scene.appointments()[-1].patient_id == scene.patients[0].id


def test_somebody_new_without_javascript(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob, java_script_enabled=False)
    page.goto(scene.day)
    page.get_by_test_id("slot-free").first.click()
    page.get_by_test_id("patient-search").fill("Ida Newcomer")
    page.get_by_test_id("patient-search").press("Enter")
    page.get_by_label("Date of birth", exact=True).fill("12/3/84")
    page.get_by_label("Phone (optional)").fill("8123 4567")
    page.get_by_label("Gender").select_option("female")
    page.get_by_test_id("book").click()
    assert_registered(page, scene)


def test_forgetting_the_patient_keeps_what_was_typed(
    scene: Scene, visit: Callable[..., Page]
) -> None:
    page = visit(scene.world.bob)
    page.trouble.expect(422)
    page.goto(scene.day)
    page.get_by_test_id("slot-free").first.click()
    page.locator("#reason").fill("Cough")
    page.locator("#kind").select_option("screening")
    page.get_by_test_id("book").click()
    expect(page.locator("#problem")).to_contain_text("Choose a patient from the list")
    expect(page.get_by_test_id("patient-search")).to_be_focused()
    expect(page.locator("#reason")).to_have_value("Cough")
    expect(page.locator("#kind")).to_have_value("screening")
    expect(page).to_have_title(re.compile("^Error: "))


def test_two_presses_make_one_booking(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob)
    page.goto(scene.day)
    page.get_by_test_id("slot-free").first.click()
    page.get_by_test_id("patient-search").press_sequentially("grace")
    page.get_by_test_id("patient-option").click()
    before = len(scene.appointments())
    posts: list[str] = []
    page.on("request", lambda r: posts.append(r.url) if r.method == "POST" else None)
    page.get_by_test_id("book").evaluate("button => { button.click(); button.click(); }")
    number_in(page, scene)
    assert len(posts) == 1
    assert len(scene.appointments()) == before + 1


def test_an_empty_style_that_somebody_left_is_not_carried_over(
    scene: Scene, visit: Callable[..., Page]
) -> None:
    """As password managers and screenshots leave it: the policy of the page allows none at all."""
    page = visit(scene.world.bob)
    page.goto(scene.day)
    page.locator("#goto").evaluate(
        "field => { field.style.color = 'red'; field.style.color = ''; }"
    )
    assert page.locator("#goto").get_attribute("style") == ""
    page.locator("#day-after").click()
    expect(page.locator("h1")).to_contain_text(str((scene.tomorrow + dt.timedelta(1)).day))
    expect(page.locator("#goto")).not_to_have_attribute("style", re.compile(""))
