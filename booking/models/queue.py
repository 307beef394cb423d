"""The flow of a day: the queue and its entries, video visits, and leads from the public page."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from phonenumber_field.modelfields import PhoneNumberField

from booking.enums import ContactPreference, LeadStatus, QueueStatus, TelemedicineStatus
from clinic.fields import PgEnumField
from clinic.models.base import TenantModel, Timestamps, implied_clinic, one_of, tenant_key


class QueueManagement(Timestamps, TenantModel):
    """The state of one clinic's queue on one day."""

    queue_date = models.DateField(verbose_name="day")
    current_number = models.CharField(
        verbose_name="being served", max_length=10, blank=True, db_default=""
    )
    last_called_number = models.CharField(
        verbose_name="last called", max_length=10, blank=True, db_default=""
    )
    total_waiting = models.IntegerField(verbose_name="waiting", db_default=0)
    average_wait_time_minutes = models.IntegerField(
        verbose_name="average wait (minutes)", null=True, blank=True
    )

    class Meta:
        db_table = "queue_management"
        verbose_name = "queue of a day"
        verbose_name_plural = "queues by day"
        ordering = ["-queue_date"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "queue_date"], name="queue_management_day"),
            models.CheckConstraint(
                condition=Q(total_waiting__gte=0), name="queue_management_total"
            ),
        ]

    def __str__(self) -> str:
        return str(self.queue_date)


class QueueEntry(Timestamps, TenantModel):
    """One person in line; the flow beside the appointment's promise."""

    clinic = implied_clinic()
    patient = tenant_key("clinic.Patient", related_name="+")
    appointment = tenant_key("booking.Appointment", null=True, blank=True, related_name="+")
    doctor = tenant_key("clinic.Doctor", null=True, blank=True, related_name="+")
    queue_date = models.DateField(verbose_name="day")
    ticket_number = models.CharField(verbose_name="ticket", max_length=10)
    status = PgEnumField(type_name="queue_status", choices=QueueStatus, db_default="waiting")
    priority = models.IntegerField(db_default=5, help_text="1 is most urgent")
    arrived_at = models.DateTimeField(db_default=Now())
    called_at = models.DateTimeField(null=True, blank=True)
    served_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "queue_entries"
        verbose_name_plural = "queue entries"
        ordering = ["queue_date", "priority", "arrived_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "queue_date", "ticket_number"], name="queue_entries_ticket"
            ),
            models.UniqueConstraint(
                fields=["clinic", "appointment"],
                name="queue_entries_open",
                condition=Q(status__in=["waiting", "called", "serving"]),
            ),
            models.CheckConstraint(
                condition=Q(priority__range=(1, 10)), name="queue_entries_priority"
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "patient"], name="queue_entries_patient"),
            models.Index(fields=["clinic", "appointment"], name="queue_entries_appointment"),
            models.Index(fields=["clinic", "doctor", "queue_date"], name="queue_entries_doctor"),
        ]

    def __str__(self) -> str:
        return self.ticket_number


class TelemedicineSession(Timestamps, TenantModel):
    """A video visit. The session's token is kept as a hash: whoever reads the row cannot join."""

    clinic = implied_clinic()
    appointment = tenant_key("booking.Appointment", related_name="+")
    patient = tenant_key("clinic.Patient", related_name="+")
    doctor = tenant_key("clinic.Doctor", related_name="+")
    session_token_hash = models.CharField(max_length=64, editable=False)
    room_url = models.TextField(verbose_name="room (link)", blank=True, db_default="")
    room_name = models.CharField(verbose_name="room", max_length=100, blank=True, db_default="")
    status = models.TextField(choices=TelemedicineStatus, db_default="scheduled")
    scheduled_start = models.DateTimeField()
    scheduled_end = models.DateTimeField()
    actual_start = models.DateTimeField(null=True, blank=True)
    actual_end = models.DateTimeField(null=True, blank=True)
    duration_minutes = models.IntegerField(verbose_name="minutes", null=True, blank=True)
    patient_joined_at = models.DateTimeField(null=True, blank=True)
    patient_left_at = models.DateTimeField(null=True, blank=True)
    doctor_joined_at = models.DateTimeField(null=True, blank=True)
    doctor_left_at = models.DateTimeField(null=True, blank=True)
    connection_drops = models.IntegerField(db_default=0)
    recording_enabled = models.BooleanField(verbose_name="recorded", db_default=False)
    recording_url = models.TextField(verbose_name="recording (link)", blank=True, db_default="")
    patient_rating = models.IntegerField(null=True, blank=True)
    patient_feedback = models.TextField(blank=True, db_default="")
    doctor_notes = models.TextField(blank=True, db_default="")
    technical_issues = models.TextField(blank=True, db_default="")

    class Meta:
        db_table = "telemedicine_sessions"
        verbose_name = "video visit"
        ordering = ["-scheduled_start", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "appointment"], name="telemedicine_sessions_appointment"
            ),
            models.UniqueConstraint(
                fields=["clinic", "session_token_hash"], name="telemedicine_sessions_token"
            ),
            one_of("telemedicine_sessions", "status", TelemedicineStatus),
            models.CheckConstraint(
                condition=Q(scheduled_end__gt=F("scheduled_start"), connection_drops__gte=0)
                & (Q(patient_rating__isnull=True) | Q(patient_rating__range=(1, 5))),
                name="telemedicine_sessions_values",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "scheduled_start", "id"], name="telemedicine_recent"),
            models.Index(
                fields=["clinic", "patient", "-scheduled_start"], name="telemedicine_patient"
            ),
            models.Index(
                fields=["clinic", "doctor", "-scheduled_start"], name="telemedicine_doctor"
            ),
        ]

    def __str__(self) -> str:
        return self.room_name or str(self.scheduled_start)


class PublicBookingRequest(Timestamps, TenantModel):
    """A lead from the public page, not a booking."""

    name = models.TextField()
    phone = PhoneNumberField()
    contact_preference = models.TextField(verbose_name="reach by", choices=ContactPreference)
    preferred_time_text = models.TextField(verbose_name="preferred time")
    reason = models.TextField()
    source = models.TextField(db_default="web")
    status = models.TextField(choices=LeadStatus, db_default="new")
    appointment = tenant_key("booking.Appointment", null=True, blank=True, related_name="+")
    idempotency_key = models.TextField(null=True, editable=False)

    class Meta:
        db_table = "public_booking_requests"
        verbose_name = "request from the web"
        verbose_name_plural = "requests from the web"
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "idempotency_key", "phone"], name="public_booking_requests_key"
            ),
            one_of("public_booking_requests", "contact_preference", ContactPreference),
            one_of("public_booking_requests", "status", LeadStatus),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "created_at", "id"], name="public_booking_requests_recent"
            ),
            models.Index(
                fields=["clinic", "status", "-created_at"], name="public_booking_requests_new"
            ),
            models.Index(fields=["clinic", "phone"], name="public_booking_requests_phone"),
            models.Index(fields=["clinic", "appointment"], name="public_booking_requests_visit"),
        ]

    def __str__(self) -> str:
        return self.name
