"""What can be booked: the clinic's services, who gives them, and what they need."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Now
from django.utils.timezone import localtime

from booking.enums import AppointmentType, ResourceKind
from clinic.fields import PgEnumField
from clinic.models.base import TenantModel, Timestamps, implied_clinic, one_of, tenant_key, within

LENGTHS, BUFFERS = (5, 480), (0, 120)


def minutes(**kwargs: object) -> models.SmallIntegerField:
    return models.SmallIntegerField(**kwargs)  # type: ignore[arg-type]


class Service(Timestamps, TenantModel):
    """A kind of visit. Buffers are minutes of doctor and rooms that no patient is told of."""

    name = models.CharField(max_length=100)
    code = models.CharField(
        max_length=40,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$")],
        help_text="Small letters, digits and hyphens",
    )
    appointment_type = PgEnumField(
        type_name="appointment_type", choices=AppointmentType, db_default="consultation"
    )
    duration_minutes = minutes(verbose_name="length in minutes")
    buffer_before_minutes = minutes(verbose_name="minutes kept free before", db_default=0)
    buffer_after_minutes = minutes(verbose_name="minutes kept free after", db_default=0)
    online_bookable = models.BooleanField(
        db_default=False, help_text="Patients may book it themselves"
    )
    is_active = models.BooleanField(verbose_name="active", db_default=True)

    class Meta:
        db_table = "services"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="services_clinic_id"),
            models.UniqueConstraint(fields=["clinic", "code"], name="services_clinic_code"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z0-9][a-z0-9-]*$"), name="services_code"
            ),
            within("services", "duration_minutes", *LENGTHS),
            within("services", "buffer_before_minutes", *BUFFERS),
            within("services", "buffer_after_minutes", *BUFFERS),
        ]

    def __str__(self) -> str:
        return self.name


class ServiceDoctor(Timestamps, TenantModel):
    """A doctor who gives a service. An empty number is the service's own."""

    clinic = implied_clinic()
    service = tenant_key("booking.Service", related_name="givers")
    doctor = tenant_key("clinic.Doctor", related_name="+")
    duration_minutes = minutes(verbose_name="length in minutes", null=True, blank=True)
    buffer_before_minutes = minutes(verbose_name="free before", null=True, blank=True)
    buffer_after_minutes = minutes(verbose_name="free after", null=True, blank=True)
    is_active = models.BooleanField(verbose_name="active", db_default=True)

    class Meta:
        db_table = "service_doctors"
        verbose_name = "doctor"
        verbose_name_plural = "doctors who give it"
        ordering = ["service", "doctor"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "doctor", "service"], name="service_doctors_once"
            ),
            within("service_doctors", "duration_minutes", *LENGTHS),
            within("service_doctors", "buffer_before_minutes", *BUFFERS),
            within("service_doctors", "buffer_after_minutes", *BUFFERS),
        ]
        indexes = [models.Index(fields=["clinic", "service"], name="service_doctors_service")]

    def __str__(self) -> str:
        return f"{self.service_id} {self.doctor_id}"


class ResourcePool(Timestamps, TenantModel):
    """Resources of which any will do: the ultrasound rooms."""

    name = models.CharField(max_length=100, help_text="One of them, such as: Ultrasound room")

    class Meta:
        db_table = "resource_pools"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="resource_pools_clinic_id"),
            models.UniqueConstraint(fields=["clinic", "name"], name="resource_pools_clinic_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Resource(Timestamps, TenantModel):
    """A room or a piece of equipment that one visit has at a time."""

    name = models.CharField(max_length=100)
    kind = models.TextField(choices=ResourceKind, db_default="room")
    pool = tenant_key("booking.ResourcePool", null=True, blank=True, related_name="resources")
    is_active = models.BooleanField(verbose_name="active", db_default=True)

    class Meta:
        db_table = "resources"
        verbose_name = "room or equipment"
        verbose_name_plural = "rooms and equipment"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="resources_clinic_id"),
            models.UniqueConstraint(fields=["clinic", "name"], name="resources_clinic_name"),
            one_of("resources", "kind", ResourceKind),
        ]
        indexes = [models.Index(fields=["clinic", "pool"], name="resources_pool")]

    def __str__(self) -> str:
        return self.name


class ServiceNeed(Timestamps, TenantModel):
    """One thing that a service needs: this resource, or any of this pool."""

    clinic = implied_clinic()
    service = tenant_key("booking.Service", related_name="needs")
    resource = tenant_key(
        "booking.Resource", verbose_name="this one", null=True, blank=True, related_name="+"
    )
    pool = tenant_key(
        "booking.ResourcePool", verbose_name="or any", null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(verbose_name="active", db_default=True)

    class Meta:
        db_table = "service_needs"
        verbose_name = "need"
        verbose_name_plural = "needs"
        ordering = ["service", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "service", "resource"], name="service_needs_once"
            ),
            models.CheckConstraint(
                condition=Q(resource__isnull=True, pool__isnull=False)
                | Q(resource__isnull=False, pool__isnull=True),
                name="service_needs_one",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "resource"], name="service_needs_resource"),
            models.Index(fields=["clinic", "pool"], name="service_needs_pool"),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id or self.pool_id}"


class AppointmentResource(TenantModel):
    """What a visit has for its time, buffers included. Only the booking functions write it."""

    clinic = implied_clinic()
    appointment = tenant_key("booking.Appointment", related_name="resources")
    resource = tenant_key("booking.Resource", related_name="+")
    busy_from = models.DateTimeField()
    busy_to = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "appointment_resources"
        ordering = ["busy_from", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "appointment", "resource"], name="appointment_resources_once"
            ),
            ExclusionConstraint(
                name="appointment_resources_overlap",
                # The clinic first: exclusion is checked before foreign keys.
                expressions=[
                    ("clinic", RangeOperators.EQUAL),
                    ("resource", RangeOperators.EQUAL),
                    (Func("busy_from", "busy_to", function="tstzrange"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "resource", "busy_from"], name="appointment_resources_busy"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {localtime(self.busy_from):%d %b %Y %H:%M}"
