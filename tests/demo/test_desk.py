"""What the receptionist of the demo did last: it was done through the booking functions."""

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from booking.models import (
    Absence,
    AbsenceRow,
    Appointment,
    AppointmentSeries,
    AppointmentSlot,
    AppointmentTransition,
)
from booking.queries.absences import free_places, open_visits
from clinic.models import Doctor
from clinic.tenancy.context import tenant_context
from tests.demo.conftest import CODES, Demo, all_of, inside, today_in


@pytest.mark.parametrize("code", CODES)
def test_a_course_is_under_way(demo: Demo, code: str) -> None:
    clinic = demo.clinics[code]
    with inside(clinic):
        series = all_of(AppointmentSeries, clinic).get()
        visits = list(all_of(Appointment, clinic).filter(series=series).order_by("series_position"))
        moved = all_of(AppointmentTransition, clinic).filter(appointment__in=visits)
        told = set(moved.values_list("appointment__series_position", "action"))
    states = [(v.series_position, v.status) for v in visits]
    assert states == [
        (1, "completed"), (2, "completed"), (3, "confirmed"), (4, "cancelled"), (5, "scheduled"),
        (6, "confirmed"),
    ]  # fmt: skip
    assert told == {(4, "cancel"), (5, "reschedule")}
    zone = ZoneInfo(clinic.time_zone)
    kept = [v.starts_at.astimezone(zone) for v in visits if v.series_position != 5]
    assert {at.time() for at in kept} == {series.wall_time}
    assert visits[4].starts_at.astimezone(zone).time() > series.wall_time
    assert kept[1].date() - kept[0].date() == dt.timedelta(weeks=1)


@pytest.mark.parametrize("code", CODES)
def test_a_doctor_is_ill_and_nothing_is_decided(demo: Demo, code: str) -> None:
    clinic = demo.clinics[code]
    with inside(clinic):
        absence = all_of(Absence, clinic).get(reason="sick")
        assert set(all_of(AbsenceRow, clinic).filter(absence=absence).values_list("state")) == {
            ("open",)
        }
    with tenant_context(clinic=clinic.id, role="staff", user=absence.reported_by_id):
        visits = open_visits(clinic_id=clinic.id, absence_id=absence.id)
        places = free_places(clinic_id=clinic.id, absence_id=absence.id)
    assert 8 <= len(visits) <= 10
    assert {place.visit_id for place in places} == {visit.id for visit in visits}
    assert {"cover", "move"} <= {place.kind for place in places}


@pytest.mark.parametrize("code", CODES)
def test_who_is_ill_does_not_work_alone(demo: Demo, code: str) -> None:
    clinic = demo.clinics[code]
    with inside(clinic):
        absence = all_of(Absence, clinic).get(reason="sick")
        others = all_of(AppointmentSlot, clinic).filter(
            starts_at__range=(absence.starts_at, absence.ends_at), is_available=True
        ).exclude(doctor=absence.doctor_id)  # fmt: skip
        assert others.count() >= 5
        assert absence.starts_at > timezone.now()
        soon = today_in(clinic) + dt.timedelta(days=3)  # passes over a short weekend
        assert absence.starts_at.astimezone(ZoneInfo(clinic.time_zone)).date() <= soon


@pytest.mark.parametrize("code", CODES)
def test_another_absence_is_settled(demo: Demo, code: str) -> None:
    clinic = demo.clinics[code]
    with inside(clinic):
        absence = all_of(Absence, clinic).get(reason="training")
        rows = all_of(AbsenceRow, clinic).filter(absence=absence)
        states = Counter(rows.values_list("state", flat=True))
        moved = set(rows.filter(state="moved").values_list("appointment_id", flat=True))
        by_function = all_of(AppointmentTransition, clinic).filter(action="reschedule")
        assert moved <= set(by_function.values_list("appointment_id", flat=True))
        away = set(all_of(Absence, clinic).values_list("doctor_id", flat=True))
        assert len(away) == 2 < all_of(Doctor, clinic).count()
    assert states.keys() >= {"moved", "asked", "cancelled"}
    assert states["open"] == 0
