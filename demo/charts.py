"""What clinicians wrote down at the visits that took place. Nothing here is saved."""

import datetime as dt
from random import Random
from typing import Any

from booking.models import Appointment
from clinic.models import (
    HealthScreeningPackage,
    HealthScreeningResult,
    ImagingResult,
    LabResult,
    MedicalRecord,
    Patient,
    Prescription,
    PrescriptionItem,
    VaccinationRecord,
)
from demo.cases import CASES, CHILD_CASES, LABS, PACKAGES, SHOT, VACCINES, WELL, Case, Panel
from demo.clock import MINUTE, DeskClock
from demo.people import Team, demo_id

GROWN = 17 * 365
# Results come after so many days, and are reviewed after so many more.
REPORTED, REVIEWED = 2, 1


class Charts:
    """Rows of one clinic, each list in the order in which it can be saved."""

    def __init__(self, team: Team, clock: DeskClock, rng: Random) -> None:
        self.team, self.clock, self.rng = team, clock, rng
        self.nurse = next(login.user for login in team.logins if login.role == "nurse")
        self.cases: dict[Any, Case] = {}
        self.records: list[MedicalRecord] = []
        self.prescriptions: list[Prescription] = []
        self.items: list[PrescriptionItem] = []
        self.labs: list[LabResult] = []
        self.images: list[ImagingResult] = []
        self.shots: list[VaccinationRecord] = []
        self.packages = [self._package(*plan) for plan in PACKAGES]
        self.screenings: list[HealthScreeningResult] = []

    def draw(self, visits: list[Appointment]) -> None:
        """Fill the lists from the visits that are over, oldest first."""
        done = [visit for visit in visits if visit.status == "completed"]
        for visit in sorted(done, key=lambda v: (v.starts_at, str(v.id))):
            self._visit(visit)

    def rows(self) -> list[list[Any]]:
        return [self.records, self.prescriptions, self.items, self.labs, self.images, self.shots,
                self.packages, self.screenings]  # fmt: skip

    def _visit(self, visit: Appointment) -> None:
        case = self.cases[visit.id] = self._case(visit)
        record = self._record(visit, case)
        self.records.append(record)
        if case.drugs:
            self._prescribe(visit, record, case)
        if case.panel:
            self.labs.append(self._lab(visit, record, case.panel))
        if case.xray:
            self.images.append(self._image(visit, record, case.xray))
        if visit.appointment_type == "vaccination" or case is SHOT:
            self.shots.append(self._shot(visit))
        if visit.appointment_type == "screening":
            self.screenings.append(self._screening(visit))

    def _case(self, visit: Appointment) -> Case:
        if visit.appointment_type == "vaccination":
            return SHOT
        if is_child(visit.patient, visit.appointment_date):
            return self.rng.choice(CHILD_CASES)
        return CASES.get(str(visit.visit_reason), WELL)

    def _whose(self, visit: Appointment, kind: str) -> dict[str, Any]:
        """Key, clinic, patient and time of a row that belongs to a visit."""
        return {
            "id": demo_id(visit.id, kind), "clinic": self.team.clinic, "patient": visit.patient,
            "created_at": visit.consultation_end_at, "updated_at": visit.consultation_end_at,
        }  # fmt: skip

    def _record(self, visit: Appointment, case: Case) -> MedicalRecord:
        hidden = self.rng.random()
        day = visit.appointment_date
        weeks = case.follow_up_weeks
        return MedicalRecord(
            **self._whose(visit, "record"), doctor_id=visit.doctor_id, appointment=visit,
            record_date=day, chief_complaint=case.complaint, primary_diagnosis=case.diagnosis,
            primary_diagnosis_code=case.code, treatment_plan=case.plan,
            medications_prescribed=[drug.name for drug in case.drugs],
            follow_up_required=bool(weeks),
            follow_up_date=day + dt.timedelta(weeks=weeks) if weeks else None,
            is_sensitive=hidden < 0.04, access_restricted=hidden < 0.01,
            **self._vitals(visit.patient, case), **self._certificate(visit, case),
        )  # fmt: skip

    def _vitals(self, patient: Patient, case: Case) -> dict[str, Any]:
        fever = "ever" in case.complaint
        body: dict[str, Any] = {
            "temperature_celsius": round(self.rng.uniform(37.6, 38.9), 1)
            if fever
            else round(self.rng.uniform(36.2, 37.1), 1),
            "heart_rate_bpm": self.rng.randint(60, 96),
            "oxygen_saturation_percent": self.rng.randint(96, 100),
        }
        if patient.weight_kg and patient.height_cm:
            high = case.code == "I10"
            body |= {
                "blood_pressure_systolic": self.rng.randint(136, 158)
                if high
                else self.rng.randint(108, 132),
                "blood_pressure_diastolic": self.rng.randint(66, 88),
                "weight_kg": patient.weight_kg,
                "height_cm": patient.height_cm,
            }
        return body

    def _certificate(self, visit: Appointment, case: Case) -> dict[str, Any]:
        if not case.ill or self.rng.random() > 0.5:
            return {}
        days, first = self.rng.randint(1, 3), visit.appointment_date
        return {
            "mc_required": True, "mc_days": days, "mc_start_date": first,
            "mc_end_date": first + dt.timedelta(days=days - 1),
            "mc_number": f"MC-{first:%Y%m%d}-{self.rng.randint(1000, 9999)}",
        }  # fmt: skip

    def _prescribe(self, visit: Appointment, record: MedicalRecord, case: Case) -> None:
        day = visit.appointment_date
        over = (self.clock.today - day).days > max(drug.days for drug in case.drugs)
        ended: Any = visit.consultation_end_at
        doctor: Any = visit.doctor_id
        script = Prescription(
            **self._whose(visit, "prescription"), doctor_id=doctor, medical_record=record,
            prescription_date=day, status="completed" if over else "active",
            valid_until=day + dt.timedelta(days=30), dispensed_by=self.nurse.full_name,
            dispensed_at=min(ended + 8 * MINUTE, self.clock.now), collection_method="pickup",
        )  # fmt: skip
        self.prescriptions.append(script)
        self.items += [
            PrescriptionItem(
                id=demo_id(script.id, n), clinic=self.team.clinic, prescription=script,
                medication_name=drug.name, generic_name=drug.name, dosage=drug.dosage,
                frequency=drug.frequency, route="Topical" if drug.unit == "tube" else "Oral",
                duration=f"{drug.days} days", quantity=drug.quantity, unit=drug.unit,
                dispensed_quantity=drug.quantity, total_price=drug.price,
                is_antibiotic=drug.antibiotic, is_controlled_drug=drug.controlled,
            )
            for n, drug in enumerate(case.drugs)
        ]  # fmt: skip

    def _lab(self, visit: Appointment, record: MedicalRecord, panel: Panel) -> LabResult:
        """Ordered at the visit; reported and reviewed when its time has come."""
        age = (self.clock.today - visit.appointment_date).days
        lab = LabResult(
            **self._whose(visit, "lab"), doctor_id=visit.doctor_id, medical_record=record,
            lab_name=LABS[self.team.plan.code], lab_reference_number=f"L{visit.id.hex[:8].upper()}",
            test_date=visit.appointment_date, test_category=panel.category,
            tests_ordered=list(panel.tests), status="pending",
        )  # fmt: skip
        if age >= REPORTED:
            self._report(lab, panel)
        if age >= REPORTED + REVIEWED and not lab.has_critical_values:
            lab.status, lab.reviewed_by_id = "reviewed", visit.doctor_id
            lab.reviewed_at = visit.starts_at + dt.timedelta(days=REPORTED + REVIEWED - 1)
        return lab

    def _report(self, lab: LabResult, panel: Panel) -> None:
        critical = []
        for name, (unit, low, usual, high) in panel.values.items():
            value = round(self.rng.triangular(low, high, usual * 0.95), 1)
            mark = "high" if value > usual else ""
            lab.results[name] = {"value": value, "unit": unit, "range": f"{low}–{usual}",
                                 "flag": mark}  # fmt: skip
            if value > 0.9 * high and high > usual * 1.2:
                critical.append(f"{name} {value} {unit}")
        lab.status, lab.report_date = "completed", lab.test_date + dt.timedelta(days=REPORTED)
        lab.has_critical_values, lab.critical_values = bool(critical), critical

    def _image(self, visit: Appointment, record: MedicalRecord, part: str) -> ImagingResult:
        came = (self.clock.today - visit.appointment_date).days >= REPORTED
        return ImagingResult(
            **self._whose(visit, "image"), doctor_id=visit.doctor_id, medical_record=record,
            imaging_type="xray", body_part=part, imaging_date=visit.appointment_date,
            imaging_center=f"{LABS[self.team.plan.code]} Imaging",
            status="completed" if came else "pending",
            findings="No fracture. Small effusion." if came else "",
            impression="Soft tissue injury." if came else "",
            radiologist_name="Dr M. Okonkwo" if came else "",
        )  # fmt: skip

    def _shot(self, visit: Appointment) -> VaccinationRecord:
        vaccine, brand, doses, weeks = self.rng.choice(VACCINES)
        dose = self.rng.randint(1, doses)
        day = visit.appointment_date
        return VaccinationRecord(
            **self._whose(visit, "shot"), administered_by_id=self.nurse.id, vaccine_name=vaccine,
            vaccine_brand=brand, lot_number=f"{brand[:2].upper()}{self.rng.randint(100, 104)}",
            expiry_date=day + dt.timedelta(days=200), dose_number=dose, dose_amount="0.5 ml",
            route_of_administration="Intramuscular", injection_site="Left upper arm",
            administered_date=day, series_complete=dose == doses,
            next_dose_due_date=None if dose == doses else day + dt.timedelta(weeks=weeks),
        )  # fmt: skip

    def _package(self, name: str, price: Any, tests: tuple[str, ...]) -> HealthScreeningPackage:
        return HealthScreeningPackage(
            id=demo_id(self.team.plan.code, "package", name), clinic=self.team.clinic, name=name,
            price=price, tests_included=list(tests),
        )  # fmt: skip

    def _screening(self, visit: Appointment) -> HealthScreeningResult:
        package = self.rng.choice(self.packages)
        return HealthScreeningResult(
            **self._whose(visit, "screening"), appointment=visit, package=package,
            report_date=visit.appointment_date, doctor_notes="Nothing that needs treatment.",
            results=dict.fromkeys(package.tests_included, "Within the usual range"),
        )  # fmt: skip


def is_child(patient: Patient, day: dt.date) -> bool:
    return (day - patient.date_of_birth).days < GROWN
