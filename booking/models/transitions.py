"""What happened to appointments. Only the booking functions write it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from booking.enums import AppointmentStatus, Channel, Initiator, TransitionAction
from clinic.fields import PgEnumField
from clinic.models.base import TenantModel, implied_clinic, one_of, person_key, tenant_key


class AppointmentTransition(TenantModel):
    """One change in the life of an appointment, from one version to the next.

    A move has two times; everything else keeps its own. initiator tells who caused it, which is
    not who typed it in.
    """

    clinic = implied_clinic()
    appointment = tenant_key("booking.Appointment", related_name="transitions")
    action = models.TextField(choices=TransitionAction)
    from_status = PgEnumField(type_name="appointment_status", choices=AppointmentStatus)
    to_status = PgEnumField(type_name="appointment_status", choices=AppointmentStatus)
    version = models.IntegerField(help_text="Of the appointment, after the change")
    from_slot = tenant_key("booking.AppointmentSlot", null=True, related_name="+")
    to_slot = tenant_key("booking.AppointmentSlot", null=True, related_name="+")
    from_starts_at = models.DateTimeField()
    to_starts_at = models.DateTimeField()
    initiator = models.TextField(choices=Initiator)
    channel = models.TextField(choices=Channel)
    reason = models.TextField(blank=True, db_default="")
    from_overbooked_reason = models.TextField(blank=True, db_default="")
    from_overlap_reason = models.TextField(blank=True, db_default="")
    changed_by = person_key("changed_by")
    # The message that tells the patient, if one was queued: an undo withdraws it.
    notice_id = models.UUIDField(null=True, editable=False)
    actor_role = models.TextField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "appointment_transitions"
        ordering = ["created_at", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "appointment", "version"], name="appointment_transitions_version"
            ),
            one_of("appointment_transitions", "action", TransitionAction),
            one_of("appointment_transitions", "initiator", Initiator),
            one_of("appointment_transitions", "channel", Channel),
        ]
        indexes = [
            models.Index(fields=["clinic", "from_slot"], name="appointment_transitions_from"),
            models.Index(fields=["clinic", "to_slot"], name="appointment_transitions_to"),
            models.Index(
                fields=["clinic", "notice_id"],
                name="appointment_transitions_notice",
                condition=Q(notice_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.version}"
