"""What laboratories, imaging centres and vaccinations leave."""

from django.db import models
from django.db.models import Q

from clinic.enums import ImagingStatus, ImagingType, LabStatus
from clinic.models.base import (
    SoftDelete,
    TenantModel,
    Timestamps,
    implied_clinic,
    json_default,
    one_of,
    person_key,
    tenant_key,
    within,
)


class LabResult(Timestamps, SoftDelete, TenantModel):
    clinic = implied_clinic()
    patient = tenant_key("clinic.Patient", related_name="lab_results")
    doctor = tenant_key("clinic.Doctor", null=True, blank=True, related_name="+")
    medical_record = tenant_key("clinic.MedicalRecord", null=True, blank=True, related_name="+")
    lab_name = models.CharField(verbose_name="laboratory", max_length=255)
    lab_reference_number = models.CharField(
        verbose_name="reference number", max_length=100, blank=True, db_default=""
    )
    test_date = models.DateField()
    report_date = models.DateField(null=True, blank=True)
    test_category = models.CharField(
        verbose_name="category", max_length=100, blank=True, db_default=""
    )
    tests_ordered = models.JSONField(**json_default([]))
    results = models.JSONField(blank=True, **json_default({}))
    has_critical_values = models.BooleanField(verbose_name="has critical values", db_default=False)
    critical_values = models.JSONField(blank=True, **json_default([]))
    critical_values_acknowledged_by = person_key("critical_values_acknowledged_by")
    critical_values_acknowledged_at = models.DateTimeField(
        verbose_name="critical values seen at", null=True, blank=True
    )
    status = models.TextField(choices=LabStatus, db_default="pending")
    reviewed_by = tenant_key(
        "clinic.Doctor", db_column="reviewed_by", null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    comments = models.TextField(blank=True, db_default="")
    report_url = models.TextField(verbose_name="report (link)", blank=True, db_default="")
    attachments = models.JSONField(blank=True, **json_default([]))

    class Meta:
        db_table = "lab_results"
        verbose_name = "laboratory result"
        ordering = ["-test_date", "id"]
        constraints = [
            one_of("lab_results", "status", LabStatus),
            models.CheckConstraint(
                condition=~Q(status="reviewed") | Q(reviewed_at__isnull=False),
                name="lab_results_reviewed",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "test_date", "id"], name="lab_results_recent"),
            models.Index(fields=["clinic", "status", "test_date", "id"], name="lab_results_status"),
            models.Index(
                fields=["clinic", "test_date", "id"],
                name="lab_results_critical",
                condition=Q(has_critical_values=True),
            ),
            models.Index(fields=["clinic", "lab_reference_number"], name="lab_results_reference"),
            models.Index(fields=["clinic", "patient", "-test_date"], name="lab_results_patient"),
            models.Index(fields=["clinic", "doctor", "-test_date"], name="lab_results_doctor"),
            models.Index(fields=["clinic", "medical_record"], name="lab_results_record"),
            models.Index(fields=["clinic", "reviewed_by"], name="lab_results_reviewer"),
        ]

    def __str__(self) -> str:
        return f"{self.lab_name} {self.test_date}"


class ImagingResult(Timestamps, SoftDelete, TenantModel):
    clinic = implied_clinic()
    patient = tenant_key("clinic.Patient", related_name="imaging_results")
    doctor = tenant_key("clinic.Doctor", null=True, blank=True, related_name="+")
    medical_record = tenant_key("clinic.MedicalRecord", null=True, blank=True, related_name="+")
    imaging_type = models.TextField(verbose_name="kind", choices=ImagingType)
    body_part = models.CharField(max_length=100, blank=True, db_default="")
    imaging_date = models.DateField(verbose_name="date")
    imaging_center = models.CharField(
        verbose_name="imaging centre", max_length=255, blank=True, db_default=""
    )
    reference_number = models.CharField(max_length=100, blank=True, db_default="")
    findings = models.TextField(blank=True, db_default="")
    impression = models.TextField(blank=True, db_default="")
    recommendations = models.TextField(blank=True, db_default="")
    radiologist_name = models.CharField(max_length=255, blank=True, db_default="")
    radiologist_comments = models.TextField(blank=True, db_default="")
    report_date = models.DateField(null=True, blank=True)
    status = models.TextField(choices=ImagingStatus, db_default="pending")
    reviewed_by = tenant_key(
        "clinic.Doctor", db_column="reviewed_by", null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    images_url = models.JSONField(verbose_name="images (links)", blank=True, **json_default([]))
    report_url = models.TextField(verbose_name="report (link)", blank=True, db_default="")

    class Meta:
        db_table = "imaging_results"
        ordering = ["-imaging_date", "id"]
        constraints = [
            one_of("imaging_results", "imaging_type", ImagingType),
            one_of("imaging_results", "status", ImagingStatus),
        ]
        indexes = [
            models.Index(fields=["clinic", "imaging_date", "id"], name="imaging_results_recent"),
            models.Index(
                fields=["clinic", "status", "imaging_date", "id"], name="imaging_results_status"
            ),
            models.Index(fields=["clinic", "reference_number"], name="imaging_results_reference"),
            models.Index(
                fields=["clinic", "patient", "-imaging_date"], name="imaging_results_patient"
            ),
            models.Index(
                fields=["clinic", "doctor", "-imaging_date"], name="imaging_results_doctor"
            ),
            models.Index(fields=["clinic", "medical_record"], name="imaging_results_record"),
            models.Index(fields=["clinic", "reviewed_by"], name="imaging_results_reviewer"),
        ]

    def __str__(self) -> str:
        return f"{self.get_imaging_type_display()} {self.imaging_date}"


class VaccinationRecord(Timestamps, SoftDelete, TenantModel):
    clinic = implied_clinic()
    patient = tenant_key("clinic.Patient", related_name="vaccinations")
    administered_by = person_key("administered_by")
    vaccine_name = models.CharField(verbose_name="vaccine", max_length=255)
    vaccine_brand = models.CharField(
        verbose_name="brand", max_length=255, blank=True, db_default=""
    )
    vaccine_type = models.CharField(verbose_name="type", max_length=100, blank=True, db_default="")
    lot_number = models.CharField(max_length=100, blank=True, db_default="")
    expiry_date = models.DateField(null=True, blank=True)
    dose_number = models.IntegerField(null=True, blank=True)
    dose_amount = models.CharField(max_length=50, blank=True, db_default="")
    route_of_administration = models.CharField(
        verbose_name="route", max_length=50, blank=True, db_default=""
    )
    injection_site = models.CharField(max_length=100, blank=True, db_default="")
    administered_date = models.DateField(verbose_name="given on")
    next_dose_due_date = models.DateField(verbose_name="next dose due", null=True, blank=True)
    series_complete = models.BooleanField(db_default=False)
    side_effects_reported = models.BooleanField(verbose_name="side effects", db_default=False)
    side_effects_details = models.TextField(
        verbose_name="what side effects", blank=True, db_default=""
    )
    certificate_number = models.CharField(max_length=100, blank=True, db_default="")
    certificate_url = models.TextField(verbose_name="certificate (link)", blank=True, db_default="")

    class Meta:
        db_table = "vaccination_records"
        verbose_name = "vaccination"
        ordering = ["-administered_date", "id"]
        constraints = [within("vaccination_records", "dose_number", 1, 20)]
        indexes = [
            models.Index(
                fields=["clinic", "administered_date", "id"], name="vaccination_records_recent"
            ),
            models.Index(fields=["clinic", "lot_number"], name="vaccination_records_lot"),
            models.Index(
                fields=["clinic", "patient", "-administered_date"],
                name="vaccination_records_patient",
            ),
        ]

    def __str__(self) -> str:
        return self.vaccine_name


class HealthScreeningPackage(Timestamps, TenantModel):
    name = models.TextField()
    description = models.TextField(blank=True, db_default="")
    price = models.DecimalField(max_digits=10, decimal_places=2)
    tests_included = models.JSONField(verbose_name="tests", blank=True, **json_default([]))
    is_active = models.BooleanField(verbose_name="offered", db_default=True)

    class Meta:
        db_table = "health_screening_packages"
        verbose_name = "screening package"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "id"], name="health_screening_packages_clinic_id"
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0), name="health_screening_packages_price"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HealthScreeningResult(Timestamps, SoftDelete, TenantModel):
    clinic = implied_clinic()
    patient = tenant_key("clinic.Patient", related_name="screenings")
    package = tenant_key(
        "clinic.HealthScreeningPackage", null=True, blank=True, related_name="results"
    )
    appointment = tenant_key("booking.Appointment", null=True, blank=True, related_name="+")
    report_date = models.DateField()
    doctor_notes = models.TextField(blank=True, db_default="")
    results = models.JSONField(**json_default({}))

    class Meta:
        db_table = "health_screening_results"
        verbose_name = "screening result"
        ordering = ["-report_date", "id"]
        indexes = [
            models.Index(fields=["clinic", "report_date", "id"], name="health_screening_recent"),
            models.Index(
                fields=["clinic", "patient", "-report_date"], name="health_screening_patient"
            ),
            models.Index(fields=["clinic", "package"], name="health_screening_package"),
            models.Index(fields=["clinic", "appointment"], name="health_screening_appointment"),
        ]

    def __str__(self) -> str:
        return str(self.report_date)
