"""The admin in a real browser: no breach of the CSP, nothing for axe, and its parts do work."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.adminrows import admin_url, book, stored
from tests.e2e.fit import assert_size, findings
from tests.e2e.scene import Scene

pytestmark = pytest.mark.ui

DESK, TABLET = {"width": 1440, "height": 900}, {"width": 1024, "height": 768}
LISTS = ["Appointment", "AuditLog", "Doctor", "Patient", "Payment", "QueueEntry", "User"]
FORMS = ["Appointment", "Doctor", "DoctorLeave", "Membership", "Patient", "Payment", "Staff",
         "User", "WorkingHours"]  # fmt: skip
HIDDEN = ("1x1 ", "skip-to-content-link")  # the select below a picker; the skip link
# Boxes that scripts hang on the body are of no region.
HUNG = {"region": {"enabled": False}}
# The same on every page beside a list or a form: the first list's is looked at.
SIDEBAR = ["#nav-sidebar"]
# Closed calendars and clocks are most of a form's elements; axe says nothing of what is hidden.
CLOSED = """() => document.querySelectorAll('.calendarbox, .clockbox')
    .forEach((box) => box.checkVisibility() || box.remove())"""


def assert_fit(
    page: Page, where: str, rules: dict[str, Any] | None = None, *, without: Sequence[str] = ()
) -> None:
    """As for the front desk: nothing for axe in either theme, no small target, not too wide."""
    assert findings(page, rules, without) == [], where
    assert_size(page, where, HIDDEN)


def assert_fit_both(page: Page, where: str, *, without: Sequence[str] = ()) -> None:
    """On a tablet axe finds what it finds at a desk; only sizes are looked at again."""
    assert_fit(page, where, without=without)
    page.set_viewport_size(TABLET)
    assert_size(page, f"{where}, tablet", HIDDEN)
    page.set_viewport_size(DESK)


@pytest.fixture
def alice(scene: Scene, visit: Callable[..., Page]) -> Page:
    return visit(scene.world.alice)


def test_index_and_lists(scene: Scene, alice: Page) -> None:
    page = alice
    for number, name in enumerate(["", *(f"{name}/" for name in LISTS)]):
        page.goto(admin_url(scene.world, name))
        assert_fit_both(page, name or "index", without=SIDEBAR if number > 1 else ())


def test_forms(scene: Scene, alice: Any) -> None:
    page = alice
    page.trouble.expect(422)
    for name in FORMS:
        page.goto(admin_url(scene.world, f"{name}/add/"))
        page.locator("[name=_save]").click()
        expect(page.locator(".errornote")).to_be_visible()
        page.evaluate(CLOSED)
        assert_fit(page, f"{name} with errors", without=SIDEBAR)


def test_rows_and_histories(scene: Scene, alice: Page) -> None:
    world, page = scene.world, alice
    pages = [f"Doctor/{world.doctor.id}/change/", f"Doctor/{world.doctor.id}/history/",
             f"Patient/{world.patient.id}/change/", f"Patient/{world.patient.id}/history/",
             f"User/{world.bob.id}/change/", f"User/{world.bob.id}/password/", "Clinic/",
             f"Appointment/{book(world)}/change/", "password_change/"]  # fmt: skip
    for name in pages:
        page.goto(admin_url(world, name))
        page.evaluate(CLOSED)
        assert_fit_both(page, name, without=SIDEBAR)


def choose(page: Page, field: str, text: str, wanted: str) -> None:
    """Pick by keyboard in the picker of a field."""
    picker = page.locator(f".field-{field} [role=combobox]")
    picker.focus()
    picker.press("Enter")
    page.locator(".select2-search__field").press_sequentially(text)
    expect(page.locator(".select2-results__option--highlighted")).to_contain_text(wanted)
    page.locator(".select2-search__field").press("Enter")


def test_booking_through_the_pickers(scene: Scene, alice: Page) -> None:
    alice.goto(admin_url(scene.world, "Appointment/add/"))
    choose(alice, "patient", "grace", "Grace Adeyemi")
    expect(alice.locator(".field-patient [role=textbox]")).to_contain_text("P1001")
    expect(alice.get_by_role("combobox", name="Patient")).to_have_count(1)
    alice.locator(".field-slot .select2-selection").click()
    alice.locator(".select2-search__field").press_sequentially("tomorrow chen")
    expect(alice.locator(".select2-results__option").first).to_contain_text("Dr Chen")
    assert_fit(alice, "picker open")
    alice.locator(".select2-results__option").first.click()
    alice.locator("#id_visit_reason").fill("Cough")
    alice.locator("[name=_save]").click()
    expect(alice.locator(".messagelist .success")).to_contain_text("was added")
    assert scene.appointments()[-1].visit_reason == "Cough"


def test_calendar_clock_and_rows_that_are_added(scene: Scene, alice: Page) -> None:
    world = scene.world
    alice.goto(admin_url(world, f"Doctor/{world.doctor.id}/change/"))
    alice.get_by_role("button", name="Add another Doctor leave").or_(
        alice.locator("#leave-group .add-row a")
    ).first.click()
    row = alice.locator("#leave-0")
    row.locator("[name=leave-0-starts_at_0]").fill("2030-05-01")
    row.locator("[name=leave-0-starts_at_1]").fill("09:00")
    row.locator(".date-icon").last.click()
    alice.locator(".calendarbox:visible .calendar-cancel a").click()
    row.locator(".clock-icon").last.click()
    alice.locator(".clockbox:visible .timelist a").first.click()
    row.locator("[name=leave-0-ends_at_0]").fill("2030-05-02")
    row.locator("[name=leave-0-reason]").fill("Congress")
    alice.locator("[name=_save]").click()
    expect(alice.locator(".messagelist .success")).to_contain_text("Dr Chen")
    alice.goto(admin_url(world, "DoctorLeave/"))
    expect(alice.locator("#result_list")).to_contain_text("1 May 2030, 09:00")
    alice.goto(admin_url(world, "DoctorLeave/add/"))
    alice.locator(".date-icon").last.click()
    expect(alice.locator(".calendarbox:visible")).to_be_visible()
    alice.evaluate(CLOSED)
    assert_fit(alice, "calendar open", HUNG)


def test_adding_in_a_popup(scene: Scene, alice: Page) -> None:
    """A new patient in the middle of a booking; the picker holds them afterwards."""
    alice.goto(admin_url(scene.world, "Appointment/add/"))
    with alice.expect_popup() as opened:
        alice.locator("#add_id_patient").click()
    popup = opened.value
    popup.locator("#id_full_name").fill("Pop Upson")
    popup.locator("#id_date_of_birth").fill("1990-01-02")
    popup.locator("#id_gender").select_option("female")
    with popup.expect_event("close"):
        popup.locator("[name=_save]").click()
    expect(alice.locator(".field-patient [role=textbox]")).to_contain_text("Pop Upson")


def test_cancelling_several(scene: Scene, alice: Page) -> None:
    world = scene.world
    pk = book(world)
    number = stored(world, "Appointment", pk)["appointment_number"]
    alice.goto(admin_url(world, f"Appointment/?q={number}"))
    alice.locator(".action-select").check()
    alice.locator("[name=action]").select_option("cancel")
    alice.get_by_role("button", name="Go").click()
    expect(alice.locator(".chosen")).to_contain_text(number)
    assert_fit(alice, "in between")
    alice.locator("#id_reason").fill("Doctor ill")
    alice.get_by_role("button", name="Cancel these appointments").click()
    expect(alice.locator("main [role=status]")).to_have_text("1 done, 0 not.")
    assert_fit(alice, "report")
    alice.goto(admin_url(world, f"Appointment/{pk}/history/"))
    expect(alice.locator(".trail")).to_contain_text("Doctor ill")


def test_theme_sidebar_and_ways_out(scene: Scene, alice: Page) -> None:
    world = scene.world
    alice.goto(admin_url(world, "Doctor/"))
    themes = []
    for _ in range(3):
        alice.get_by_role("button", name="Toggle theme").click()
        themes.append(alice.locator("html").get_attribute("data-theme"))
    assert themes == ["dark", "light", "auto"]
    alice.get_by_placeholder("Start typing to filter").fill("leave")
    expect(alice.locator("#nav-sidebar .model-doctor")).to_be_hidden()
    expect(alice.locator("#nav-sidebar .model-doctorleave")).to_be_visible()
    alice.get_by_role("link", name="Front desk").click()
    alice.wait_for_url(f"**{scene.base}/schedule/**")
    alice.goto(admin_url(world))
    alice.get_by_role("button", name="Sign out").click()
    alice.wait_for_url("**/login/")


def test_reception_sees_their_part(scene: Scene, visit: Callable[..., Page]) -> None:
    page: Any = visit(scene.world.bob)
    page.trouble.expect(403)
    page.goto(admin_url(scene.world))
    expect(page.get_by_role("link", name="Audit log")).to_have_count(0)
    assert_fit(page, "reception")
    page.goto(admin_url(scene.world, "AuditLog/"))
    expect(page.locator("h1")).to_have_text("You do not have access to this")
