"""Doctors with their hours and leave, and staff."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.filters import EnumFilter, ScopedFilter, days_filter
from clinic.admin.forms import ClinicModelForm
from clinic.admin.scoped import ScopedInline
from clinic.admin.site import Attention, site
from clinic.models import Doctor, DoctorLeave, Staff, WorkingHours
from clinic.services import withdraw_leave

DAYS = [(number + 1, name) for number, name in WEEKDAYS.items()]
AHEAD = {
    "now": (gettext_lazy("Today"), 0, 1),
    "month": (gettext_lazy("Next 30 days"), 0, 30),
    "past": (gettext_lazy("Past"), None, 0),
}


class Weekdays:
    """ISO numbers by name."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "weekday":
            named = forms.Select(attrs={"aria-label": _("Weekday")})
            return forms.TypedChoiceField(
                choices=DAYS, coerce=int, label=_("Weekday"), widget=named
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class HoursInline(Weekdays, ScopedInline):
    model = WorkingHours
    fields = ["weekday", "starts", "ends", "every_weeks", "week_of", "effective_from",
              "effective_to"]  # fmt: skip
    ordering = ["weekday", "starts", "effective_from"]


class LeaveInline(ScopedInline):
    """Leave that is not over."""

    model = DoctorLeave
    fields = ["starts_at", "ends_at", "reason"]
    ordering = ["starts_at"]

    def get_queryset(self, request: Any) -> QuerySet:
        today = timezone.make_aware(dt.datetime.combine(timezone.localdate(), dt.time()))
        return super().get_queryset(request).filter(ends_at__gte=today, deleted_at=None)


class DoctorForm(ClinicModelForm):
    """Days off and breaks are read by the slot maker: they must be what it can read."""

    def clean_blocked_dates(self) -> list[str]:
        days = self.cleaned_data["blocked_dates"]
        for day in days:
            try:
                dt.date.fromisoformat(day)
            except (TypeError, ValueError) as error:
                message = _("“%(day)s” is no day; write 2026-12-24.") % {"day": day}
                raise forms.ValidationError(message) from error
        return list(days)

    def clean_break_times(self) -> list[dict[str, Any]]:
        breaks = self.cleaned_data["break_times"] or []
        if not isinstance(breaks, list) or not all(map(is_break, breaks)):
            raise forms.ValidationError(
                _('Write a list such as [{"starts": "12:30", "ends": "13:00", "weekday": 1}].')
            )
        return breaks


def is_break(item: Any) -> bool:
    """{"starts": "12:30", "ends": "13:00"} and, for one day of the week, "weekday": 1 to 7."""
    try:
        starts, ends = (dt.time.fromisoformat(item[key]) for key in ("starts", "ends"))
        day = item.get("weekday")
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    return starts < ends and (day is None or day in range(1, 8))


@admin.register(Doctor)
class DoctorAdmin(ClinicScopedAdmin):
    group = "people"
    group_order = 2
    form = DoctorForm
    list_display = ["full_name", "room", "consultation_duration_minutes", "license", "state"]
    list_filter = ["is_active"]
    ordering = ["full_name", "id"]
    search_fields = ["full_name", "employee_id"]
    search_help_text = gettext_lazy("Name or employee number")
    autocomplete_fields = ["user"]
    inlines = [HoursInline, LeaveInline]
    actions: list[Any] = []
    line_fields = ("specializations", "qualifications", "languages_spoken", "blocked_dates")
    fieldsets = [
        (
            None,
            {"fields": ["full_name", "room", "user", "employee_id", "medical_registration_number",
                        "license_expiry", "is_active"]},
        ),
        (
            gettext_lazy("Booking"),
            {"fields": ["consultation_duration_minutes", "buffer_before_minutes",
                        "buffer_time_minutes", "max_daily_appointments", "max_daily_overbookings",
                        "lead_time_minutes", "advance_booking_days", "break_times",
                        "blocked_dates", "auto_accept_appointments"]},
        ),
        (
            gettext_lazy("About"),
            {"classes": ["collapse"],
             "fields": ["specializations", "qualifications", "languages_spoken",
                        "years_of_experience", "bio"]},
        ),
        (
            gettext_lazy("Fees and video"),
            {"classes": ["collapse"],
             "fields": ["consultation_fee", "telemedicine_enabled", "telemedicine_fee"]},
        ),
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: Doctor) -> str:
        return "" if obj.is_active else _("Inactive")

    @admin.display(description=gettext_lazy("licence until"), ordering="license_expiry")
    def license(self, obj: Doctor) -> Any:
        return obj.license_expiry

    def front_desk_path(self, obj: Doctor) -> str:
        return "schedule/"


@admin.register(Staff)
class StaffAdmin(ClinicScopedAdmin):
    group = "people"
    group_order = 3
    list_display = ["full_name", "position", "department", "employee_id", "start_date", "end_date"]
    list_filter = [("employment_type", EnumFilter)]
    ordering = ["full_name", "id"]
    search_fields = ["full_name", "employee_id"]
    search_help_text = gettext_lazy("Name or employee number")
    autocomplete_fields = ["user", "reporting_to"]
    fieldsets = [
        (None, {"fields": ["full_name", "user", "employee_id"]}),
        (
            gettext_lazy("Work"),
            {"fields": ["position", "department", "reporting_to", "employment_type", "start_date",
                        "end_date", "permissions"]},
        ),
    ]  # fmt: skip


@admin.register(WorkingHours)
class WorkingHoursAdmin(Weekdays, ClinicScopedAdmin):
    """Hours are ended by their last day, never deleted: the slots of the past were right."""

    group_order = 2
    list_display = ["doctor", "day", "starts", "ends", "every_weeks", "effective_from",
                    "effective_to"]  # fmt: skip
    list_filter = [("doctor", ScopedFilter)]
    list_select_related = ["doctor"]
    ordering = ["doctor__full_name", "weekday", "starts", "id"]
    search_fields = ["doctor__full_name"]
    search_help_text = gettext_lazy("Doctor")
    autocomplete_fields = ["doctor"]
    insert_only = ("doctor",)
    fieldsets = [
        (None, {"fields": ["doctor", "weekday", "starts", "ends", "every_weeks", "week_of"]}),
        (gettext_lazy("From, until"), {"fields": ["effective_from", "effective_to"]}),
    ]

    @admin.display(description=gettext_lazy("weekday"), ordering="weekday")
    def day(self, obj: WorkingHours) -> str:
        return str(dict(DAYS)[obj.weekday])


@admin.register(DoctorLeave)
class DoctorLeaveAdmin(ClinicScopedAdmin):
    group_order = 3
    list_display = ["doctor", "starts_at", "ends_at", "reason", "state"]
    list_filter = [("doctor", ScopedFilter), days_filter("ends_at", AHEAD)]
    list_select_related = ["doctor"]
    ordering = ["-starts_at", "id"]
    search_fields = ["doctor__full_name"]
    search_help_text = gettext_lazy("Doctor")
    autocomplete_fields = ["doctor"]
    insert_only = ("doctor",)
    actions = ["withdraw"]
    fieldsets = [(None, {"fields": ["doctor", "starts_at", "ends_at", "reason"]})]

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: DoctorLeave) -> str:
        return _("Withdrawn") if obj.deleted_at else ""

    @admin.action(description=gettext_lazy("Withdraw"), permissions=["change"])
    def withdraw(self, request: Any, queryset: QuerySet) -> None:
        """The times can be booked again; slots that were blocked come back with the next run."""
        now = timezone.now()
        count = sum(withdraw_leave(leave=leave, now=now) for leave in queryset)
        text = ngettext("%d leave withdrawn.", "%d leaves withdrawn.", count) % count
        self.message_user(request, text, messages.SUCCESS if count else messages.WARNING)


def doctors_to_see_to(request: Any) -> list[Attention]:
    """Doctors whom nobody can book, and licences that end within 30 days."""
    doctor_admin = site.get_model_admin(Doctor)
    if not doctor_admin.has_change_permission(request):
        return []
    today = timezone.localdate()
    doctors = Doctor.objects.filter(clinic_id=request.clinic.id, is_active=True)
    hours = WorkingHours.objects.filter(clinic_id=request.clinic.id).exclude(effective_to__lt=today)
    idle = [(d, _("%(name)s has no working hours")) for d in
            doctors.exclude(id__in=hours.values("doctor"))[:10]]  # fmt: skip
    ending = [(d, _("The licence of %(name)s ends on %(day)s")) for d in
              doctors.filter(license_expiry__lt=today + dt.timedelta(days=30))[:10]]  # fmt: skip
    return [
        Attention(text % {"name": d.full_name, "day": d.license_expiry},
                  f"clinic/doctor/{d.pk}/change/")
        for d, text in idle + ending
    ]  # fmt: skip


site.attention.append(doctors_to_see_to)
