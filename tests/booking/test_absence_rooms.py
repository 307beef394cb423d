"""An absence whose visits need rooms, beside bookings that need the same ones."""

import json
import uuid
from functools import partial

from booking.services.absences import Choice
from tests.booking.absent import absence_of, places_of, start, states
from tests.booking.away import make_away
from tests.booking.serving import make_pool, make_service, row, serve
from tests.factories import PatientFactory
from tests.races import ask, context_of, desks, in_turn

APPLY = "select booking.apply_absence(%s, %s, %s, %s::jsonb)"
BOOK = "select booking.create_booking(%s, %s, %s, %s, %s, null, 'consultation', %s)"


def test_moves_and_a_booking_of_the_same_rooms_wait_for_each_other(admin_url: str) -> None:
    """An absence locks the rooms before the clinic's numbers, as a booking with a room does."""
    away = make_away(2, doctors=2)
    world = away.world
    service = make_service(
        world, 15, doctors=[world.doctor, *away.others], pools=[make_pool(world, 2)]
    )
    first = away.visits()[0]
    free = [s for s in away.slots(world.doctor, is_available=True) if s.starts_at < away.end]
    with world.as_owner():
        patients = PatientFactory.create_batch(2, clinic=world.clinic)
    made = serve(world, service, free[4], patient=patients[0])
    assert made.ok, made
    served = row(world, made.appointment_id)
    absence = start(away)
    here, there = (away.slots(other, is_available=True) for other in away.others)
    choices = [
        Choice(first.id, first.version, "move", here[20].id),
        Choice(served.id, served.version, "move", here[30].id),
    ]
    context = context_of(world, world.bob)
    apply = [str(uuid.uuid4()), absence.absence_id, absence_of(away, absence).version,
             json.dumps([choice.as_json() for choice in choices])]  # fmt: skip
    book = [str(uuid.uuid4()), context.user_id, world.id, there[25].id, patients[1].pk, service.id]
    with desks(2) as (one, two):
        answers = in_turn(world, admin_url, {
            "apply_absence": partial(ask, one, context, APPLY, apply),
            "create_booking": partial(ask, two, context, BOOK, book),
        })  # fmt: skip
    assert [answer["status"] for answer in answers.values()] == ["success"] * 2
    assert states(away).count("moved") == 2
    assert places_of(away)
