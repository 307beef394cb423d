"""What a statement sets for itself changes nothing of what the trail says of it."""

import datetime as dt

import pytest
from django.db import connections

from tests.adminrows import add_leave
from tests.audit.trail import owner_sql, since
from tests.factories import World

# In this zone the clock goes back by two days, from AAA to AAA: instants around that read alike.
AT = dt.datetime(2027, 1, 12, 0, 10, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(days=2)
ODD = ["set local datestyle = 'SQL, MDY'", "set local timezone = 'AAA0AAA-48,J1/0,J15/0'"]


@pytest.mark.parametrize(
    ("table", "column"),
    [("doctor_leave", "ends_at"), ("appointment_slots", "held_until")],
    ids=["by statement", "by row"],
)
def test_instants_that_read_alike_are_told_apart(world: World, table: str, column: str) -> None:
    world.make_slots(days=0)
    row = world.free_slots(1)[0] if table == "appointment_slots" else add_leave(world, days=30)
    if table == "appointment_slots":
        owner_sql(world, "update clinic.appointment_slots set held_by = %s, held_until = %s"
                  " where id = %s", world.bob.id, AT, row.pk)  # fmt: skip
    else:
        owner_sql(world, "update clinic.doctor_leave set ends_at = %s where id = %s", AT, row.pk)
    new = since(world, table)
    with world.as_owner(), connections["owner"].cursor() as cursor:
        for setting in ODD:
            cursor.execute(setting)
        cursor.execute("select %s::timestamptz::text = %s::timestamptz::text", [AT, LATER])
        assert cursor.fetchone() == (True,), "the control"
        cursor.execute(f"update clinic.{table} set {column} = %s where id = %s", [LATER, row.pk])
    (entry,) = new()
    assert entry.changed_fields == [column]
    assert entry.old_values == {column: "2027-01-12T00:10:00+00:00"}
    assert entry.new_values == {column: "2027-01-14T00:10:00+00:00"}
