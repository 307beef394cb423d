"""Overbooking and warnings at the desk, through the views and the real database."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from booking.models import Appointment, AppointmentSlot
from booking.services.appointments import cancel_appointment
from clinic.models import Doctor, Staff
from tests.adminrows import admin_url, form_data, stored
from tests.booking.life import read, visit_tomorrow
from tests.booking.overbooking import allow, another, overbooked
from tests.booking.serving import kept_for, make_pool, make_service
from tests.factories import World


@pytest.fixture
def desk(world: World, login: Any) -> Client:
    """Alice, who may overbook."""
    return login(world.alice)


def url(world: World, path: str = "appointments/new/") -> str:
    return f"/c/{world.clinic.code}/{path}"


def sent(slot_id: Any, patient: Any, **more: Any) -> dict[str, Any]:
    return {
        "idempotency_key": str(uuid.uuid4()), "slot": slot_id, "patient": patient.pk,
        "appointment_type": "consultation", "visit_reason": "Cough", **more,
    }  # fmt: skip


def over(slot_id: Any, patient: Any, **more: Any) -> dict[str, Any]:
    return sent(slot_id, patient, **{"overbook": "1", "overbook_code": "urgent", **more})


def appointments(world: World) -> list[Appointment]:
    with world.as_owner():
        return list(Appointment.objects.using("owner").order_by("created_at"))


def later_slot(world: World, visit: Appointment) -> AppointmentSlot:
    """A free time of the same day that does not touch the visit."""
    return next(s for s in world.free_slots() if s.starts_at > visit.ends_at)


def test_from_a_taken_time_to_a_badge(world: World, desk: Client) -> None:
    first = visit_tomorrow(world)
    panel = desk.get(url(world, f"appointments/{first.pk}/")).text
    link = f"{url(world)}?slot={first.slot_id}&amp;overbook=1"
    assert link in panel
    form = desk.get(link.replace("&amp;", "&")).text
    assert 'data-testid="overbooking"' in form
    assert "0 of 2 overbooked visits that day are used." in form
    done = desk.post(
        url(world), over(first.slot_id, world.add_patient(), overbook_reason="Chest pain")
    )
    assert done.status_code == 303
    second = appointments(world)[1]
    page = desk.get(done["Location"]).text
    assert 'data-testid="booked"' in page
    cell = next(c for c in page.split("<td")[1:] if str(second.pk) in c)
    assert str(first.pk) in cell, "both are links in one cell"
    assert cell.count('data-testid="appointment"') == 2
    assert cell.count('title="Overbooked">Over</abbr>') == 1
    assert 'data-testid="overbooked"' in page
    assert "Urgent: Chest pain · Alice Admin" in page


def test_who_is_offered_it(world: World, login: Any) -> None:
    first, bob = visit_tomorrow(world), login(world.bob)
    panel = url(world, f"appointments/{first.pk}/")
    asked = {"slot": first.slot_id, "overbook": "1"}
    assert 'data-testid="overbook"' not in bob.get(panel).text
    assert bob.get(url(world), asked).status_code == 409
    assert bob.post(url(world), over(first.slot_id, world.add_patient())).status_code == 403
    allow(world, world.bob, overbook=True)
    assert 'data-testid="overbook"' in bob.get(panel).text
    assert bob.get(url(world), asked).status_code == 200
    assert bob.post(url(world), over(first.slot_id, world.add_patient())).status_code == 303
    assert 'data-testid="overbook"' not in login(world.nur).get(panel).text


def test_a_reason_is_asked_for_and_kept(world: World, desk: Client) -> None:
    first, who = visit_tomorrow(world), world.add_patient()
    for code, words in (("", "x"), ("other", " "), ("because", "")):
        page = desk.post(url(world), over(first.slot_id, who, overbook_code=code,
                                          overbook_reason=words))  # fmt: skip
        assert page.status_code == 422
        assert "Say why it is overbooked." in page.text
        assert f'value="{who.pk}"' in page.text, "the patient stays"
        assert 'data-testid="overbooking"' in page.text
    assert len(appointments(world)) == 1


def test_the_cap_is_said(world: World, desk: Client) -> None:
    first = visit_tomorrow(world)
    for _ in range(2):
        assert overbooked(world, first.slot_id).ok
    page = desk.post(url(world), over(first.slot_id, world.add_patient()))
    assert page.status_code == 409
    assert "No more overbooking that day" in page.text
    assert "2 of 2" in desk.get(url(world), {"slot": first.slot_id, "overbook": "1"}).text


def test_a_lost_race_leads_to_overbooking_for_whom_may(world: World, desk: Client) -> None:
    first, scan = visit_tomorrow(world), make_service(world, 45)
    page = desk.post(
        url(world), sent(first.slot_id, world.add_patient(), appointment_type=str(scan.pk))
    )
    assert page.status_code == 409
    shown = next(f for f in page.text.split("<form") if 'data-testid="overbook"' in f)
    kept = dict(re.findall(r'name="(\w+)" value="([^"]*)"', shown))
    form = desk.post(url(world), kept)
    assert form.status_code == 200
    assert 'data-testid="overbooking"' in form.text
    assert 'name="patient" value="' in form.text, "the patient stays chosen"
    assert f'value="{scan.pk}" selected' in form.text
    assert 'value="Cough"' in form.text


def test_a_time_that_is_free_again_is_booked_as_usual(world: World, desk: Client) -> None:
    first = visit_tomorrow(world)
    free = later_slot(world, first)
    assert desk.post(url(world), over(free.pk, world.add_patient())).status_code == 303
    made = appointments(world)[1]
    assert (made.overbooked_reason, made.slot_id) == ("", free.pk)


def test_twice_in_a_day_warns_and_goes_on(world: World, desk: Client) -> None:
    first = visit_tomorrow(world)
    slot = later_slot(world, first)
    form = desk.get(url(world), {"slot": slot.pk, "patient": world.patient.pk}).text
    assert "Already booked that day: 09:00 with Dr Chen" in form
    once = sent(slot.pk, world.patient)
    for _ in range(2):
        assert desk.post(url(world), once).status_code == 303
        assert len(appointments(world)) == 2


def test_the_same_press_twice_is_no_second_visit(world: World, desk: Client) -> None:
    world.make_slots(days=0)
    once = sent(world.free_slots(1)[0].pk, world.patient)
    places = {desk.post(url(world), once)["Location"] for _ in range(2)}
    assert len(places) == 1
    assert len(appointments(world)) == 1


def test_another_day_and_a_cancelled_visit_do_not_warn(world: World, desk: Client) -> None:
    first = visit_tomorrow(world)
    world.make_slots(days=1)
    next_day = next(s for s in world.free_slots() if s.slot_date > first.appointment_date)
    assert desk.post(url(world), sent(next_day.pk, world.patient)).status_code == 303
    with world.as_user(world.bob):
        assert cancel_appointment(idempotency_key="c", appointment_id=first.pk, reason="Asked").ok
    slot = later_slot(world, first)
    assert desk.post(url(world), sent(slot.pk, world.patient)).status_code == 303


def test_an_overlap_is_refused_until_a_reason_is_given(world: World, desk: Client) -> None:
    mine = visit_tomorrow(world)
    target = next(s for s in another(world) if s.starts_at == mine.starts_at)
    refused = desk.post(url(world), sent(target.pk, world.patient))
    assert refused.status_code == 409
    assert "09:00 with Dr Chen, an appointment of this patient, overlaps" in refused.text
    assert 'data-testid="overlap-form"' in refused.text
    form = refused.text[refused.text.index('data-testid="overlap-form"') :]
    given = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form)[:7])
    empty = desk.post(url(world), given | {"overlap_reason": "  "})
    assert empty.status_code == 409
    done = desk.post(url(world), given | {"overlap_reason": "Comes with the child"})
    assert done.status_code == 303
    made = appointments(world)[1]
    assert (made.overlap_reason, made.visit_reason) == ("Comes with the child", "Cough")
    assert "Comes with the child · Alice Admin" in desk.get(done["Location"]).text


def test_overbooking_the_patients_own_time_needs_both_reasons(world: World, desk: Client) -> None:
    mine = visit_tomorrow(world)
    refused = desk.post(url(world), over(mine.slot_id, world.patient))
    assert refused.status_code == 409
    form = refused.text[refused.text.index('data-testid="overlap-form"') :]
    given = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form)[:9])
    assert given["overbook_code"] == "urgent"
    assert desk.post(url(world), given | {"overlap_reason": "Two complaints"}).status_code == 303
    made = read(world, appointments(world)[1].pk)
    assert (made.overbooked_reason, made.overlap_reason) == ("urgent", "Two complaints")


def test_a_service_is_overbooked_with_its_length_and_room(world: World, desk: Client) -> None:
    first = visit_tomorrow(world)
    scan = make_service(world, 45, pools=[make_pool(world, 1)])
    given = over(first.slot_id, world.add_patient(), appointment_type=str(scan.pk))
    assert desk.post(url(world), given).status_code == 303
    second = appointments(world)[1]
    assert (second.service_id, second.duration_minutes) == (scan.pk, 45)
    assert kept_for(world, second.pk) == ["Ultrasound room 1"]
    lost = desk.post(
        url(world), over(first.slot_id, world.add_patient(), appointment_type=str(scan.pk))
    )
    assert lost.status_code == 409
    assert "No ultrasound room is free then." in lost.text
    assert len(appointments(world)) == 2


def test_a_service_that_runs_into_another_visit_of_the_patient(world: World, desk: Client) -> None:
    mine = visit_tomorrow(world, which=4)
    target = [s for s in another(world) if s.starts_at < mine.starts_at][-1]
    assert target.ends_at == mine.starts_at
    with world.as_owner():
        doctor = Doctor.objects.using("owner").get(pk=target.doctor_id)
    scan = make_service(world, 30, doctors=[doctor])
    given = sent(target.pk, world.patient, appointment_type=str(scan.pk))
    refused = desk.post(url(world), given)
    assert refused.status_code == 409
    assert "an appointment of this patient, overlaps" in refused.text
    form = refused.text[refused.text.index('data-testid="overlap-form"') :]
    kept = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form)[:7])
    assert desk.post(url(world), kept | {"overlap_reason": "With the child"}).status_code == 303
    made = appointments(world)[1]
    assert (made.service_id, made.overlap_reason) == (scan.pk, "With the child")


def test_touching_ends_warn_but_are_no_overlap(world: World, desk: Client) -> None:
    mine = visit_tomorrow(world)
    after = next(s for s in another(world) if s.starts_at == mine.ends_at)
    form = desk.get(url(world), {"slot": after.pk, "patient": world.patient.pk}).text
    assert "Already booked that day" in form
    assert desk.post(url(world), sent(after.pk, world.patient)).status_code == 303


def test_when_the_first_is_gone_the_grid_offers_the_time(world: World, desk: Client) -> None:
    first = visit_tomorrow(world)
    second = read(world, overbooked(world, first.slot_id).appointment_id)
    day = url(world, f"schedule/{first.appointment_date}/")
    free = f'data-slot-id="{first.slot_id}"'
    assert free not in desk.get(day).text
    with world.as_user(world.bob):
        assert cancel_appointment(idempotency_key="c", appointment_id=first.pk, reason="x").ok
    cell = next(c for c in desk.get(day).text.split("<td") if str(second.pk) in c)
    assert free in cell


def test_the_cap_and_the_right_are_kept_in_the_admin(world: World, desk: Client) -> None:
    with world.as_owner():
        row = Staff.objects.using("owner").get(user=world.bob)
    page = admin_url(world, f"Staff/{row.pk}/change/")
    data = form_data(desk, page) | {"permissions": '{"overbook": true}'}
    assert desk.post(page, data).status_code == 302
    assert stored(world, "Staff", row.pk)["permissions"] == {"overbook": True}
    page = admin_url(world, f"Doctor/{world.doctor.pk}/change/")
    data = form_data(desk, page) | {"max_daily_overbookings": "0"}
    assert desk.post(page, data).status_code == 302
    assert stored(world, "Doctor", world.doctor.pk)["max_daily_overbookings"] == 0
