"""A row that somebody else holds for too long: 503, nothing written, the same key may go on."""

import uuid
from typing import Any

import psycopg

from tests.factories import World


def test_a_held_slot_answers_503_and_the_same_key_books_later(
    world: World, login: Any, admin_url: str
) -> None:
    world.make_slots()
    slot = world.free_slots()[0]
    client = login(world.bob)
    form = {
        "slot": str(slot.id), "patient": str(world.patient.id),
        "appointment_type": "consultation",
        "idempotency_key": str(uuid.uuid4()),
    }  # fmt: skip
    url = f"/c/{world.clinic.code}/appointments/new/"
    with psycopg.connect(admin_url) as holder:
        holder.execute("select from clinic.appointment_slots where id = %s for update", [slot.id])
        held = client.post(url, form)
    assert held.status_code == 503
    assert held["Retry-After"] == "2"
    assert "Nothing was saved" in held.content.decode()
    assert client.post(url, form).status_code == 303
