"""The demo's records, money and queue, as a visitor of the database finds them."""

from collections import Counter
from typing import Any

import pytest
from django.db.models import Count, F, Max, Sum
from django.utils import timezone

from booking.models import Appointment, QueueEntry, QueueManagement
from clinic.models import (
    HealthScreeningPackage,
    HealthScreeningResult,
    ImagingResult,
    InsuranceClaim,
    LabResult,
    MedicalRecord,
    Payment,
    PaymentItem,
    Prescription,
    PrescriptionItem,
    VaccinationRecord,
)
from demo.charts import GROWN
from tests.demo.conftest import CODES, Demo, all_of, inside, today_in

LEAST = {
    MedicalRecord: 250, Prescription: 150, PrescriptionItem: 150, LabResult: 30, ImagingResult: 3,
    VaccinationRecord: 20, HealthScreeningPackage: 2, HealthScreeningResult: 5, Payment: 250,
    PaymentItem: 300, InsuranceClaim: 3, QueueEntry: 250, QueueManagement: 10,
}  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_there_is_something_of_everything(demo: Demo, code: str) -> None:
    clinic = demo.clinics[code]
    with inside(clinic):
        found = {model: all_of(model, clinic).count() for model in LEAST}
    assert {m.__name__: n for m, n in found.items() if n < LEAST[m]} == {}


@pytest.mark.parametrize("code", CODES)
def test_each_visit_that_took_place_has_its_record(demo: Demo, code: str) -> None:
    clinic = demo.clinics[code]
    with inside(clinic):
        visits = set(all_of(Appointment, clinic).filter(status="completed").values_list("id"))
        records = all_of(MedicalRecord, clinic)
        assert set(records.values_list("appointment_id")) == visits
        same = records.filter(
            patient=F("appointment__patient"), doctor=F("appointment__doctor"),
            record_date=F("appointment__appointment_date"),
        )  # fmt: skip
        assert same.count() == len(visits)
        hidden = Counter(records.values_list("is_sensitive", "access_restricted"))
        numbers = sorted(records.values_list("record_number", flat=True))
    assert 0 < hidden[True, False] < len(visits) / 10
    assert numbers == [f"MR-{n:05}" for n in range(1, len(visits) + 1)]


@pytest.mark.parametrize("code", CODES)
def test_children_have_what_children_have(demo: Demo, code: str) -> None:
    clinic = demo.clinics[code]
    with inside(clinic):
        rows = list(
            all_of(MedicalRecord, clinic).values_list(
                "record_date", "patient__date_of_birth", "primary_diagnosis"
            )
        )
    young = {what for day, born, what in rows if (day - born).days < GROWN}
    assert young <= {
        "Acute upper respiratory infection", "Contact dermatitis", "General medical examination",
        "Need for immunisation",
    }  # fmt: skip
    assert len({what for _, _, what in rows}) > 8


@pytest.mark.parametrize("code", CODES)
def test_some_visits_are_paid_in_two_parts(demo: Demo, code: str) -> None:
    """Visits ask what their payments add up to, and these what their lines do."""
    clinic = demo.clinics[code]
    with inside(clinic):
        payments = all_of(Payment, clinic)
        asked = {
            row["appointment"]: (row["n"], row["total"])
            for row in payments.exclude(appointment=None)
            .values("appointment")
            .annotate(n=Count("id"), total=Sum("total_amount"))
        }
        done = dict(
            all_of(Appointment, clinic).filter(status="completed").values_list("id", "total_amount")
        )
        lines = dict(
            all_of(PaymentItem, clinic).values_list("payment").annotate(total=Sum("total_price"))
        )
        subtotals = dict(payments.values_list("id", "subtotal"))
        states = set(payments.values_list("status", flat=True))
    assert {visit: total for visit, (_, total) in asked.items()} == done
    assert lines == subtotals
    assert {1, 2} == {n for n, _ in asked.values()}
    assert states == {"pending", "partial", "completed", "refunded"}


@pytest.mark.parametrize("code", CODES)
def test_results_are_at_every_stage(demo: Demo, code: str) -> None:
    clinic = demo.clinics[code]
    with inside(clinic):
        labs = all_of(LabResult, clinic)
        assert set(labs.values_list("status", flat=True)) == {"pending", "completed", "reviewed"}
        critical = labs.filter(has_critical_values=True)
        assert critical.exists()
        assert not critical.filter(critical_values=[]).exists()


@pytest.mark.parametrize("code", CODES)
def test_who_checked_in_stood_in_line(demo: Demo, code: str) -> None:
    clinic, today = demo.clinics[code], today_in(demo.clinics[code])
    with inside(clinic):
        came = all_of(Appointment, clinic).filter(checked_in_at__isnull=False)
        entries = all_of(QueueEntry, clinic)
        assert set(entries.values_list("appointment_id")) == set(came.values_list("id"))
        now = Counter(entries.filter(queue_date=today).values_list("status", flat=True))
        day = all_of(QueueManagement, clinic).get(queue_date=today)
        over = entries.exclude(queue_date=today).values_list("status", flat=True)
        assert set(over) == {"completed"}
    assert (day.total_waiting, day.current_number > "") == (now["waiting"], now["serving"] > 0)


def test_no_record_is_of_a_time_to_come(demo: Demo) -> None:
    moments: dict[Any, tuple[str, ...]] = {
        MedicalRecord: ("created_at",), Prescription: ("dispensed_at",),
        LabResult: ("reviewed_at",),
        Payment: ("created_at", "refunded_at"), InsuranceClaim: ("submitted_at", "approved_at"),
        QueueEntry: ("arrived_at", "called_at", "served_at", "finished_at"),
    }  # fmt: skip
    for clinic in demo.clinics.values():
        with inside(clinic):
            for model, columns in moments.items():
                latest = all_of(model, clinic).aggregate(*map(Max, columns))
                late = [c for c, at in latest.items() if at and at > timezone.now()]
                assert late == [], model.__name__
