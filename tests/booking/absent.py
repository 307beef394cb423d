"""Absences for tests: what the desk does with one, and what is there afterwards."""

import datetime as dt
import uuid
from typing import Any

from django.db import connection

from booking.models import (
    Absence,
    AbsenceRow,
    Appointment,
    AppointmentSlot,
)
from booking.services.absences import (
    AbsenceOutcome,
    Choice,
    answer_absence,
    apply_absence,
    start_absence,
    undo_absence,
)
from clinic.models import DoctorLeave
from messaging.models import Notification
from tests.booking.away import Away


def start(away: Away, *, key: str = "", user: Any = None, **more: Any) -> AbsenceOutcome:
    given = {"starts_at": away.start, "ends_at": away.end, "reason": "sick", **more}
    with away.world.as_user(user or away.world.bob):
        return start_absence(
            idempotency_key=key or str(uuid.uuid4()), doctor_id=away.world.doctor.id, **given
        )


def proposed(away: Away, absence: AbsenceOutcome) -> dict[tuple[Any, str], Any]:
    """{(appointment, kind): slot} of the places that are proposed, by the rights of the desk."""
    with away.world.as_user(away.world.bob), connection.cursor() as cursor:
        cursor.execute(
            "select appointment_id, kind, slot_id from booking.propose_places(%s)"
            " where kind <> 'other'", [absence.absence_id],
        )  # fmt: skip
        return {(visit, kind): slot for visit, kind, slot in cursor.fetchall()}


def choose(away: Away, absence: AbsenceOutcome, how: dict[int, str]) -> list[Choice]:
    """The choice of each visit, by its place in the day, with the slot that is proposed for it."""
    places = proposed(away, absence)
    visits = away.visits()
    return [
        Choice(v.id, v.version, kind, places.get((v.id, "cover" if kind == "cover" else "move")))
        for v, kind in ((visits[n], kind) for n, kind in how.items())
    ]


def apply(
    away: Away, absence: AbsenceOutcome, choices: list[Choice], *, key: str = "",
    version: int | None = None, save: bool = False, user: Any = None,
) -> AbsenceOutcome:  # fmt: skip
    with away.world.as_user(user or away.world.bob):
        return apply_absence(
            idempotency_key=key or str(uuid.uuid4()), absence_id=absence.absence_id,
            version=version or absence_of(away, absence).version, choices=choices, save=save,
        )  # fmt: skip


def take_back(away: Away, absence: AbsenceOutcome, *, key: str = "") -> AbsenceOutcome:
    with away.world.as_user(away.world.bob):
        return undo_absence(
            idempotency_key=key or str(uuid.uuid4()), absence_id=absence.absence_id,
            version=absence_of(away, absence).version,
        )  # fmt: skip


def answer(away: Away, absence: AbsenceOutcome, visit: Any, agreed: bool) -> AbsenceOutcome:
    with away.world.as_user(away.world.bob):
        return answer_absence(
            idempotency_key=str(uuid.uuid4()), absence_id=absence.absence_id, appointment_id=visit,
            agreed=agreed, version=absence_of(away, absence).version,
        )  # fmt: skip


def absence_of(away: Away, absence: AbsenceOutcome) -> Absence:
    with away.world.as_owner():
        return Absence.objects.using("owner").get(pk=absence.absence_id)


def rows(away: Away) -> dict[Any, AbsenceRow]:
    with away.world.as_owner():
        return {row.appointment_id: row for row in AbsenceRow.objects.using("owner").all()}


def states(away: Away) -> list[str]:
    return [row.state for row in sorted(rows(away).values(), key=lambda row: row.from_starts_at)]


def notices(away: Away, **where: Any) -> list[Notification]:
    with away.world.as_owner():
        return list(Notification.objects.using("owner").filter(**where))


def leave(away: Away) -> list[DoctorLeave]:
    with away.world.as_owner():
        found = DoctorLeave.objects.using("owner").filter(deleted_at=None)
        return list(found.order_by("starts_at"))


def places_of(away: Away) -> dict[Any, Any]:
    """{appointment: (slot, status)} of the patients' visits, and every slot agrees."""
    with away.world.as_owner():
        visits = Appointment.objects.using("owner").filter(patient__in=away.patients)
        slots = AppointmentSlot.objects.using("owner").exclude(appointment_id=None)
        held = dict(slots.values_list("appointment_id", "id"))
        found = {v.id: (v.slot_id, v.status) for v in visits}
    assert {v: s for v, (s, status) in found.items() if status != "cancelled"} == {
        v: s for v, s in held.items() if v in found
    }
    return found


def due(away: Away) -> None:
    """The three minutes are over."""
    past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    with away.world.as_owner():
        Absence.objects.using("owner").filter(undo_until__isnull=False).update(undo_until=past)
        Notification.objects.using("owner").update(scheduled_for=past)


def away_ids(away: Away) -> list[Any]:
    """The patients' visits in the order of their first times."""
    return [r.appointment_id for r in sorted(rows(away).values(), key=lambda r: r.from_starts_at)]
