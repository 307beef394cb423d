"""Appointments in the admin: booked and cancelled by the services, corrected by the grants."""

import datetime as dt
import re
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils.html import escape

from booking.models import Appointment, AppointmentSlot, Service
from tests.adminrows import admin_url, book, errors, form_data, stored
from tests.booking.serving import kept_for, make_pool, make_service, minutes_of
from tests.factories import DoctorFactory, PatientFactory, World


@pytest.fixture
def alice(world: World, login: Any) -> Client:
    world.make_slots(days=1)
    client: Client = login(world.alice)
    return client


def booking(world: World, slot: AppointmentSlot, **more: str) -> dict[str, str]:
    data = {
        "patient": str(world.patient.id), "slot": str(slot.id), "key": str(uuid.uuid4()),
        "appointment_type": "vaccination", "visit_reason": "Flu",
    }  # fmt: skip
    return data | more


def appointments(world: World) -> list[Appointment]:
    with world.as_owner():
        rows = Appointment.objects.using("owner").filter(clinic_id=world.id)
        return list(rows.order_by("created_at"))


def test_adding_is_booking(world: World, alice: Client) -> None:
    url, slot = admin_url(world, "Appointment/add/"), world.free_slots(1)[0]
    data = form_data(alice, url) | booking(world, slot)
    done = alice.post(url, data, follow=True)
    (made,) = appointments(world)
    assert made.appointment_number in done.content.decode()
    assert (made.slot_id, made.booked_by_id) == (slot.id, world.alice.id)
    assert (made.appointment_type, made.visit_reason) == ("vaccination", "Flu")
    assert stored(world, "AppointmentSlot", slot.id)["appointment_id"] == made.id
    again = alice.post(url, data, follow=True)
    assert made.appointment_number in again.content.decode(), "the same key is the same booking"
    assert appointments(world) == [made]


def test_adding_with_a_service_takes_its_time_and_its_room(world: World, alice: Client) -> None:
    room = make_pool(world, 1)
    scan = make_service(
        world, 45, name="Ultrasound scan", pools=[room], appointment_type="screening"
    )
    with world.as_owner():
        gone = Service.objects.using("owner").create(
            clinic=world.clinic, name="Given up", code="gone", duration_minutes=15, is_active=False
        )
    url, slot = admin_url(world, "Appointment/add/"), world.free_slots(1)[0]
    form = alice.get(url).content.decode()
    assert f'<option value="{scan.id}">Ultrasound scan</option>' in form
    assert str(gone.id) not in form
    assert alice.post(url, booking(world, slot, service=str(scan.id))).status_code == 302
    (made,) = appointments(world)
    assert (made.service_id, made.appointment_type) == (scan.id, "screening")
    assert minutes_of(made) == 45
    assert kept_for(world, made.id) == ["Ultrasound room 1"]
    shown = alice.get(admin_url(world, f"Appointment/{made.id}/change/")).content.decode()
    assert "Ultrasound scan" in shown
    with world.as_owner():
        other: Any = PatientFactory(clinic=world.clinic)
    late = {"patient": str(other.pk), "service": str(scan.id)}
    taken = alice.post(url, booking(world, world.free_slots()[-1], **late))
    assert (taken.status_code, len(appointments(world))) == (409, 1), "it ends after the hours"


def test_a_booking_that_cannot_be_keeps_its_form(world: World, alice: Client) -> None:
    url, slots = admin_url(world, "Appointment/add/"), world.free_slots()
    book(world, slot=slots[0])
    taken = alice.post(url, booking(world, slots[0]))
    assert (taken.status_code, errors(taken)) == (409, {"": ["That time has just been taken."]})
    html = taken.content.decode()
    assert "Flu" in html
    assert world.patient.full_name in html
    with world.as_owner():
        colleague: Any = DoctorFactory(clinic=world.clinic, full_name="Dr Other")
        twin = AppointmentSlot.objects.using("owner").create(
            clinic=world.clinic, doctor=colleague, slot_date=slots[0].slot_date,
            slot_time=slots[0].slot_time, starts_at=slots[0].starts_at, ends_at=slots[0].ends_at,
        )  # fmt: skip
    double = alice.post(url, booking(world, twin))
    assert errors(double) == {"": ["The patient has another appointment at that time."]}
    key = str(uuid.uuid4())
    assert alice.post(url, booking(world, slots[1], key=key)).status_code == 302
    other = alice.post(url, booking(world, slots[2], key=key))
    assert (other.status_code, errors(other)) == (
        422, {"": ["This key was already used for something else."]},
    )  # fmt: skip
    missing = alice.post(url, {"visit_reason": "Flu"})
    assert (missing.status_code, sorted(errors(missing))) == (
        422, ["appointment_type", "key", "patient", "slot"],
    )  # fmt: skip


def test_only_what_the_grant_names_is_corrected(world: World, alice: Client) -> None:
    pk = book(world, reason="Cough")
    before = stored(world, "Appointment", pk)
    url = admin_url(world, f"Appointment/{pk}/change/")
    data = form_data(alice, url)
    assert set(alice.get(url).context["adminform"].form.fields) == {
        "appointment_type", "visit_reason", "internal_notes", "is_telemedicine",
        "telemedicine_link",
    }  # fmt: skip
    forged = data | {
        "internal_notes": "Bring the card", "status": "completed", "starts_at_0": "2030-01-01",
        "patient": str(uuid.uuid4()), "version": "9", "appointment_number": "X",
    }  # fmt: skip
    assert alice.post(url, forged).status_code == 302
    after = stored(world, "Appointment", pk)
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {"internal_notes", "updated_at"}


def cancel(alice: Client, world: World, *ids: Any, **more: str) -> Any:
    data = {"action": "cancel", "_selected_action": [str(pk) for pk in ids], **more}
    return alice.post(admin_url(world, "Appointment/"), data)


def test_cancelling_asks_why_then_tells_of_each(world: World, alice: Client) -> None:
    slots = world.free_slots()
    first, second, over = (book(world, slot=slot) for slot in slots[:3])
    with world.as_owner():
        Appointment.objects.using("owner").filter(id=over).update(status="completed")
    page = cancel(alice, world, first, second, over, index="0")
    assert page.status_code == 200
    html = page.content.decode()
    assert html.count(escape(world.patient.full_name)) == 3
    assert all(a.status != "cancelled" for a in appointments(world))
    key = re.search(r'name="key" value="([^"]+)"', html)
    assert key
    unsaid = cancel(alice, world, first, apply="1", key=key[1], reason="")
    assert unsaid.status_code == 422
    done = cancel(alice, world, first, second, over, apply="1", key=key[1], reason="Doctor ill")
    text = done.content.decode()
    assert "2 done, 1 not." in text
    assert "That can no longer be done to this appointment." in text
    rows = {a.id: a for a in appointments(world)}
    assert [rows[pk].status for pk in (first, second, over)] == [
        "cancelled", "cancelled", "completed",
    ]  # fmt: skip
    assert rows[first].cancellation_reason == "Doctor ill"
    assert stored(world, "AppointmentSlot", slots[0].id)["is_available"]
    again = cancel(alice, world, first, second, apply="1", key=key[1], reason="Doctor ill")
    assert "2 done, 0 not." in again.content.decode(), "sent twice, done once"
    assert {a.id: a.version for a in appointments(world)}[first] == 2


def test_another_clinic_s_appointment_is_not_cancelled(
    world: World, alice: Client, other_world: World
) -> None:
    """T30: chosen by id, by everything, or in the second step; like an id that is nobody's."""
    other_world.make_slots(days=0)
    foreign, mine = book(other_world), book(world)
    for pk in (foreign, uuid.uuid4()):
        done = cancel(alice, world, pk, apply="1", key="k", reason="x")
        assert "0 done, 0 not." in done.content.decode()
    cancel(alice, world, foreign, index="0", select_across="1")
    cancel(alice, world, foreign, apply="1", key="k2", reason="x", select_across="1")
    assert stored(other_world, "Appointment", foreign)["status"] == "scheduled"
    assert stored(world, "Appointment", mine)["status"] == "cancelled"
    assert cancel(alice, world, "not an id").status_code == 400


def test_who_may_not_cancel_cannot(world: World, alice: Client, login: Any) -> None:
    pk = book(world)
    for who in (world.chen, world.nur):
        answer = cancel(login(who), world, pk, apply="1", key="k", reason="x")
        assert answer.status_code in (200, 302)
    assert stored(world, "Appointment", pk)["status"] == "scheduled"


def test_more_than_200_at_once_are_a_job(world: World, alice: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("clinic.admin.actions.LIMIT", 1)
    one, two = (book(world, slot=slot) for slot in world.free_slots()[:2])
    assert cancel(alice, world, one, two, apply="1", key="k", reason="x").status_code == 302
    assert {a.status for a in appointments(world)} == {"scheduled"}


def test_a_doctor_sees_their_own_only(world: World, alice: Client, login: Any) -> None:
    mine = book(world)
    with world.as_owner():
        other: Any = DoctorFactory(clinic=world.clinic, full_name="Dr Other")
        stranger: Any = PatientFactory(clinic=world.clinic, full_name="Not Yours")
        Appointment.objects.using("owner").create(
            clinic=world.clinic, doctor=other, patient=stranger,
            appointment_number="N1", appointment_date=dt.date(2030, 1, 1),
            appointment_time=dt.time(9), starts_at=dt.datetime(2030, 1, 1, 1, tzinfo=dt.UTC),
            ends_at=dt.datetime(2030, 1, 1, 1, 15, tzinfo=dt.UTC),
        )  # fmt: skip
    page = login(world.chen).get(admin_url(world, "Appointment/"))
    assert [row.id for row in page.context["cl"].result_list] == [mine]
    assert "Not Yours" in alice.get(admin_url(world, "Appointment/?when=all")).content.decode()


def test_pickers_name_people_by_more_than_their_name(world: World, alice: Client) -> None:
    url = admin_url(world, "autocomplete/")
    query = {"app_label": "booking", "model_name": "appointment"}
    patients = alice.get(url, query | {"field_name": "patient", "term": "dana"}).json()
    assert [item["text"] for item in patients["results"]] == ["Dana Doe · 12 Mar 1984 · P-00001"]
    tomorrow = dt.datetime.now(ZoneInfo(world.clinic.time_zone)).date() + dt.timedelta(days=1)
    slots = [slot for slot in world.free_slots() if slot.slot_date == tomorrow]
    taken = slots[0]
    book(world, slot=taken)
    times = alice.get(url, query | {"field_name": "slot", "term": f"{taken.slot_date} chen"}).json()
    ids = [item["id"] for item in times["results"]]
    assert str(taken.id) not in ids
    assert str(slots[1].id) in ids
    assert times["results"][0]["text"].endswith("Dr Chen")
    nobody = query | {"field_name": "slot", "term": f"{taken.slot_date} who"}
    assert alice.get(url, nobody).json() == {"results": [], "pagination": {"more": False}}


def test_a_patient_s_page_shows_what_is_to_come(world: World, alice: Client) -> None:
    pk = book(world)
    url = admin_url(world, f"Patient/{world.patient.id}/change/")
    page = alice.get(url).content.decode()
    assert f"/booking/appointment/{pk}/change/" in page
    assert "empty-form" not in page
    forged = form_data(alice, url) | {
        "appointments-TOTAL_FORMS": "1", "appointments-INITIAL_FORMS": "0",
        "appointments-0-starts_at_0": "2030-01-01", "appointments-0-status": "scheduled",
    }  # fmt: skip
    alice.post(url, forged)
    assert [a.id for a in appointments(world)] == [pk]


def test_links_lead_to_the_front_desk(world: World, alice: Client) -> None:
    pk = book(world)
    page = alice.get(admin_url(world, f"Appointment/{pk}/change/")).content.decode()
    day = stored(world, "Appointment", pk)["appointment_date"]
    assert f'href="/c/{world.clinic.code}/schedule/{day}/?sel={pk}"' in page
    assert alice.get(f"/c/{world.clinic.code}/schedule/{day}/?sel={pk}").status_code == 200
    assert f'href="/c/{world.clinic.code}/schedule/"' in page
    missing = alice.get(admin_url(world, "Appointment/nothing/change/")).content.decode()
    assert f'"/c/{world.clinic.code}/schedule/"' in missing
    assert f"/c/{world.clinic.code}/c/" not in missing


def test_rows_that_are_only_looked_at_do_not_stop_a_form(world: World, alice: Client) -> None:
    for slot in world.free_slots(40)[::15]:
        book(world, slot=slot)
    url = admin_url(world, f"Patient/{world.patient.id}/change/")
    data = form_data(alice, url)
    assert int(data["appointments-TOTAL_FORMS"]) == 3
    assert alice.post(url, data | {"notes": "Prefers mornings"}).status_code == 302
    assert stored(world, "Patient", world.patient.id)["notes"] == "Prefers mornings"
