"""A short run of the failure harness, and proof that its checker sees what it looks for."""

import json
import subprocess
import sys
import uuid
from collections import Counter
from functools import partial

import pytest

from booking.models import Appointment
from tests.booking.life import visit_tomorrow
from tests.factories import World
from tests.races import ask, at_once, context_of, desks


def test_races_and_faults_break_no_promise(admin_url: str) -> None:
    command = [sys.executable, "-m", "tests.harness", "--rounds", "2", "--attempts", "120"]
    run = subprocess.run([*command, "--share", "0.5", "--kills", "2"],
                         capture_output=True, text=True, timeout=120)  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    figures = json.loads(run.stdout.splitlines()[-1])
    assert figures["broken"] == {}
    assert figures["gave_up"] == 0
    assert figures["won"] > 20
    assert figures["repeats"] == figures["won"]
    assert sum(figures["injected"].values()) > 15
    assert figures["injected"]["client killed after commit"] == 2


CALLS = {
    "cancel": "select booking.cancel_booking(%s, %s, 'not needed')",
    "confirm": "select booking.change_status(%s, %s, 'confirm')",
}


@pytest.mark.parametrize("query", CALLS.values(), ids=CALLS)
def test_one_key_at_once_is_one_answer(world: World, query: str) -> None:
    """Whoever comes while the first commits hears the same, never that it was done already."""
    world.make_slots(days=1)
    told: Counter[str] = Counter()
    with desks(8) as open_desks:
        for number in range(20):
            visit = visit_tomorrow(world, number % 5)
            args = [str(uuid.uuid4()), visit.pk]
            answers = at_once([
                partial(ask, desk, context_of(world, world.bob), query, args)
                for desk in open_desks
            ])  # fmt: skip
            told.update(a.get("code") or a["status"] for a in answers)
            with world.as_owner():
                Appointment.objects.using("owner").filter(pk=visit.pk).update(
                    status="cancelled", cancelled_at=visit.starts_at, cancellation_reason="x"
                )
    assert told == {"success": 160}
