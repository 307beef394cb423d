"""What a clinic's people write for each other is not the patient's to read."""

import pytest
from django.db import DatabaseError, connection

from tests.factories import World

STAFF_ONLY = [
    "internal_notes from clinic.appointments",
    "cancellation_reason from clinic.appointments",
    "pre_consultation_notes from clinic.appointments",
    "post_consultation_notes from clinic.appointments",
    "overbooked_reason from clinic.appointments",
    "overlap_reason from clinic.appointments",
    "reason from clinic.appointment_transitions",
    "from_overbooked_reason from clinic.appointment_transitions",
    "visit_reason from clinic.appointment_series",
    "block_reason from clinic.appointment_slots",
    "notes from clinic.patients",
    "tags from clinic.patients",
    "risk_factors from clinic.patients",
]


@pytest.mark.parametrize("column", STAFF_ONLY)
def test_a_patient_reads_nothing_that_staff_wrote_for_themselves(world: World, column: str) -> None:
    with world.as_user(world.bob), connection.cursor() as cursor:
        cursor.execute(f"select {column}")
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        world.as_user(world.dana),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"select {column}")
    with world.as_user(world.dana), connection.cursor() as cursor:
        cursor.execute(f"select id from {column.split()[-1]}")
