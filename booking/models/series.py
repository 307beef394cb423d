"""Visits that repeat. Each visit is an appointment of its own; this is how they came about."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from booking.enums import AppointmentType
from clinic.fields import PgEnumField
from clinic.models.base import TenantModel, implied_clinic, person_key, tenant_key, within

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")  # as RFC 5545 and ISO count them
MOST_DATES = 100


class AppointmentSeries(TenantModel):
    """The rule as it was booked: every so many weeks on weekdays (1 is Monday) at a time of the
    clinic's wall clock, so often or until a day. Never changed: visits move, the rule tells how
    they began.
    """

    clinic = implied_clinic()
    patient = tenant_key("clinic.Patient", related_name="+")
    doctor = tenant_key("clinic.Doctor", related_name="+")
    appointment_type = PgEnumField(
        type_name="appointment_type", choices=AppointmentType, db_default="consultation"
    )
    visit_reason = models.TextField(blank=True, db_default="")
    every_weeks = models.IntegerField(verbose_name="every (weeks)", db_default=1)
    weekdays = ArrayField(models.SmallIntegerField())
    starts_on = models.DateField(verbose_name="from")
    wall_time = models.TimeField(verbose_name="at")
    occurrences = models.IntegerField(verbose_name="times", null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    created_by = person_key("created_by")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "appointment_series"
        verbose_name = "series"
        verbose_name_plural = "series"
        ordering = ["-created_at", "id"]
        constraints = [
            # With the patient, so that a visit of another patient cannot join.
            models.UniqueConstraint(
                fields=["clinic", "id", "patient"], name="appointment_series_clinic_id"
            ),
            within("appointment_series", "every_weeks", 1, 52),
            within("appointment_series", "occurrences", 1, MOST_DATES),
            models.CheckConstraint(
                condition=Q(occurrences__isnull=True, until__isnull=False)
                | Q(occurrences__isnull=False, until__isnull=True),
                name="appointment_series_end",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "patient", "created_at"], name="appointment_series_of"),
            models.Index(fields=["clinic", "doctor"], name="appointment_series_doctor"),
            models.Index(fields=["clinic", "created_at", "id"], name="appointment_series_recent"),
        ]

    def __str__(self) -> str:
        return self.rrule

    @property
    def rrule(self) -> str:
        """FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=12, to be read from starts_on at wall_time."""
        days = ",".join(WEEKDAYS[day - 1] for day in sorted(self.weekdays))
        end = f"UNTIL={self.until:%Y%m%d}" if self.until else f"COUNT={self.occurrences}"
        return f"FREQ=WEEKLY;INTERVAL={self.every_weeks};BYDAY={days};{end}"
