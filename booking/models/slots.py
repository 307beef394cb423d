"""The time that can be booked."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clinic.models.base import TenantModel, Timestamps, implied_clinic, person_key, tenant_key


class AppointmentSlot(Timestamps, TenantModel):
    """starts_at and ends_at decide; slot_date and slot_time are the clinic's wall clock.

    A hold ends by the database's clock: until held_until only the user of held_by, or a booking for
    the patient of held_for, may take the slot.
    """

    clinic = implied_clinic()
    doctor = tenant_key("clinic.Doctor", related_name="slots")
    slot_date = models.DateField()
    slot_time = models.TimeField()
    duration_minutes = models.IntegerField(db_default=15)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_available = models.BooleanField(db_default=True)
    is_blocked = models.BooleanField(db_default=False)
    block_reason = models.TextField(blank=True, db_default="")
    appointment = tenant_key("booking.Appointment", null=True, blank=True, related_name="+")
    # The visit that began in an earlier slot and takes this one too, with its buffers.
    covered_by = tenant_key(
        "booking.Appointment", db_column="covered_by", null=True, blank=True, related_name="covers"
    )
    held_until = models.DateTimeField(null=True, blank=True, editable=False)
    held_by = person_key("held_by")
    held_for = tenant_key(
        "clinic.Patient", db_column="held_for", null=True, blank=True, editable=False,
        related_name="+",
    )  # fmt: skip

    class Meta:
        db_table = "appointment_slots"
        ordering = ["starts_at", "doctor"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="appointment_slots_clinic_id"),
            models.UniqueConstraint(
                fields=["doctor", "starts_at"], name="appointment_slots_doctor_start"
            ),
            models.UniqueConstraint(
                fields=["appointment"],
                name="appointment_slots_appointment",
                condition=Q(appointment__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(duration_minutes__range=(1, 720)), name="appointment_slots_duration"
            ),
            models.CheckConstraint(
                condition=Q(is_available=False) | Q(appointment__isnull=True),
                name="appointment_slots_free",
            ),
            models.CheckConstraint(
                condition=Q(covered_by__isnull=True)
                | Q(is_available=False, appointment__isnull=True),
                name="appointment_slots_covered",
            ),
            models.CheckConstraint(
                condition=Q(held_until__isnull=True, held_by__isnull=True, held_for__isnull=True)
                | Q(is_available=True, held_until__isnull=False)
                & (Q(held_by__isnull=False) | Q(held_for__isnull=False)),
                name="appointment_slots_hold",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "starts_at"], name="appointment_slots_day"),
            # What can be booked: the next free times, however full the book is until then.
            models.Index(
                fields=["clinic", "starts_at", "doctor"],
                name="appointment_slots_open",
                condition=Q(is_available=True, is_blocked=False),
            ),
            models.Index(
                fields=["clinic", "covered_by"],
                name="appointment_slots_covers",
                condition=Q(covered_by__isnull=False),
            ),
            models.Index(
                fields=["clinic", "held_by"],
                name="appointment_slots_held_by",
                condition=Q(held_by__isnull=False),
            ),
            models.Index(
                fields=["clinic", "held_for"],
                name="appointment_slots_held_for",
                condition=Q(held_for__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot_date:%d %b %Y} {self.slot_time:%H:%M}"


class LimitPermit(TenantModel):
    """Why the desk booked a patient on a day on which the doctor had seen enough already."""

    clinic = implied_clinic()
    slot = tenant_key("booking.AppointmentSlot", related_name="+")
    patient = tenant_key("clinic.Patient", related_name="+")
    reason = models.TextField()
    permitted_by = person_key("permitted_by")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "limit_permits"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "slot", "patient"], name="limit_permits_clinic_slot_patient"
            ),
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="limit_permits_reason"),
        ]
        indexes = [
            models.Index(fields=["clinic", "patient"], name="limit_permits_patient"),
        ]

    def __str__(self) -> str:
        return self.reason
