"""Services with a doctor, a room and a visit that has it. Call inside World.as_owner()."""

import datetime as dt
from typing import Any

from booking.models import (
    Appointment,
    AppointmentResource,
    Resource,
    ResourcePool,
    Service,
    ServiceDoctor,
    ServiceNeed,
)
from tests.factories.records import new

AHEAD = dt.datetime(2032, 1, 1, 10, tzinfo=dt.UTC)


def stock_services(clinic: Any, doctor: Any, visit: Appointment, mark: str = "Stock") -> Service:
    """One row in each of the tables; a second service is not booked online."""
    pool = new(ResourcePool, clinic=clinic, name=f"{mark} room")
    room = new(Resource, clinic=clinic, name=f"{mark} room 1", pool=pool)
    new(Resource, clinic=clinic, name=f"{mark} room 2", pool=pool)
    service = new(Service, clinic=clinic, name=f"{mark} scan", code="stock", duration_minutes=40,
                  online_bookable=True)  # fmt: skip
    hidden = new(Service, clinic=clinic, name=f"{mark} check", code="hidden", duration_minutes=15)
    for each in (service, hidden):
        new(ServiceDoctor, clinic=clinic, service=each, doctor=doctor)
    new(ServiceNeed, clinic=clinic, service=service, pool=pool)
    new(AppointmentResource, clinic=clinic, appointment=visit, resource=room,
        busy_from=AHEAD, busy_to=AHEAD + dt.timedelta(hours=1))  # fmt: skip
    return service
