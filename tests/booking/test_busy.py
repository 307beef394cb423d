"""A row that somebody else holds for too long: 503, nothing written, the same key may go on."""

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from clinic.tenancy import middleware
from tests.factories import World


def test_a_held_slot_answers_503_and_the_same_key_books_later(
    world: World, login: Any, admin_url: str
) -> None:
    world.make_slots(days=1)
    slot = world.free_slots(1)[0]
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


COUNTER = """
insert into clinic.appointment_counters (clinic_id, day, last_value)
select id, (now() at time zone time_zone)::date, 1 from clinic.clinics where id = %s
on conflict (clinic_id, day) do update set last_value = appointment_counters.last_value
"""
WAITS_FOR = "select count(*) from pg_stat_activity where %s = any (pg_blocking_pids(pid))"


def cross(world: World, slot: Any, ready: threading.Event, admin_url: str) -> None:
    """Take the clinic's counter, and when the booking waits for it, the slot that the booking has.

    Only the booking looks for deadlocks, so it is the one that gives way.
    """
    with psycopg.connect(admin_url) as other, psycopg.connect(admin_url) as watch:
        watch.autocommit = True
        other.execute("set local deadlock_timeout = '1min'")
        other.execute(COUNTER, [world.id])
        ready.set()
        while watch.execute(WAITS_FOR, [other.info.backend_pid]).fetchone() == (0,):
            time.sleep(0.01)
        other.execute("select from clinic.appointment_slots where id = %s for update", [slot.id])
        other.rollback()


@pytest.fixture
def collide(world: World, login: Any, admin_url: str) -> Callable[[], Any]:
    """Book while somebody takes the same locks the other way round."""

    def book() -> Any:
        world.make_slots(days=1)
        slot, ready = world.free_slots(1)[0], threading.Event()
        form = {
            "slot": str(slot.id), "patient": str(world.patient.id),
            "appointment_type": "consultation", "idempotency_key": str(uuid.uuid4()),
        }  # fmt: skip
        client = login(world.bob)
        other = threading.Thread(target=cross, args=(world, slot, ready, admin_url))
        other.start()
        assert ready.wait(10)
        answer = client.post(f"/c/{world.clinic.code}/appointments/new/", form)
        other.join(10)
        return answer

    return book


def test_a_deadlock_is_tried_again_by_the_site(
    collide: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert collide().status_code == 303
    assert [r.getMessage() for r in caplog.records if "busy" in r.getMessage()] == [
        "busy: deadlock detected"
    ]


def test_a_deadlock_without_end_is_503(
    collide: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "RETRIES", 0)
    assert collide().status_code == 503
