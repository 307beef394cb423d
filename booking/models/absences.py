"""A doctor is away: the visits that this concerns, and what became of each.

Only the booking functions write these.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.timezone import localtime

from booking.enums import AbsenceAction, AbsenceChoice, AbsenceReason, AbsenceState
from clinic.models.base import (
    TenantModel,
    Timestamps,
    implied_clinic,
    json_default,
    one_of,
    person_key,
    tenant_key,
)


class Absence(Timestamps, TenantModel):
    """Time that a doctor cannot work after all. version goes on with every change of its rows.

    undo_until is when the first of its messages goes; until then all of it can be taken back.
    """

    clinic = implied_clinic()
    doctor = tenant_key("clinic.Doctor", related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.TextField(choices=AbsenceReason)
    note = models.CharField(max_length=500, blank=True, db_default="")
    # What was recorded as leave for it: the parts that were not leave already. Leave is never
    # deleted, and an array has no foreign key.
    leave_ids = ArrayField(models.UUIDField(), db_default=[], editable=False)
    version = models.IntegerField(db_default=1, editable=False)
    reported_by = person_key("reported_by")
    undo_until = models.DateTimeField(null=True, editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = person_key("undone_by")

    class Meta:
        db_table = "absences"
        ordering = ["-starts_at", "doctor"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="absences_clinic_id"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absences_times"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="absences_undone",
            ),
            one_of("absences", "reason", AbsenceReason),
            ExclusionConstraint(
                name="absences_overlap",
                # The clinic first: exclusion is checked before foreign keys, and would tell of
                # another's absence.
                expressions=[
                    ("clinic", RangeOperators.EQUAL),
                    ("doctor", RangeOperators.EQUAL),
                    (Func("starts_at", "ends_at", function="tstzrange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(undone_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "doctor", "starts_at"], name="absences_doctor"),
            models.Index(fields=["clinic", "ends_at"], name="absences_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}, {localtime(self.starts_at):%d %b %Y}"


class AbsenceRow(Timestamps, TenantModel):
    """One visit of an absence. choice is what was marked for it, state what was done.

    slot is the place that was marked, offered or taken; version that of the appointment after the
    change; code why the last attempt failed. An asked patient's place is held until held_until.
    """

    clinic = implied_clinic()
    absence = tenant_key("booking.Absence", related_name="rows")
    appointment = tenant_key("booking.Appointment", related_name="+")
    state = models.TextField(choices=AbsenceState, db_default="open")
    choice = models.TextField(choices=AbsenceChoice, null=True, blank=True)
    slot = tenant_key("booking.AppointmentSlot", null=True, blank=True, related_name="+")
    from_starts_at = models.DateTimeField()
    version = models.IntegerField(null=True, editable=False)
    held_until = models.DateTimeField(null=True, editable=False)
    notice_id = models.UUIDField(null=True, editable=False)
    code = models.TextField(blank=True, db_default="")
    handled_by = person_key("handled_by")
    handled_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "absence_rows"
        ordering = ["from_starts_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "absence", "appointment"], name="absence_rows_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="asked") | Q(slot__isnull=False, held_until__isnull=False),
                name="absence_rows_asked",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["covered", "moved", "cancelled"])
                | Q(version__isnull=False),
                name="absence_rows_done",
            ),
            one_of("absence_rows", "state", AbsenceState),
            one_of("absence_rows", "choice", AbsenceChoice),
        ]
        indexes = [
            models.Index(fields=["clinic", "appointment"], name="absence_rows_visit"),
            models.Index(
                fields=["clinic", "slot"],
                name="absence_rows_slot",
                condition=Q(slot__isnull=False),
            ),
            models.Index(
                fields=["clinic", "notice_id"],
                name="absence_rows_notice",
                condition=Q(notice_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.get_state_display()


class AbsenceRun(TenantModel):
    """One thing that somebody did with an absence, once per key, with the answer they got."""

    clinic = implied_clinic()
    absence = tenant_key("booking.Absence", related_name="runs")
    action = models.TextField(choices=AbsenceAction)
    idempotency_key = models.TextField()
    request_hash = models.BinaryField(editable=False)
    answer = models.JSONField(**json_default({}))
    messages_due_at = models.DateTimeField(null=True)
    done_by = person_key("done_by")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "absence_runs"
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "done_by", "idempotency_key"], name="absence_runs_key"
            ),
            one_of("absence_runs", "action", AbsenceAction),
        ]
        indexes = [
            models.Index(fields=["clinic", "absence", "created_at"], name="absence_runs_absence"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {localtime(self.created_at):%d %b %Y %H:%M}"
