"""A visit of a service: as long as it takes, with everything that it needs, or not at all."""

import datetime as dt

import pytest

from booking.models import AppointmentSlot, Resource, Service, ServiceDoctor
from booking.services.appointments import BookingOutcome, cancel_appointment, hold_slot
from clinic.models import DoctorLeave
from tests.booking.life import act, noon_world, undo
from tests.booking.serving import (
    begin,
    broken,
    gives,
    kept_for,
    make_pool,
    make_resource,
    make_service,
    minutes_of,
    move,
    row,
    second_doctor,
    serve,
    shift,
    slots_of,
    taken,
)
from tests.factories import World


@pytest.fixture
def slots(world: World) -> list[AppointmentSlot]:
    """09:00 to 17:00 tomorrow, a quarter of an hour each."""
    world.make_slots(days=0)
    return slots_of(world)


def told(outcome: BookingOutcome) -> tuple[str | None, str | None]:
    return outcome.code, outcome.message


def test_it_lasts_as_long_as_the_service(world: World, slots: list[AppointmentSlot]) -> None:
    service = make_service(world, 40, appointment_type="screening")
    outcome = serve(world, service, slots[4])
    assert outcome.ok
    visit = row(world, outcome.appointment_id)
    assert (minutes_of(visit), visit.appointment_type) == (40, "screening")
    assert visit.starts_at == slots[4].starts_at
    assert taken(world, visit.pk) == ["10:00", "10:15", "10:30"]
    assert broken(world) == {}


def test_buffers_keep_slots_that_the_visit_does_not_fill(
    world: World, slots: list[AppointmentSlot]
) -> None:
    service = make_service(world, 15, buffers=(10, 20))
    outcome = serve(world, service, slots[4])
    visit = row(world, outcome.appointment_id)
    assert minutes_of(visit) == 15
    assert taken(world, visit.pk) == ["10:00", "09:45", "10:15", "10:30"]
    again = serve(world, service, slots[7], patient=world.add_patient())
    assert told(again)[0] == "slot_unavailable", "its buffer before meets the other's after"
    assert serve(world, service, slots[8], patient=world.add_patient()).ok
    assert broken(world) == {}


def test_a_doctor_may_take_another_time(world: World, slots: list[AppointmentSlot]) -> None:
    doctor, theirs = second_doctor(world)
    service = make_service(world, 45, buffers=(0, 15))
    gives(world, service, doctor, duration_minutes=30, buffer_after_minutes=0)
    visit = serve(world, service, theirs[0]).appointment_id
    assert taken(world, visit) == ["09:00", "09:15"]
    moved = move(world, visit, slots[0])
    assert moved.ok
    assert taken(world, visit) == ["09:00", "09:15", "09:30", "09:45"]
    assert broken(world) == {}


@pytest.mark.parametrize("change", ["doctor", "service", "giver"])
def test_who_does_not_give_it_is_not_booked_for_it(
    world: World, slots: list[AppointmentSlot], change: str
) -> None:
    service = make_service(world)
    _, theirs = second_doctor(world)
    off = {"is_active": False}
    with world.as_owner():
        if change == "service":
            Service.objects.using("owner").filter(pk=service.pk).update(**off)
        elif change == "giver":
            ServiceDoctor.objects.using("owner").filter(service=service).update(**off)
    outcome = serve(world, service, theirs[0] if change == "doctor" else slots[0])
    assert told(outcome) == ("service_unavailable", "The doctor does not give this service.")
    assert broken(world) == {}


def test_a_patient_books_what_is_online(world: World, slots: list[AppointmentSlot]) -> None:
    online = make_service(world, online_bookable=True)
    offline = make_service(world)
    assert serve(world, offline, slots[0], user=world.dana).code == "service_unavailable"
    assert serve(world, online, slots[0], user=world.dana).ok


def test_another_clinic_s_service_is_none(
    world: World, other_world: World, slots: list[AppointmentSlot]
) -> None:
    theirs = make_service(other_world, doctors=[other_world.doctor])
    assert serve(world, theirs, slots[0]).code == "service_unavailable"


def test_not_past_the_end_of_the_hours(world: World, slots: list[AppointmentSlot]) -> None:
    service = make_service(world, 45, buffers=(0, 30))
    assert serve(world, service, slots[-2]).code == "doctor_unavailable"
    assert serve(world, service, slots[-3]).ok, "a buffer may lie behind them"
    assert broken(world) == {}


def test_not_through_a_break(world: World) -> None:
    with world.as_owner():
        world.doctor.break_times = [{"starts": "12:00", "ends": "13:00"}]
        world.doctor.save(using="owner", update_fields=["break_times"])
    world.make_slots(days=0)
    at_half_past_eleven = slots_of(world)[10]
    assert serve(world, make_service(world, 45), at_half_past_eleven).code == "doctor_unavailable"
    assert serve(world, make_service(world, 30), at_half_past_eleven).ok


def test_gaps_between_slots_are_worked_through(world: World) -> None:
    with world.as_owner():
        world.doctor.buffer_time_minutes = 5
        world.doctor.save(using="owner", update_fields=["buffer_time_minutes"])
    world.make_slots(days=0)
    visit = serve(world, make_service(world, 55), slots_of(world)[0]).appointment_id
    assert taken(world, visit) == ["09:00", "09:20", "09:40"]


def test_blocked_time_is_not_run_into_but_by_buffers(
    world: World, slots: list[AppointmentSlot]
) -> None:
    with world.as_owner():
        slots[2].is_blocked, slots[2].block_reason = True, "Fire drill"
        slots[2].save(using="owner", update_fields=["is_blocked", "block_reason"])
    assert serve(world, make_service(world, 45), slots[0]).code == "slot_blocked"
    visit = serve(world, make_service(world, 30, buffers=(0, 15)), slots[0]).appointment_id
    assert taken(world, visit) == ["09:00", "09:15", "09:30"]
    with world.as_user(world.bob):
        assert cancel_appointment(idempotency_key="c", appointment_id=visit, reason="ill").ok
    assert slots_of(world)[2].is_blocked
    assert broken(world) == {}


def test_leave_at_its_end_stops_it(world: World, slots: list[AppointmentSlot]) -> None:
    with world.as_owner():
        DoctorLeave.objects.using("owner").create(
            clinic=world.clinic, doctor=world.doctor, starts_at=slots[2].starts_at,
            ends_at=slots[4].starts_at,
        )  # fmt: skip
    assert serve(world, make_service(world, 45), slots[0]).code == "doctor_unavailable"
    assert serve(world, make_service(world, 30), slots[0]).ok


def test_the_patient_is_busy_for_all_of_it(world: World, slots: list[AppointmentSlot]) -> None:
    theirs = second_doctor(world)[1]
    assert serve(world, None, theirs[2]).ok
    service = make_service(world, 45, buffers=(0, 30))
    assert serve(world, service, slots[0]).code == "patient_overlap"
    assert serve(world, service, slots[4]).ok
    assert serve(world, None, theirs[7]).ok, "buffers are the doctor's alone"


def test_a_slot_that_another_holds_is_not_covered(
    world: World, slots: list[AppointmentSlot]
) -> None:
    service = make_service(world, 45)
    with world.as_user(world.alice):
        assert hold_slot(slot_id=slots[1].id).ok
    assert serve(world, service, slots[0]).code == "slot_unavailable"
    assert serve(world, service, slots[0], user=world.alice).ok
    assert slots_of(world)[1].held_until is None


def test_rooms_are_kept_with_it(world: World, slots: list[AppointmentSlot]) -> None:
    pool, machine = make_pool(world, 2), make_resource(world, "Scanner", kind="equipment")
    service = make_service(world, 30, buffers=(0, 15), pools=[pool, pool], resources=[machine])
    visit = serve(world, service, slots[0]).appointment_id
    assert kept_for(world, visit) == ["Scanner", "Ultrasound room 1", "Ultrasound room 2"]
    doctor, theirs = second_doctor(world)
    other = make_service(world, 15, doctors=[doctor], pools=[pool])
    patient = world.add_patient()
    refused = serve(world, other, theirs[2], patient=patient)
    assert told(refused) == ("resource_unavailable", "No ultrasound room is free then.")
    assert serve(world, other, theirs[3], patient=patient).ok
    assert broken(world) == {}


def test_a_named_room_is_left_to_who_needs_it(world: World, slots: list[AppointmentSlot]) -> None:
    """One need names a room of the pool that another need chooses from."""
    pool = make_pool(world, 2)
    with world.as_owner():
        first = Resource.objects.using("owner").get(name="Ultrasound room 1")
    service = make_service(world, 15, pools=[pool], resources=[first])
    visit = serve(world, service, slots[0]).appointment_id
    assert kept_for(world, visit) == ["Ultrasound room 1", "Ultrasound room 2"]
    assert broken(world) == {}


def test_a_room_that_is_out_of_use_is_not_chosen(
    world: World, slots: list[AppointmentSlot]
) -> None:
    room = make_resource(world, "MRI", is_active=False)
    refused = serve(world, make_service(world, 15, resources=[room]), slots[0])
    assert told(refused) == ("resource_unavailable", "MRI is not free then.")
    pool = make_pool(world, 0, "X-ray room")
    refused = serve(world, make_service(world, 15, pools=[pool]), slots[0])
    assert refused.message == "No X-ray room is free then."


def test_cancelling_lets_everything_go_and_undoing_takes_it_again(
    world: World, slots: list[AppointmentSlot]
) -> None:
    service = make_service(world, 45, pools=[make_pool(world, 1)])
    visit = row(world, serve(world, service, slots[0]).appointment_id)
    with world.as_user(world.bob):
        assert cancel_appointment(idempotency_key="c", appointment_id=visit.pk, reason="ill").ok
    assert (taken(world, visit.pk), kept_for(world, visit.pk)) == ([], [])
    assert undo(world, visit).ok
    assert taken(world, visit.pk) == ["09:00", "09:15", "09:30"]
    assert kept_for(world, visit.pk) == ["Ultrasound room 1"]
    assert broken(world) == {}


@pytest.mark.parametrize(("where", "code"), [(1, "slot_unavailable"), (4, "resource_unavailable")])
def test_what_was_given_away_is_not_taken_back(
    world: World, slots: list[AppointmentSlot], where: int, code: str
) -> None:
    pool = make_pool(world, 1)
    visit = row(world, serve(world, make_service(world, 45, pools=[pool]), slots[0]).appointment_id)
    doctor, theirs = second_doctor(world)
    with world.as_user(world.bob):
        assert cancel_appointment(idempotency_key="c", appointment_id=visit.pk, reason="ill").ok
    patient = world.add_patient()
    if code == "slot_unavailable":
        assert serve(world, None, slots[where], patient=patient).ok
    else:
        other = make_service(world, 15, doctors=[doctor], pools=[pool])
        assert serve(world, other, theirs[2], patient=patient).ok
    assert undo(world, visit).code == code
    assert broken(world) == {}


def test_a_move_takes_the_new_and_leaves_the_old(
    world: World, slots: list[AppointmentSlot]
) -> None:
    service = make_service(world, 45, pools=[make_pool(world, 1)])
    visit = serve(world, service, slots[0]).appointment_id
    assert move(world, visit, slots[8]).ok
    assert taken(world, visit) == ["11:00", "11:15", "11:30"]
    assert broken(world) == {}
    assert undo(world, row(world, visit)).ok
    assert taken(world, visit) == ["09:00", "09:15", "09:30"]
    assert broken(world) == {}


def test_a_move_by_less_than_its_length(world: World, slots: list[AppointmentSlot]) -> None:
    service = make_service(world, 45, buffers=(15, 0), pools=[make_pool(world, 1)])
    visit = serve(world, service, slots[4]).appointment_id
    assert move(world, visit, slots[5]).ok, "into a slot that it covers itself"
    assert taken(world, visit) == ["10:15", "10:00", "10:30", "10:45"]
    assert undo(world, row(world, visit)).ok
    assert taken(world, visit) == ["10:00", "09:45", "10:15", "10:30"]
    assert broken(world) == {}


def test_a_lost_move_changes_nothing(world: World, slots: list[AppointmentSlot]) -> None:
    doctor, theirs = second_doctor(world)
    pool = make_pool(world, 1)
    service = make_service(world, 45, pools=[pool], doctors=[world.doctor, doctor])
    visit = serve(world, service, slots[0]).appointment_id
    assert serve(world, service, theirs[8], patient=world.add_patient()).ok
    assert move(world, visit, slots[9]).code == "resource_unavailable"
    assert serve(world, None, slots[14], patient=world.add_patient()).ok
    assert move(world, visit, slots[12]).code == "slot_unavailable"
    assert taken(world, visit) == ["09:00", "09:15", "09:30"]
    assert broken(world) == {}


def test_a_service_that_is_given_up_keeps_its_visits(
    world: World, slots: list[AppointmentSlot]
) -> None:
    service = make_service(world, 45)
    visit = serve(world, service, slots[0]).appointment_id
    with world.as_owner():
        Service.objects.using("owner").filter(pk=service.pk).update(is_active=False)
    assert move(world, visit, slots[8]).ok
    assert serve(world, service, slots[0]).code == "service_unavailable"


@pytest.mark.parametrize("action", ["no_show", "leave"])
def test_who_does_not_stay_needs_no_room(action: str) -> None:
    noon = noon_world()
    noon.make_slots(days=0)
    service = make_service(noon, 45, pools=[make_pool(noon, 1)])
    visit = row(noon, serve(noon, service, slots_of(noon)[0]).appointment_id)
    begin(noon, visit)
    if action == "leave":
        assert act(noon, visit, "check_in").ok
    assert act(noon, visit, action).ok
    assert (len(taken(noon, visit.pk)), kept_for(noon, visit.pk)) == (1, [])
    assert broken(noon) == {}
    assert undo(noon, visit).ok
    assert (len(taken(noon, visit.pk)), kept_for(noon, visit.pk)) == (3, ["Ultrasound room 1"])
    assert broken(noon) == {}


def test_a_room_given_away_after_a_no_show_is_not_taken_back() -> None:
    noon = noon_world()
    noon.make_slots(days=0)
    pool = make_pool(noon, 1)
    visit = row(noon, serve(noon, make_service(noon, 45, pools=[pool]), slots_of(noon)[0])
                .appointment_id)  # fmt: skip
    begin(noon, visit)
    assert act(noon, visit, "no_show").ok
    doctor, theirs = second_doctor(noon)
    other = make_service(noon, 15, pools=[pool], doctors=[doctor])
    shift(noon, theirs[:1], row(noon, visit.pk).starts_at + dt.timedelta(minutes=30))
    assert serve(noon, other, theirs[0], patient=noon.add_patient()).ok
    assert undo(noon, visit).code == "resource_unavailable"


def test_one_key_is_one_service(world: World, slots: list[AppointmentSlot]) -> None:
    service = make_service(world, 45)
    first = serve(world, service, slots[0], key="k")
    again = serve(world, service, slots[0], key="k")
    assert (again.idempotent, again.appointment_id) == (True, first.appointment_id)
    assert serve(world, None, slots[0], key="k").code == "idempotency_mismatch"


def test_slots_are_not_made_anew_under_a_long_visit(
    world: World, slots: list[AppointmentSlot]
) -> None:
    service = make_service(world, 45, buffers=(0, 15))
    visit = serve(world, service, slots[0]).appointment_id
    with world.as_owner():
        world.doctor.consultation_duration_minutes = 20
        world.doctor.save(using="owner", update_fields=["consultation_duration_minutes"])
    world.make_slots(days=0)
    assert taken(world, visit) == ["09:00", "09:15", "09:30", "09:45"]
    free = [f"{slot.slot_time:%H:%M}" for slot in world.free_slots()]
    assert free[0] == "10:00"
    assert broken(world) == {}
