"""What the receptionist did last, through the booking functions: a course of visits was changed,
and two absences were recorded, one of which still waits for somebody to decide.
"""

import datetime as dt
from itertools import cycle, islice
from typing import cast
from uuid import UUID

from django.db.models import Count, QuerySet

from booking.enums import AbsenceChoice, AbsenceReason
from booking.models import Appointment, AppointmentSlot
from booking.queries.absences import OpenVisit, Place, free_places, open_visits
from booking.services.absences import Choice, apply_absence, start_absence
from booking.services.appointments import cancel_appointment, reschedule_appointment
from booking.services.calls import Outcome
from clinic.tenancy.context import tenant_context
from demo.clinics import ClinicPlan
from demo.clock import DeskClock
from demo.people import demo_id

OPEN = ("scheduled", "confirmed")
# What became of the visits of the absence that is decided, in turn.
DECIDED = (AbsenceChoice.MOVE, AbsenceChoice.ASK, AbsenceChoice.COVER, AbsenceChoice.CANCEL)
ILL_FOR, TAUGHT_FOR = 10, 7  # visits, and how many there have to be
ILL_LEAST, TAUGHT_LEAST = 8, len(DECIDED)
DAYS = range(1, 15)


def work_at_the_desk(plan: ClinicPlan, clock: DeskClock) -> None:
    """Do it as the clinic's receptionist, in one transaction of the site's own login."""
    clinic, user = demo_id(plan.code), demo_id(plan.code, "user", "reception")
    with tenant_context(clinic=clinic, user=user, role="staff", reason="Demo data"):
        treats = change_course(clinic, clock)
        tomorrow, ill = busiest(clinic, clock.today, {treats}, ILL_LEAST)
        later, taught = busiest(clinic, tomorrow, {treats, ill}, TAUGHT_LEAST)
        report("ill", ill, *span(clinic, clock, tomorrow, ill, ILL_FOR), "Fever; called at seven")
        decide(clinic, report("course", taught, *span(clinic, clock, later, taught, TAUGHT_FOR)))


def change_course(clinic: UUID, clock: DeskClock) -> UUID:
    """The second of the coming visits is cancelled, the third moved to the doctor's next time.

    Returns who gives the course, and so had better stay.
    """
    ahead = Appointment.objects.filter(
        clinic_id=clinic, series__isnull=False, starts_at__gt=clock.now
    ).order_by("starts_at")
    _, second, third = ahead[:3]
    must(cancel_appointment(
        idempotency_key="demo-course-cancel", appointment_id=second.id,
        reason="On holiday that week", version=second.version, initiator="patient",
    ))  # fmt: skip
    slot = AppointmentSlot.objects.filter(
        clinic_id=clinic, doctor_id=cast(UUID, third.doctor_id), starts_at__gt=third.starts_at,
        is_available=True, is_blocked=False,
    ).order_by("starts_at")[0]  # fmt: skip
    must(reschedule_appointment(
        idempotency_key="demo-course-move", appointment_id=third.id, slot_id=slot.id,
        reason="Asked for a later time", version=third.version,
    ))  # fmt: skip
    return slot.doctor_id


def visits_of(clinic: UUID, day: dt.date) -> QuerySet[Appointment]:
    return Appointment.objects.filter(clinic_id=clinic, appointment_date=day, status__in=OPEN)


def busiest(clinic: UUID, after: dt.date, but: set[UUID], least: int) -> tuple[dt.date, UUID]:
    """The next day on which two doctors or more see patients, and who of the others sees the most,
    least or more: half a Saturday has little to decide.

    Where one doctor works alone nobody could take over, and no time would be left.
    """
    for day in (after + dt.timedelta(days=n) for n in DAYS):
        counted = visits_of(clinic, day).order_by().values_list("doctor_id").annotate(n=Count("id"))
        busy = [(doctor, n) for doctor, n in counted.order_by("-n", "doctor_id") if doctor]
        others = [doctor for doctor, n in busy if doctor not in but and n >= least]
        if len(busy) > 1 and others:
            return day, others[0]
    raise RuntimeError("demo data: no day on which two doctors have visits enough")


def span(
    clinic: UUID, clock: DeskClock, day: dt.date, doctor: UUID, visits: int
) -> tuple[dt.datetime, dt.datetime]:
    """From midnight to the end of so many visits of the doctor's day."""
    ends = visits_of(clinic, day).filter(doctor_id=doctor).order_by("starts_at")
    return clock.at(day, 0), list(ends.values_list("ends_at", flat=True)[:visits])[-1]


def report(
    name: str, doctor: UUID, starts_at: dt.datetime, ends_at: dt.datetime, note: str = ""
) -> UUID:
    """Record that the doctor is away; the id of the absence."""
    found = start_absence(
        idempotency_key=f"demo-{name}", doctor_id=doctor, starts_at=starts_at, ends_at=ends_at,
        reason=AbsenceReason.SICK if name == "ill" else AbsenceReason.TRAINING, note=note,
    )  # fmt: skip
    must(found)
    return cast(UUID, found.absence_id)


def decide(clinic: UUID, absence: UUID) -> None:
    """Settle each visit of the absence in one of the ways of DECIDED."""
    places: dict[UUID, list[Place]] = {}
    for place in free_places(clinic_id=clinic, absence_id=absence):
        places.setdefault(place.visit_id, []).append(place)
    visits = open_visits(clinic_id=clinic, absence_id=absence)
    wanted = islice(cycle(DECIDED), len(visits))
    must(apply_absence(
        idempotency_key="demo-course-decide", absence_id=absence, version=1,
        choices=[
            choose(visit, places.get(visit.id, []), want)
            for visit, want in zip(visits, wanted, strict=True)
        ],
    ))  # fmt: skip


def choose(visit: OpenVisit, places: list[Place], wanted: AbsenceChoice) -> Choice:
    """What is wanted if there is a place for it; the best place otherwise; else to cancel."""
    kinds = {place.kind: place for place in reversed(places)}
    wants_cover = wanted == AbsenceChoice.COVER and "cover" in kinds
    place = kinds.get("cover") if wants_cover else kinds.get("move")
    if wanted == AbsenceChoice.CANCEL or place is None:
        return Choice(visit.id, visit.version, AbsenceChoice.CANCEL)
    choice = AbsenceChoice.MOVE if wanted == AbsenceChoice.COVER and not wants_cover else wanted
    return Choice(visit.id, visit.version, choice, place.slot_id)


def must(outcome: Outcome) -> None:
    """The demo is made on an empty clinic: whatever stands against it is a mistake of ours."""
    if not outcome.ok or getattr(outcome, "refused", None):
        raise RuntimeError(f"demo data: {outcome}")
