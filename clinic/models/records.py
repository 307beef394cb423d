"""What clinicians write: visits and prescriptions."""

from django.db import models
from django.db.models import F, Q

from clinic.enums import CollectionMethod, PrescriptionStatus
from clinic.models.base import (
    SoftDelete,
    TenantModel,
    Timestamps,
    document_number,
    implied_clinic,
    json_default,
    one_of,
    tenant_key,
    within,
)
from clinic.models.patients import bmi_field


class MedicalRecord(Timestamps, SoftDelete, TenantModel):
    """One visit. is_sensitive hides it from nurses, access_restricted from all but its author."""

    clinic = implied_clinic()
    patient = tenant_key("clinic.Patient", related_name="medical_records")
    doctor = tenant_key("clinic.Doctor", null=True, blank=True, related_name="+")
    appointment = tenant_key("booking.Appointment", null=True, blank=True, related_name="+")
    record_number = document_number("MR")
    record_date = models.DateField()
    temperature_celsius = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True)
    blood_pressure_systolic = models.IntegerField(null=True, blank=True)
    blood_pressure_diastolic = models.IntegerField(null=True, blank=True)
    heart_rate_bpm = models.IntegerField(null=True, blank=True)
    respiratory_rate_bpm = models.IntegerField(null=True, blank=True)
    oxygen_saturation_percent = models.IntegerField(null=True, blank=True)
    height_cm = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    weight_kg = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    bmi = bmi_field()
    chief_complaint = models.TextField(blank=True, db_default="")
    history_of_present_illness = models.TextField(blank=True, db_default="")
    review_of_systems = models.JSONField(blank=True, **json_default({}))
    physical_examination = models.JSONField(blank=True, **json_default({}))
    primary_diagnosis = models.CharField(max_length=255, blank=True, db_default="")
    primary_diagnosis_code = models.CharField(
        max_length=20, blank=True, db_default="", help_text="ICD-10"
    )
    secondary_diagnoses = models.JSONField(blank=True, **json_default([]))
    differential_diagnoses = models.JSONField(blank=True, **json_default([]))
    treatment_plan = models.TextField(blank=True, db_default="")
    medications_prescribed = models.JSONField(blank=True, **json_default([]))
    procedures_performed = models.JSONField(blank=True, **json_default([]))
    follow_up_required = models.BooleanField(db_default=False)
    follow_up_date = models.DateField(null=True, blank=True)
    follow_up_instructions = models.TextField(blank=True, db_default="")
    referral_required = models.BooleanField(db_default=False)
    referral_to = models.CharField(max_length=255, blank=True, db_default="")
    referral_reason = models.TextField(blank=True, db_default="")
    referral_letter_url = models.TextField(blank=True, db_default="")
    mc_required = models.BooleanField(db_default=False)
    mc_start_date = models.DateField(null=True, blank=True)
    mc_end_date = models.DateField(null=True, blank=True)
    mc_days = models.IntegerField(null=True, blank=True)
    mc_number = models.CharField(max_length=50, blank=True, db_default="")
    attachments = models.JSONField(blank=True, **json_default([]))
    is_sensitive = models.BooleanField(db_default=False)
    access_restricted = models.BooleanField(db_default=False)

    class Meta:
        db_table = "medical_records"
        ordering = ["-record_date", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="medical_records_clinic_id"),
            models.UniqueConstraint(
                fields=["clinic", "record_number"], name="medical_records_clinic_number"
            ),
            models.UniqueConstraint(
                fields=["clinic", "appointment"], name="medical_records_appointment"
            ),
            within("medical_records", "temperature_celsius", 30, 45),
            within("medical_records", "blood_pressure_systolic", 50, 300),
            within("medical_records", "blood_pressure_diastolic", 30, 200),
            within("medical_records", "heart_rate_bpm", 30, 300),
            within("medical_records", "respiratory_rate_bpm", 4, 80),
            within("medical_records", "oxygen_saturation_percent", 0, 100),
            within("medical_records", "height_cm", 20, 280),
            within("medical_records", "weight_kg", "0.2", 700),
            within("medical_records", "mc_days", 0, 366),
            models.CheckConstraint(
                condition=Q(mc_end_date__isnull=True)
                | Q(mc_start_date__isnull=False, mc_end_date__gte=F("mc_start_date")),
                name="medical_records_mc_dates",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "patient", "-record_date"], name="medical_records_patient"
            ),
            models.Index(
                fields=["clinic", "doctor", "-record_date"], name="medical_records_doctor"
            ),
        ]

    def __str__(self) -> str:
        return self.record_number


class Prescription(Timestamps, SoftDelete, TenantModel):
    clinic = implied_clinic()
    patient = tenant_key("clinic.Patient", related_name="prescriptions")
    doctor = tenant_key("clinic.Doctor", related_name="+")
    medical_record = tenant_key("clinic.MedicalRecord", null=True, blank=True, related_name="+")
    prescription_number = document_number("RX")
    prescription_date = models.DateField()
    status = models.TextField(choices=PrescriptionStatus, db_default="active")
    valid_until = models.DateField(null=True, blank=True)
    is_e_prescription = models.BooleanField(db_default=False)
    e_prescription_sent_to = models.CharField(max_length=255, blank=True, db_default="")
    e_prescription_sent_at = models.DateTimeField(null=True, blank=True)
    e_prescription_token = models.CharField(max_length=255, null=True, editable=False)
    qr_code_url = models.TextField(blank=True, db_default="")
    dispensed_by = models.CharField(max_length=255, blank=True, db_default="")
    dispensed_at = models.DateTimeField(null=True, blank=True)
    collection_method = models.TextField(choices=CollectionMethod, null=True, blank=True)
    pharmacy_notes = models.TextField(blank=True, db_default="")
    doctor_notes = models.TextField(blank=True, db_default="")

    class Meta:
        db_table = "prescriptions"
        ordering = ["-prescription_date", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="prescriptions_clinic_id"),
            models.UniqueConstraint(
                fields=["clinic", "prescription_number"], name="prescriptions_clinic_number"
            ),
            one_of("prescriptions", "status", PrescriptionStatus),
            one_of("prescriptions", "collection_method", CollectionMethod),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("prescription_date")),
                name="prescriptions_valid_until",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "patient", "-prescription_date"], name="prescriptions_patient"
            ),
            models.Index(
                fields=["clinic", "doctor", "-prescription_date"], name="prescriptions_doctor"
            ),
            models.Index(fields=["clinic", "medical_record"], name="prescriptions_record"),
        ]

    def __str__(self) -> str:
        return self.prescription_number


class PrescriptionItem(Timestamps, TenantModel):
    clinic = implied_clinic()
    prescription = tenant_key("clinic.Prescription", related_name="items")
    medication_name = models.CharField(max_length=255)
    medication_code = models.CharField(max_length=50, blank=True, db_default="")
    generic_name = models.CharField(max_length=255, blank=True, db_default="")
    dosage = models.CharField(max_length=100)
    frequency = models.CharField(max_length=100)
    route = models.CharField(max_length=50, blank=True, db_default="")
    duration = models.CharField(max_length=100, blank=True, db_default="")
    quantity = models.IntegerField()
    unit = models.CharField(max_length=20, blank=True, db_default="")
    instructions = models.TextField(blank=True, db_default="")
    food_instructions = models.CharField(max_length=100, blank=True, db_default="")
    dispensed_quantity = models.IntegerField(db_default=0)
    remaining_quantity = models.GeneratedField(
        expression=F("quantity") - F("dispensed_quantity"),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    unit_price = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    total_price = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    subsidy_amount = models.DecimalField(max_digits=10, decimal_places=2, db_default=0)
    is_controlled_drug = models.BooleanField(db_default=False)
    is_antibiotic = models.BooleanField(db_default=False)
    requires_special_storage = models.BooleanField(db_default=False)

    class Meta:
        db_table = "prescription_items"
        ordering = ["prescription", "medication_name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, dispensed_quantity__gte=0)
                & Q(dispensed_quantity__lte=F("quantity")),
                name="prescription_items_quantity",
            ),
            models.CheckConstraint(
                condition=(Q(unit_price__isnull=True) | Q(unit_price__gte=0))
                & (Q(total_price__isnull=True) | Q(total_price__gte=0))
                & Q(subsidy_amount__gte=0),
                name="prescription_items_money",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "prescription"], name="prescription_items_rx"),
        ]

    def __str__(self) -> str:
        return self.medication_name
