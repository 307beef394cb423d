"""Patients: a person in one clinic, with or without a login."""

from typing import Any

from django.db import models
from django.db.models import F, Func, Q
from django_rls.models import RLSManager
from phonenumber_field.modelfields import PhoneNumberField

from clinic.enums import ChasCardType, Gender
from clinic.fields import PgEnumField
from clinic.models.base import (
    SoftDelete,
    TenantModel,
    Timestamps,
    document_number,
    json_default,
    tenant_key,
)


def generated(
    function: str, *columns: str, output_field: models.Field, **named: str
) -> models.GeneratedField:
    """A stored column computed by an immutable SQL function of the same row."""
    return models.GeneratedField(
        expression=Func(*map(F, columns), function=function, output_field=output_field),
        output_field=output_field,
        db_persist=True,
        **named,  # type: ignore[arg-type]
    )


def bmi_field() -> models.GeneratedField:
    """kg/m², from height_cm and weight_kg of the same row."""
    return generated(
        "clinic.calculate_bmi",
        "height_cm",
        "weight_kg",
        output_field=models.DecimalField(max_digits=7, decimal_places=2, null=True),
        verbose_name="BMI",
    )


SECRET_FIELDS = (
    "nric_encrypted",
    "nric_hash",
    "passport_number_encrypted",
    "chas_card_number_encrypted",
    "insurance_policy_number_encrypted",
)


E164 = r"^(\+[1-9][0-9]{6,14})?$"


class PatientManager(RLSManager):
    """No request role may read the encrypted columns, so no query asks for them."""

    def get_queryset(self) -> Any:
        return super().get_queryset().defer(*SECRET_FIELDS)


class Patient(Timestamps, SoftDelete, TenantModel):
    user = models.ForeignKey(
        "clinic.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    patient_number = document_number("P")
    full_name = models.CharField(max_length=255)
    name_key = generated(
        "clinic.search_key", "full_name", output_field=models.TextField(db_collation="C")
    )
    last_name_key = generated(
        "clinic.last_name_key", "full_name", output_field=models.TextField(db_collation="C")
    )
    phone = PhoneNumberField(blank=True, default="")
    nric_encrypted = models.TextField(null=True, editable=False)
    nric_hash = models.CharField(max_length=64, null=True, editable=False)
    passport_number_encrypted = models.TextField(null=True, editable=False)
    date_of_birth = models.DateField()
    gender = PgEnumField(type_name="gender", choices=Gender)
    nationality = models.CharField(max_length=100, blank=True, db_default="")
    race = models.CharField(max_length=50, blank=True, db_default="")
    marital_status = models.CharField(max_length=20, blank=True, db_default="")
    occupation = models.CharField(max_length=100, blank=True, db_default="")
    employer = models.CharField(max_length=255, blank=True, db_default="")
    address = models.TextField(blank=True, db_default="")
    postal_code = models.CharField(max_length=10, blank=True, db_default="")
    emergency_contact_name = models.CharField(max_length=255, blank=True, db_default="")
    emergency_contact_phone = PhoneNumberField(blank=True, default="")
    emergency_contact_relationship = models.CharField(max_length=50, blank=True, db_default="")
    blood_type = models.CharField(max_length=10, blank=True, db_default="")
    allergies = models.JSONField(blank=True, **json_default([]))
    chronic_conditions = models.JSONField(blank=True, **json_default([]))
    current_medications = models.JSONField(blank=True, **json_default([]))
    medical_history = models.JSONField(blank=True, **json_default([]))
    family_medical_history = models.JSONField(blank=True, **json_default([]))
    height_cm = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    weight_kg = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    bmi = bmi_field()
    chas_card_type = PgEnumField(
        type_name="chas_card_type", choices=ChasCardType, db_default="none"
    )
    chas_card_number_encrypted = models.TextField(null=True, editable=False)
    chas_card_expiry = models.DateField(null=True, blank=True)
    insurance_provider = models.CharField(max_length=255, blank=True, db_default="")
    insurance_policy_number_encrypted = models.TextField(null=True, editable=False)
    insurance_expiry = models.DateField(null=True, blank=True)
    medisave_authorized = models.BooleanField(db_default=False)
    preferred_doctor = tenant_key("clinic.Doctor", null=True, blank=True, related_name="+")
    preferred_language = models.CharField(max_length=5, db_default="en")
    sms_consent = models.BooleanField(db_default=False)
    email_consent = models.BooleanField(db_default=False)
    whatsapp_consent = models.BooleanField(db_default=False)
    marketing_consent = models.BooleanField(db_default=False)
    data_sharing_consent = models.BooleanField(db_default=False)
    consent_updated_at = models.DateTimeField(null=True, editable=False)
    first_visit_date = models.DateField(null=True, editable=False)
    last_visit_date = models.DateField(null=True, editable=False)
    total_visits = models.IntegerField(db_default=0, editable=False)
    no_show_count = models.IntegerField(db_default=0, editable=False)
    is_active = models.BooleanField(db_default=True)
    tags = models.JSONField(blank=True, **json_default([]))
    notes = models.TextField(blank=True, db_default="")
    risk_factors = models.JSONField(blank=True, **json_default({}))

    objects = PatientManager()

    class Meta:
        db_table = "patients"
        base_manager_name = "objects"
        ordering = ["name_key", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="patients_clinic_id"),
            models.UniqueConstraint(fields=["clinic", "user"], name="patients_clinic_user"),
            models.UniqueConstraint(
                fields=["clinic", "patient_number"], name="patients_clinic_number"
            ),
            models.UniqueConstraint(fields=["clinic", "nric_hash"], name="patients_clinic_nric"),
            models.CheckConstraint(condition=Q(phone__regex=E164), name="patients_phone"),
            models.CheckConstraint(
                condition=Q(emergency_contact_phone__regex=E164),
                name="patients_emergency_phone",
            ),
            models.CheckConstraint(
                condition=Q(height_cm__isnull=True) | Q(height_cm__range=(20, 280)),
                name="patients_height",
            ),
            models.CheckConstraint(
                condition=Q(weight_kg__isnull=True) | Q(weight_kg__range=("0.2", 700)),
                name="patients_weight",
            ),
            models.CheckConstraint(
                condition=Q(total_visits__gte=0, no_show_count__gte=0), name="patients_counts"
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "name_key"], name="patients_name"),
            models.Index(fields=["clinic", "last_name_key"], name="patients_last_name"),
            models.Index(fields=["clinic", "phone"], name="patients_phone"),
            models.Index(fields=["clinic", "date_of_birth"], name="patients_birth"),
            models.Index(
                fields=["clinic", "preferred_doctor"],
                name="patients_doctor",
                condition=Q(preferred_doctor__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name
