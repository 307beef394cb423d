"""What booking adds to the doctors' list: their slots."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin.slots import FREE
from booking.models import AppointmentSlot
from booking.services.appointments import generate_slots
from clinic.admin.actions import each, few, needs, report
from clinic.admin.site import Attention, site
from clinic.admin.workforce import DoctorAdmin
from clinic.models import Doctor, WorkingHours

DAYS = 30


@needs("booking.generate_slots(uuid, date, date)")
@admin.action(description=gettext_lazy("Make slots for the next 30 days"))
def make_slots(model_admin: Any, request: Any, queryset: QuerySet) -> HttpResponse | None:
    """From working hours, less breaks and leave; what is booked stays as it is."""
    rows = few(model_admin, request, queryset)
    if rows is None:
        return None
    today, made = timezone.localdate(), {}

    def work(doctor: Doctor) -> None:
        last = today + dt.timedelta(days=DAYS - 1)
        made[doctor.pk] = generate_slots(doctor_id=doctor.pk, from_date=today, to_date=last)

    results = each(rows, lambda doctor: doctor.full_name, work)
    title = _("Slots made: %(count)d") % {"count": sum(made.values())}
    return report(model_admin, request, results, title=title)


def doctors_without_time(request: Any) -> list[Attention]:
    """Doctors who work, with no free slot within a week."""
    if not site.get_model_admin(Doctor).has_change_permission(request):
        return []
    now = timezone.now()
    free = AppointmentSlot.objects.filter(
        FREE,
        clinic_id=request.clinic.id,
        starts_at__gt=now,
        starts_at__lt=now + dt.timedelta(days=7),
    )
    hours = WorkingHours.objects.filter(clinic_id=request.clinic.id)
    doctors = Doctor.objects.filter(
        clinic_id=request.clinic.id, is_active=True, id__in=hours.values("doctor")
    )
    text = _("%(name)s has no free time within a week")
    return [
        Attention(text % {"name": doctor.full_name}, f"clinic/doctor/{doctor.pk}/change/")
        for doctor in doctors.exclude(id__in=free.values("doctor"))[:10]
    ]


DoctorAdmin.actions = [*DoctorAdmin.actions, make_slots]
site.attention.append(doctors_without_time)
