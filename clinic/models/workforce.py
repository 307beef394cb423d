"""Doctors and staff, their hours and leave."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce

from clinic.enums import EmploymentType
from clinic.fields import PgEnumField
from clinic.models.base import (
    SoftDelete,
    TenantModel,
    Timestamps,
    implied_clinic,
    json_default,
    tenant_key,
)


class Doctor(Timestamps, SoftDelete, TenantModel):
    user = models.ForeignKey(
        "clinic.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # One person, at however many clinics: their time is kept free at all of them.
    practitioner_id = models.GeneratedField(
        expression=Coalesce("user_id", "id"), output_field=models.UUIDField(), db_persist=True
    )
    full_name = models.CharField(max_length=255)
    employee_id = models.CharField(max_length=50)
    medical_registration_number = models.CharField(max_length=50)
    license_expiry = models.DateField()
    specializations = models.JSONField(blank=True, **json_default([]))
    qualifications = models.JSONField(blank=True, **json_default([]))
    languages_spoken = models.JSONField(blank=True, **json_default([]))
    years_of_experience = models.IntegerField(null=True, blank=True)
    consultation_fee = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    telemedicine_enabled = models.BooleanField(db_default=False)
    telemedicine_fee = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    consultation_duration_minutes = models.IntegerField(db_default=15)
    buffer_before_minutes = models.IntegerField("minutes kept free before a visit", db_default=0)
    buffer_time_minutes = models.IntegerField("minutes kept free after a visit", db_default=0)
    max_daily_appointments = models.IntegerField(db_default=40)
    max_daily_overbookings = models.IntegerField(db_default=2)
    lead_time_minutes = models.IntegerField(
        db_default=0, help_text="Patients book no later than so many minutes ahead"
    )
    advance_booking_days = models.IntegerField(
        db_default=30, help_text="Patients book no earlier than so many days ahead"
    )
    room = models.CharField(max_length=50, blank=True, db_default="")
    break_times = models.JSONField(blank=True, **json_default([]))
    blocked_dates = models.JSONField(blank=True, **json_default([]))
    auto_accept_appointments = models.BooleanField(db_default=True)
    is_active = models.BooleanField(db_default=True)
    signature_image_url = models.TextField(blank=True, db_default="")
    profile_photo_url = models.TextField(blank=True, db_default="")
    bio = models.TextField(blank=True, db_default="")
    total_consultations = models.IntegerField(db_default=0, editable=False)
    average_rating = models.DecimalField(max_digits=3, decimal_places=2, null=True, editable=False)
    rating_count = models.IntegerField(db_default=0, editable=False)

    class Meta:
        db_table = "doctors"
        ordering = ["full_name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="doctors_clinic_id"),
            models.UniqueConstraint(fields=["clinic", "user"], name="doctors_clinic_user"),
            # For appointments, whose practitioner must be that of their doctor.
            models.UniqueConstraint(
                fields=["clinic", "id", "practitioner_id"], name="doctors_clinic_practitioner"
            ),
            models.UniqueConstraint(
                fields=["clinic", "employee_id"], name="doctors_clinic_employee"
            ),
            models.UniqueConstraint(
                fields=["clinic", "medical_registration_number"], name="doctors_clinic_registration"
            ),
            models.CheckConstraint(
                condition=(Q(consultation_fee__isnull=True) | Q(consultation_fee__gte=0))
                & (Q(telemedicine_fee__isnull=True) | Q(telemedicine_fee__gte=0)),
                name="doctors_fees",
            ),
            models.CheckConstraint(
                condition=Q(average_rating__isnull=True) | Q(average_rating__range=(0, 5)),
                name="doctors_rating",
            ),
            models.CheckConstraint(
                condition=Q(max_daily_overbookings__gte=0, max_daily_overbookings__lte=100),
                name="doctors_overbookings",
            ),
            models.CheckConstraint(
                # Not __range: PostgreSQL writes a leading BETWEEN anew when it reads a dump.
                condition=Q(
                    consultation_duration_minutes__gte=5,
                    consultation_duration_minutes__lte=480,
                    buffer_time_minutes__gte=0,
                    buffer_time_minutes__lte=240,
                    max_daily_appointments__gte=0,
                    max_daily_appointments__lte=500,
                    advance_booking_days__gte=0,
                    advance_booking_days__lte=730,
                ),
                name="doctors_booking_limits",
            ),
            models.CheckConstraint(
                condition=Q(
                    buffer_before_minutes__gte=0,
                    buffer_before_minutes__lte=240,
                    lead_time_minutes__gte=0,
                    lead_time_minutes__lte=43200,
                ),
                name="doctors_online_limits",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name


class Staff(Timestamps, SoftDelete, TenantModel):
    user = models.ForeignKey(
        "clinic.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    full_name = models.CharField(max_length=255)
    employee_id = models.CharField(max_length=50)
    department = models.CharField(max_length=100, blank=True, db_default="")
    position = models.CharField(max_length=100, blank=True, db_default="")
    reporting_to = tenant_key(
        "clinic.Staff", db_column="reporting_to", null=True, blank=True, related_name="+"
    )
    permissions = models.JSONField(blank=True, **json_default({}))
    accessible_modules = models.JSONField(blank=True, **json_default([]))
    employment_type = PgEnumField(
        type_name="employment_type", choices=EmploymentType, null=True, blank=True
    )
    start_date = models.DateField()
    end_date = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "staff"
        verbose_name_plural = "staff"
        ordering = ["full_name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="staff_clinic_id"),
            models.UniqueConstraint(fields=["clinic", "user"], name="staff_clinic_user"),
            models.UniqueConstraint(fields=["clinic", "employee_id"], name="staff_clinic_employee"),
            models.CheckConstraint(
                condition=Q(end_date__isnull=True) | Q(end_date__gte=F("start_date")),
                name="staff_dates",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "reporting_to"],
                name="staff_reporting_to",
                condition=Q(reporting_to__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name


class WorkingHours(Timestamps, SoftDelete, TenantModel):
    """Weekly wall-clock hours. A split shift is two rows; a change is a new row with new dates.

    Hours that end at or before their start end on the next day. Weeks run from Monday; every_weeks
    counts them on from the week of week_of without a break, so week 53 shifts odd and even.
    """

    clinic = implied_clinic()
    doctor = tenant_key("clinic.Doctor", related_name="working_hours_set")
    weekday = models.SmallIntegerField(help_text="ISO: 1 is Monday, 7 is Sunday")
    starts = models.TimeField()
    ends = models.TimeField(help_text="At or before the start means on the next day")
    every_weeks = models.SmallIntegerField(
        db_default=1, help_text="1 is every week, 2 every other week, up to 4"
    )
    week_of = models.DateField(
        "counted from the week of",
        null=True,
        blank=True,
        help_text="A day in a week that is worked; needed unless every week is",
    )
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "doctor_working_hours"
        verbose_name_plural = "working hours"
        ordering = ["doctor", "weekday", "starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__range=(1, 7)), name="doctor_working_hours_weekday"
            ),
            models.CheckConstraint(
                condition=~Q(ends=F("starts")), name="doctor_working_hours_times"
            ),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="doctor_working_hours_dates",
            ),
            models.CheckConstraint(
                condition=Q(every_weeks=1) | Q(every_weeks__in=[2, 3, 4], week_of__isnull=False),
                name="doctor_working_hours_weeks",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "doctor", "weekday"], name="doctor_working_hours_week"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts}–{self.ends}"


class DoctorLeave(Timestamps, SoftDelete, TenantModel):
    """Time off. No slot inside it can be booked; visits already booked stay until moved."""

    clinic = implied_clinic()
    doctor = tenant_key("clinic.Doctor", related_name="leave")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=255, blank=True, db_default="")

    class Meta:
        db_table = "doctor_leave"
        verbose_name_plural = "doctor leave"
        ordering = ["-starts_at", "doctor"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="doctor_leave_times"
            ),
            ExclusionConstraint(
                name="doctor_leave_overlap",
                # The clinic first: exclusion is checked before foreign keys, and would tell of
                # another's leave.
                expressions=[
                    ("clinic", RangeOperators.EQUAL),
                    ("doctor", RangeOperators.EQUAL),
                    (Func("starts_at", "ends_at", function="tstzrange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(deleted_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "doctor", "starts_at"], name="doctor_leave_doctor"),
        ]

    def __str__(self) -> str:
        return self.reason or "Leave"


class ExtraSession(Timestamps, SoftDelete, TenantModel):
    """Hours on one day beside the weekly ones, in the clinic's wall clock."""

    clinic = implied_clinic()
    doctor = tenant_key("clinic.Doctor", related_name="extra_sessions")
    day = models.DateField()
    starts = models.TimeField()
    ends = models.TimeField(help_text="At or before the start means on the next day")
    reason = models.CharField(max_length=255, blank=True, db_default="")

    class Meta:
        db_table = "extra_sessions"
        ordering = ["-day", "starts"]
        constraints = [
            models.CheckConstraint(condition=~Q(ends=F("starts")), name="extra_sessions_times"),
        ]
        indexes = [
            models.Index(fields=["clinic", "doctor", "day"], name="extra_sessions_doctor"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.starts:%H:%M}–{self.ends:%H:%M}"


class Holiday(Timestamps, SoftDelete, TenantModel):
    """Days on which the whole clinic is closed, both included."""

    first_day = models.DateField()
    last_day = models.DateField()
    name = models.CharField(max_length=255)

    class Meta:
        db_table = "holidays"
        ordering = ["-first_day"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="holidays_days"),
            models.CheckConstraint(condition=~Q(name=""), name="holidays_name"),
            ExclusionConstraint(
                name="holidays_overlap",
                expressions=[
                    ("clinic", RangeOperators.EQUAL),
                    (
                        Func("first_day", "last_day", Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(deleted_at__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["clinic", "first_day"], name="holidays_day")]

    def __str__(self) -> str:
        return self.name
