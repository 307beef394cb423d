"""The promise between a patient and a doctor. Only the booking functions write it."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Least
from django.db.models.lookups import GreaterThanOrEqual

from booking.enums import AppointmentSource, AppointmentStatus, AppointmentType, QueueStatus
from clinic.fields import PgEnumField
from clinic.models.base import (
    SoftDelete,
    TenantModel,
    Timestamps,
    implied_clinic,
    json_default,
    tenant_key,
)

TAKES_TIME = ~Q(status__in=["cancelled", "rescheduled", "no_show"]) & Q(deleted_at__isnull=True)
# Deliberate overlaps are marked by their reason, and are no constraint's business.
ALONE = TAKES_TIME & Q(overbooked_reason="")
TIME_RANGE = Func("starts_at", "ends_at", function="tstzrange")


class Appointment(Timestamps, SoftDelete, TenantModel):
    """starts_at and ends_at decide; appointment_date and _time are the clinic's wall clock."""

    clinic = implied_clinic()
    patient = tenant_key("clinic.Patient", related_name="appointments")
    doctor = tenant_key("clinic.Doctor", null=True, blank=True, related_name="appointments")
    slot = tenant_key("booking.AppointmentSlot", null=True, blank=True, related_name="+")
    appointment_number = models.CharField(max_length=50, editable=False)
    appointment_date = models.DateField()
    appointment_time = models.TimeField()
    duration_minutes = models.IntegerField(db_default=15)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    appointment_type = PgEnumField(
        type_name="appointment_type", choices=AppointmentType, db_default="consultation"
    )
    visit_reason = models.TextField(blank=True, db_default="")
    status = PgEnumField(
        type_name="appointment_status", choices=AppointmentStatus, db_default="scheduled"
    )
    version = models.IntegerField(db_default=1, editable=False)
    queue_number = models.CharField(max_length=10, blank=True, db_default="")
    queue_status = PgEnumField(type_name="queue_status", choices=QueueStatus, null=True, blank=True)
    checked_in_at = models.DateTimeField(null=True, blank=True)
    called_at = models.DateTimeField(null=True, blank=True)
    consultation_start_at = models.DateTimeField(null=True, blank=True)
    consultation_end_at = models.DateTimeField(null=True, blank=True)
    is_telemedicine = models.BooleanField(db_default=False)
    telemedicine_link = models.TextField(blank=True, db_default="")
    telemedicine_session_id = models.CharField(max_length=255, blank=True, db_default="")
    consultation_fee = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    additional_charges = models.DecimalField(max_digits=10, decimal_places=2, db_default=0)
    chas_applicable = models.BooleanField(db_default=False)
    chas_subsidy_amount = models.DecimalField(max_digits=10, decimal_places=2, db_default=0)
    total_amount = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    pre_consultation_notes = models.TextField(blank=True, db_default="")
    post_consultation_notes = models.TextField(blank=True, db_default="")
    internal_notes = models.TextField(blank=True, db_default="")
    reminder_sent_at = models.DateTimeField(null=True, blank=True)
    reminder_channels = models.JSONField(blank=True, **json_default([]))
    source = PgEnumField(type_name="appointment_source", choices=AppointmentSource, null=True)
    # No constraint to users: the id comes from the verified context, users are never deleted, and
    # the key check would lock one receptionist's row in every booking.
    booked_by = models.ForeignKey(
        "clinic.User", models.DO_NOTHING, db_column="booked_by", null=True, db_constraint=False,
        db_index=False, related_name="+",
    )  # fmt: skip
    cancelled_by = models.ForeignKey(
        "clinic.User", models.DO_NOTHING, db_column="cancelled_by", null=True, db_constraint=False,
        db_index=False, related_name="+",
    )  # fmt: skip
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancellation_reason = models.TextField(blank=True, db_default="")
    rescheduled_from = tenant_key(
        "self", db_column="rescheduled_from", null=True, blank=True, related_name="+"
    )
    no_show_marked_at = models.DateTimeField(null=True, blank=True)
    overbooked_reason = models.TextField(
        blank=True, db_default="", help_text="Why the doctor sees two at once; empty where not"
    )
    overlap_reason = models.TextField(
        blank=True, db_default="", help_text="Why the patient is in two places; empty where not"
    )

    class Meta:
        db_table = "appointments"
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="appointments_clinic_id"),
            models.UniqueConstraint(
                fields=["clinic", "appointment_number"], name="appointments_clinic_number"
            ),
            models.UniqueConstraint(
                fields=["slot"],
                name="appointments_slot",
                condition=ALONE & Q(slot__isnull=False),
            ),
            ExclusionConstraint(
                name="appointments_doctor_overlap",
                expressions=[
                    ("doctor", RangeOperators.EQUAL),
                    (TIME_RANGE, RangeOperators.OVERLAPS),
                ],
                condition=ALONE,
            ),
            ExclusionConstraint(
                name="appointments_patient_overlap",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    (TIME_RANGE, RangeOperators.OVERLAPS),
                ],
                condition=TAKES_TIME & Q(overlap_reason=""),
            ),
            models.CheckConstraint(
                condition=Q(duration_minutes__range=(1, 720)), name="appointments_duration"
            ),
            # LEAST passes over nulls; each statement parses its checks anew, so they are short.
            models.CheckConstraint(
                condition=GreaterThanOrEqual(
                    Least(
                        "total_amount",
                        "consultation_fee",
                        "additional_charges",
                        "chas_subsidy_amount",
                    ),
                    0,
                ),
                name="appointments_money",
            ),
            models.CheckConstraint(
                condition=~Q(status="cancelled")
                | (Q(cancelled_at__isnull=False) & ~Q(cancellation_reason="")),
                name="appointments_cancelled",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "starts_at"], name="appointments_day"),
            models.Index(fields=["clinic", "patient", "starts_at"], name="appointments_patient"),
            models.Index(fields=["clinic", "doctor", "starts_at"], name="appointments_doctor"),
            models.Index(
                fields=["clinic", "rescheduled_from"],
                name="appointments_rescheduled_from",
                condition=Q(rescheduled_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.appointment_number


class AppointmentCounter(models.Model):
    """The last number given in a clinic on one of its days."""

    pk = models.CompositePrimaryKey("clinic_id", "day")
    clinic = models.ForeignKey("clinic.Clinic", models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    last_value = models.BigIntegerField()

    class Meta:
        db_table = "appointment_counters"
        constraints = [
            models.CheckConstraint(
                condition=Q(last_value__gt=0), name="appointment_counters_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.last_value}"


class BookingRequest(models.Model):
    """One use of an idempotency key by one user, with the answer that a repeat gets."""

    pk = models.CompositePrimaryKey("clinic_id", "user_id", "operation", "idempotency_key")
    clinic = models.ForeignKey("clinic.Clinic", models.DO_NOTHING, related_name="+")
    user_id = models.UUIDField()
    operation = models.TextField()
    idempotency_key = models.TextField()
    request_hash = models.BinaryField()
    slot_id = models.UUIDField(null=True)
    patient_id = models.UUIDField(null=True)
    appointment_id = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "booking_requests"

    def __str__(self) -> str:
        return f"{self.operation} {self.idempotency_key}"
