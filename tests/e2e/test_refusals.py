"""What the pages do when the answer is no: taken, used before, cancelled, not yours."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from booking.services.appointments import book_appointment
from tests.e2e.scene import Scene

pytestmark = pytest.mark.ui


def open_form(page: Page, scene: Scene, patient: str) -> str:
    """A booking form for the first free time, with the patient chosen. Returns the slot's id."""
    page.goto(scene.day)
    slot = page.get_by_test_id("slot-free").first
    slot_id = slot.get_attribute("data-slot-id") or ""
    slot.click()
    page.get_by_test_id("patient-search").press_sequentially(patient)
    page.get_by_test_id("patient-option").first.click()
    return slot_id


def book_behind(scene: Scene, slot_id: str, patient: Any, key: str = "behind") -> Any:
    """Alice is quicker, once the form's hold is over."""
    scene.end_hold(slot_id)
    with scene.world.as_user(scene.world.alice):
        outcome = book_appointment(
            idempotency_key=key, user_id=scene.world.alice.id, clinic_id=scene.world.id,
            slot_id=slot_id, patient_id=patient.id,
        )  # fmt: skip
    assert outcome.ok
    return outcome


def test_conflict_keeps_the_patient_and_offers_times(
    scene: Scene, visit: Callable[..., Page]
) -> None:
    page = visit(scene.world.bob)
    page.trouble.expect(409)
    slot_id = open_form(page, scene, "grace")
    book_behind(scene, slot_id, scene.patients[2])
    page.get_by_test_id("book").click()
    conflict = page.get_by_test_id("conflict")
    expect(conflict).to_contain_text("That time has just been taken")
    expect(conflict).to_contain_text("Alice Admin booked")
    expect(conflict).to_contain_text("Nothing was booked for Grace Adeyemi")
    expect(conflict.locator("h2")).to_be_focused()
    expect(page.locator(f'[data-slot-id="{slot_id}"]')).to_have_count(0)
    offers = conflict.get_by_role("button", name=re.compile("^Book "))
    assert 1 <= offers.count() <= 6
    offered = offers.first.get_attribute("value")
    offers.first.click()
    expect(page.get_by_test_id("booked")).to_be_visible()
    newest = scene.appointments()[-1]
    assert newest.patient_id == scene.patients[0].id
    assert str(newest.slot_id) == offered != slot_id


def test_conflict_without_javascript(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob, java_script_enabled=False)
    page.trouble.expect(409)
    page.goto(scene.day)
    slot = page.get_by_test_id("slot-free").first
    slot_id = slot.get_attribute("data-slot-id") or ""
    slot.click()
    page.get_by_test_id("patient-search").fill("grace")
    page.get_by_role("button", name="Find").click()
    page.get_by_test_id("patient-option").click()
    book_behind(scene, slot_id, scene.patients[2])
    page.get_by_test_id("book").click()
    expect(page.get_by_test_id("conflict")).to_contain_text("Grace Adeyemi")
    page.get_by_test_id("conflict").get_by_role("button", name=re.compile("^Book ")).first.click()
    expect(page.get_by_test_id("booked")).to_be_visible()
    assert scene.appointments()[-1].patient_id == scene.patients[0].id


def test_a_used_form_does_not_book_another_patient(
    scene: Scene, visit: Callable[..., Page]
) -> None:
    page = visit(scene.world.bob)
    page.trouble.expect(422)
    open_form(page, scene, "grace")
    key = page.locator("[name=idempotency_key]").input_value()
    page.get_by_test_id("book").click()
    expect(page.get_by_test_id("booked")).to_be_visible()
    count = len(scene.appointments())
    open_form(page, scene, "oscar")
    page.locator("[name=idempotency_key]").evaluate("(field, key) => { field.value = key }", key)
    page.get_by_test_id("book").click()
    expect(page.locator("#panel")).to_contain_text("This form was already used")
    expect(page.locator("#panel")).to_contain_text("Nothing was booked for Oscar Adeyemi")
    assert len(scene.appointments()) == count


def test_cancelling_frees_the_time(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob)
    slot_id = open_form(page, scene, "grace")
    page.get_by_test_id("book").click()
    expect(page.get_by_test_id("booked")).to_be_visible()
    page.get_by_text("Cancel appointment").click()
    page.get_by_role("button", name="Patient asked to cancel").click()
    expect(page.get_by_test_id("cancelled")).to_contain_text("is free again")
    freed = page.locator(f'[data-testid="slot-free"][data-slot-id="{slot_id}"]')
    expect(freed).to_be_focused()
    expect(page.get_by_test_id("undo")).to_have_text("Undo: cancelled")
    newest = scene.appointments()[-1]
    assert (newest.status, newest.cancellation_reason) == ("cancelled", "Patient asked to cancel")
    assert scene.slot(slot_id).is_available is True


def test_enter_keeps_ones_own_words_for_a_cancellation(
    scene: Scene, visit: Callable[..., Page]
) -> None:
    """Enter presses the first button of a form, which must not be a reason."""
    page = visit(scene.world.bob)
    open_form(page, scene, "grace")
    page.get_by_test_id("book").click()
    expect(page.get_by_test_id("booked")).to_be_visible()
    page.get_by_text("Cancel appointment").click()
    page.get_by_label("Another reason").fill("Moved to Penang")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("cancelled")).to_be_visible()
    assert scene.appointments()[-1].cancellation_reason == "Moved to Penang"


def test_back_and_escape_lead_to_the_grid(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob)
    page.goto(scene.day)
    slot = page.get_by_test_id("slot-free").nth(2)
    slot.click()
    expect(page.get_by_test_id("patient-search")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("booking-form")).to_have_count(0)
    expect(slot).to_be_focused()
    page.wait_for_url(f"**{scene.day}")
    page.go_back()
    expect(page.get_by_test_id("booking-form")).to_be_visible()


def test_a_session_that_ended_under_an_open_page(scene: Scene, visit: Callable[..., Page]) -> None:
    page = visit(scene.world.bob)
    page.goto(scene.day)
    page.context.clear_cookies()
    page.get_by_test_id("slot-free").first.click()
    page.wait_for_url(re.compile(r"/login/\?next=/c/"))
    expect(page.get_by_test_id("email")).to_be_visible()
