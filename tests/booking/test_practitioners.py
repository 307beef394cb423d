"""One doctor at several clinics is one person; neither clinic learns of the other's visits."""

import json
import uuid
from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connections

from booking.models import Appointment, AppointmentSlot
from booking.services.appointments import cancel_appointment, hold_slot
from tests.booking.life import undo
from tests.booking.serving import broken, make_service, move, row, serve, slots_of
from tests.factories import DoctorFactory, World, make_world
from tests.races import at_once, book, context_of, desks


@pytest.fixture
def both() -> tuple[World, World]:
    """Two clinics; Dr Chen works at both and has slots at the same instants."""
    here, there = make_world(), make_world(mallory=True)
    with there.as_owner():
        there.doctor.user = here.chen
        there.doctor.save(using="owner", update_fields=["user"])
    for world in (here, there):
        world.make_slots(days=0)
    return here, there


def said(world: World, slot: Any) -> Any:
    """What the database answers to the desk."""
    context = context_of(world, world.bob)
    with desks(1) as (desk,):
        return book(desk, context, key=str(uuid.uuid4()), slot=slot.id, patient=world.patient.id)


def trail(world: World) -> str:
    """Everything that the clinic's administrators can read of what was written."""
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "select json_agg(json_build_array(table_name, action, changed_fields, old_values,"
            " new_values, reason) order by id)::text from audit.audit_logs where clinic_id = %s",
            [world.id],
        )
        return str(cursor.fetchone()[0])


def test_a_person_is_booked_once(both: tuple[World, World]) -> None:
    here, there = both
    first = said(here, slots_of(here)[4])
    assert first["status"] == "success"
    second = said(there, slots_of(there)[4])
    said_so = "That time has just been taken."
    assert second == {"status": "conflict", "code": "slot_unavailable", "message": said_so}
    assert said(there, slots_of(there)[5])["status"] == "success", "back to back"
    assert [broken(world) for world in both] == [{}, {}]


def test_it_is_refused_as_any_other(both: tuple[World, World]) -> None:
    """Byte for byte what a clinic hears of its own visits, and nothing of the other is written."""
    here, there = both
    two = slots_of(there)[20]
    with there.as_owner():
        overlapping = AppointmentSlot.objects.using("owner").create(
            clinic=there.clinic, doctor=there.doctor, slot_date=two.slot_date, slot_time="14:05",
            duration_minutes=5, starts_at=two.starts_at.replace(minute=5),
            ends_at=two.starts_at.replace(minute=10),
        )  # fmt: skip
    visit = said(here, slots_of(here)[4])["result"]
    assert said(there, two)["status"] == "success"
    own = said(there, overlapping)
    other = said(there, slots_of(there)[4])
    assert json.dumps(own) == json.dumps(other)
    written = trail(there)
    secrets = [visit["appointment_id"], visit["appointment_number"], str(here.id),
               str(here.patient.id), str(slots_of(here)[4].id)]  # fmt: skip
    assert [secret for secret in secrets if secret in written] == []
    assert not slots_of(there)[4].appointment_id
    assert slots_of(there)[4].is_available


def test_a_lost_race_leaves_nothing(both: tuple[World, World]) -> None:
    """The first look sees one clinic. What was written until the other's visit showed is gone."""
    here, there = both
    slot = slots_of(there)[4]
    with there.as_user(there.bob):
        assert hold_slot(slot_id=slot.pk).ok
    assert said(here, slots_of(here)[4])["status"] == "success"
    before, held = trail(there), slots_of(there)[4]
    assert said(there, slot)["code"] == "slot_unavailable"
    assert trail(there) == before
    kept = slots_of(there)[4]
    assert (kept.held_by_id, kept.held_until) == (held.held_by_id, held.held_until)


def test_buffers_of_one_clinic_count_at_the_other(both: tuple[World, World]) -> None:
    here, there = both
    assert serve(here, make_service(here, 30, buffers=(15, 15)), slots_of(here)[4]).ok
    told = [serve(there, None, slot).code for slot in slots_of(there)[2:9]]
    assert told == [None, *["slot_unavailable"] * 4, None, None], "09:45 to 10:45 is kept"


@pytest.mark.parametrize("how", ["move", "undo"])
def test_neither_a_move_nor_an_undo_passes(both: tuple[World, World], how: str) -> None:
    here, there = both
    visit = serve(there, None, slots_of(there)[0]).appointment_id
    if how == "undo":
        with there.as_user(there.bob):
            assert cancel_appointment(idempotency_key="c", appointment_id=visit, reason="ill").ok
        assert serve(here, None, slots_of(here)[0]).ok
        assert undo(there, row(there, visit)).code == "slot_unavailable"
    else:
        assert serve(here, None, slots_of(here)[8]).ok
        assert move(there, visit, slots_of(there)[8]).code == "slot_unavailable"
    assert [broken(world) for world in both] == [{}, {}]


def test_64_bookings_at_two_clinics(both: tuple[World, World]) -> None:
    contexts = [context_of(world, world.bob) for world in both]
    slots = [slots_of(world)[4].id for world in both]
    with desks(64) as open_desks:
        answers = at_once([
            partial(book, desk, contexts[n % 2], key=str(n), slot=slots[n % 2],
                    patient=both[n % 2].patient.id)
            for n, desk in enumerate(open_desks)
        ])  # fmt: skip
    assert Counter(a.get("code") or a["status"] for a in answers) == {
        "success": 1, "slot_unavailable": 63,
    }  # fmt: skip
    assert [broken(world) for world in both] == [{}, {}]


def test_the_same_patient_at_two_clinics_is_no_business_of_either() -> None:
    """B07: one login, a patient of both; nothing is refused and nothing is told."""
    here, there = make_world(), make_world(mallory=True)
    with there.as_owner():
        there.patient.user = here.dana
        there.patient.save(using="owner", update_fields=["user"])
    for world in (here, there):
        world.make_slots(days=0)
    assert said(here, slots_of(here)[4])["status"] == "success"
    assert said(there, slots_of(there)[4])["status"] == "success"


def test_a_login_linked_later_binds_the_visits_that_are_there() -> None:
    here, there = make_world(), make_world(mallory=True)
    for world in (here, there):
        world.make_slots(days=0)
        with world.as_owner():
            world.doctor.user = None
            world.doctor.save(using="owner", update_fields=["user"])
    apart = serve(there, None, slots_of(there)[6])
    assert apart.ok
    link(here, here.chen)
    link(there, here.chen)
    assert row(there, apart.appointment_id).practitioner_id == here.chen.id
    assert serve(here, None, slots_of(here)[6]).code == "slot_unavailable"
    assert serve(here, None, slots_of(here)[7]).ok


def test_visits_that_clash_stop_the_link() -> None:
    here, there = make_world(), make_world(mallory=True)
    for world in (here, there):
        world.make_slots(days=0)
        assert serve(world, None, slots_of(world)[0]).ok
    with pytest.raises(IntegrityError, match="cannot be linked") as refused:
        link(there, here.chen)
    told = refused.value.__cause__.diag
    assert (told.message_detail, told.constraint_name) == (None, "appointments_doctor_overlap")


def link(world: World, user: Any) -> None:
    with world.as_owner():
        world.doctor.user = user
        world.doctor.save(using="owner", update_fields=["user"])


def test_a_row_without_a_practitioner_gets_its_doctor_s(world: World) -> None:
    world.make_slots(days=0)
    visit = row(world, serve(world, None, slots_of(world)[0]).appointment_id)
    assert visit.practitioner_id == world.chen.id
    with world.as_owner():
        locum = DoctorFactory(clinic=world.clinic)
        visits = Appointment.objects.using("owner")
        visits.filter(pk=visit.pk).update(doctor=locum)
        assert visits.get(pk=visit.pk).practitioner_id == locum.pk
        with pytest.raises(IntegrityError, match="appointments_doctor_fk"):
            visits.filter(pk=visit.pk).update(practitioner_id=uuid.uuid4())
