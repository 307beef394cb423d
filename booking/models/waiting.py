"""Who waits for an earlier time, which times came free, and who was offered them.

The booking functions write offers and freed times; the desk keeps what an entry wishes for.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.timezone import localtime

from booking.enums import (
    AnsweredThrough,
    AppointmentType,
    DayPart,
    FreedCause,
    OfferStatus,
    WaitingStatus,
)
from clinic.fields import PgEnumField
from clinic.models.base import (
    TenantModel,
    Timestamps,
    implied_clinic,
    one_of,
    person_key,
    tenant_key,
    within,
)

WEEK = [1, 2, 3, 4, 5, 6, 7]
STILL = Q(status__in=["waiting", "offered"])
DAYS = ArrayField(models.SmallIntegerField())


class WaitingListEntry(Timestamps, TenantModel):
    """A patient who would come on any of the times that the entry describes.

    priority: 1 goes first, 3 last; within one, who has waited longest. No weekdays are any.
    """

    clinic = implied_clinic()
    patient = tenant_key("clinic.Patient", related_name="waiting")
    doctor = tenant_key("clinic.Doctor", null=True, blank=True, related_name="waiting")
    appointment_type = PgEnumField(
        type_name="appointment_type", choices=AppointmentType, db_default="consultation"
    )
    earliest = models.DateField()
    latest = models.DateField()
    weekdays = ArrayField(
        models.SmallIntegerField(), default=list, db_default=models.Value([], DAYS),
        blank=True, help_text="ISO: 1 is Monday, 7 is Sunday",
    )  # fmt: skip
    day_part = models.TextField(choices=DayPart, db_default="any")
    priority = models.SmallIntegerField(db_default=3)
    note = models.TextField(blank=True, db_default="")
    status = models.TextField(choices=WaitingStatus, db_default="waiting", editable=False)
    added_by = person_key("added_by")
    request_key = models.TextField(db_default="", editable=False)
    version = models.IntegerField(db_default=1, editable=False)
    appointment = tenant_key(
        "booking.Appointment", null=True, blank=True, editable=False, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "waiting_list_entries"
        verbose_name = "waiting list entry"
        verbose_name_plural = "waiting list"
        ordering = ["priority", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="waiting_list_entries_clinic_id"),
            models.UniqueConstraint(
                fields=["clinic", "added_by", "request_key"],
                name="waiting_list_entries_request",
                condition=~Q(request_key=""),
            ),
            models.UniqueConstraint(
                fields=["clinic", "patient", "doctor", "appointment_type"],
                name="waiting_list_entries_once",
                condition=STILL,
                nulls_distinct=False,
            ),
            one_of("waiting_list_entries", "day_part", DayPart),
            one_of("waiting_list_entries", "status", WaitingStatus),
            within("waiting_list_entries", "priority", 1, 3),
            models.CheckConstraint(
                condition=Q(latest__gte=F("earliest")), name="waiting_list_entries_dates"
            ),
            models.CheckConstraint(
                condition=Q(weekdays__contained_by=WEEK), name="waiting_list_entries_weekdays"
            ),
            models.CheckConstraint(
                condition=(STILL & Q(closed_at__isnull=True))
                | (~STILL & Q(closed_at__isnull=False)),
                name="waiting_list_entries_closed",
            ),
            models.CheckConstraint(
                condition=~Q(status="booked") | Q(appointment__isnull=False),
                name="waiting_list_entries_booked",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "priority", "created_at"],
                name="waiting_list_entries_ranked",
                condition=STILL,
            ),
            models.Index(fields=["clinic", "patient"], name="waiting_list_entries_patient"),
            models.Index(
                fields=["clinic", "doctor"],
                name="waiting_list_entries_doctor",
                condition=Q(doctor__isnull=False),
            ),
            models.Index(
                fields=["clinic", "appointment"],
                name="waiting_list_entries_visit",
                condition=Q(appointment__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.earliest:%d %b %Y} to {self.latest:%d %b %Y}"


class FreedSlot(TenantModel):
    """A time that could be booked again, when and why; considered_at is when it was offered round.

    What became of it is asked of the offers and of the slot: booking.fill_rate.
    """

    clinic = implied_clinic()
    slot = tenant_key("booking.AppointmentSlot", related_name="+")
    cause = models.TextField(choices=FreedCause)
    freed_at = models.DateTimeField(db_default=Now(), editable=False)
    considered_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "freed_slots"
        verbose_name = "freed time"
        ordering = ["-freed_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="freed_slots_clinic_id"),
            models.UniqueConstraint(fields=["clinic", "slot", "freed_at"], name="freed_slots_once"),
            one_of("freed_slots", "cause", FreedCause),
        ]
        indexes = [
            models.Index(fields=["clinic", "-freed_at"], name="freed_slots_recent"),
            models.Index(
                fields=["clinic", "freed_at"],
                name="freed_slots_open",
                condition=Q(considered_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()} {localtime(self.freed_at):%d %b %Y %H:%M}"


class WaitingListOffer(TenantModel):
    """A slot held for one patient of the list until expires_at. One open offer per entry and slot.

    The link that the patient gets is derived, not stored; token_hash is what it must come to.
    """

    clinic = implied_clinic()
    entry = tenant_key("booking.WaitingListEntry", related_name="offers")
    slot = tenant_key("booking.AppointmentSlot", related_name="+")
    freed = tenant_key("booking.FreedSlot", null=True, blank=True, related_name="offers")
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = person_key("made_by")
    request_key = models.TextField(db_default="", editable=False)
    expires_at = models.DateTimeField()
    status = models.TextField(choices=OfferStatus, db_default="open")
    token_hash = models.BinaryField()
    notice = tenant_key("messaging.Notification", null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    answered_by = person_key("answered_by")
    answered_through = models.TextField(choices=AnsweredThrough, null=True, blank=True)
    answer_key = models.TextField(db_default="", editable=False)

    class Meta:
        db_table = "waiting_list_offers"
        verbose_name = "offer"
        ordering = ["-made_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "entry"],
                name="waiting_list_offers_entry",
                condition=Q(status="open"),
            ),
            models.UniqueConstraint(
                fields=["clinic", "slot"],
                name="waiting_list_offers_slot",
                condition=Q(status="open"),
            ),
            models.UniqueConstraint(
                fields=["clinic", "made_by", "request_key"],
                name="waiting_list_offers_request",
                condition=~Q(request_key=""),
            ),
            models.UniqueConstraint(
                fields=["clinic", "answered_by", "answer_key"],
                name="waiting_list_offers_answer",
                condition=~Q(answer_key=""),
            ),
            one_of("waiting_list_offers", "status", OfferStatus),
            one_of("waiting_list_offers", "answered_through", AnsweredThrough),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="waiting_list_offers_times"
            ),
            models.CheckConstraint(
                condition=(Q(status="open") & Q(closed_at__isnull=True))
                | (~Q(status="open") & Q(closed_at__isnull=False)),
                name="waiting_list_offers_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "-made_at"], name="waiting_list_offers_recent"),
            models.Index(fields=["clinic", "entry", "slot"], name="waiting_list_offers_whom"),
            models.Index(fields=["clinic", "slot"], name="waiting_list_offers_what"),
            models.Index(
                fields=["clinic", "notice"],
                name="waiting_list_offers_notice",
                condition=Q(notice__isnull=False),
            ),
            models.Index(
                fields=["clinic", "freed"],
                name="waiting_list_offers_freed",
                condition=Q(freed__isnull=False),
            ),
            models.Index(
                fields=["clinic", "expires_at"],
                name="waiting_list_offers_due",
                condition=Q(status="open"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} {localtime(self.made_at):%d %b %Y %H:%M}"
