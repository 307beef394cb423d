"""What the demo clinics offer beyond a visit: services, who gives them, rooms and equipment."""

from itertools import chain
from typing import Any

from booking.models import Resource, ResourcePool, Service, ServiceDoctor, ServiceNeed
from demo.load import save
from demo.people import Team, demo_id

ROOM = "Ultrasound room"
MACHINE = "ECG machine"
# Name, code, type, minutes, minutes free after, booked online, what it needs, how many give it.
SERVICES = (
    ("Ultrasound scan", "ultrasound", "consultation", 45, 15, False, (ROOM,), 2),
    ("Health check", "health-check", "screening", 30, 0, True, (MACHINE,), 3),
    ("Long consultation", "long", "consultation", 30, 0, True, (), 3),
    ("Travel vaccination", "travel", "vaccination", 15, 0, True, (), 3),
)


def offer_services(team: Team) -> None:
    """Two ultrasound rooms of which any will do, one machine, and four services."""
    clinic: Any = team.clinic

    def named(kind: str, *parts: object) -> Any:
        return {"id": demo_id(team.plan.code, kind, *parts), "clinic": clinic}

    pool = ResourcePool(name=ROOM, **named("pool", ROOM))
    machine = Resource(name=MACHINE, kind="equipment", **named("resource", MACHINE))
    rooms = [Resource(name=f"{ROOM} {n}", pool=pool, **named("resource", ROOM, n)) for n in (1, 2)]
    needed: dict[str, Any] = {ROOM: {"pool": pool}, MACHINE: {"resource": machine}}
    services, givers, needs = [], [], []
    for name, code, kind, length, after, online, wants, doctors in SERVICES:
        service = Service(
            name=name, code=code, appointment_type=kind, duration_minutes=length,
            buffer_after_minutes=after, online_bookable=online, **named("service", code),
        )  # fmt: skip
        services.append(service)
        givers += [
            ServiceDoctor(service=service, doctor=doctor, **named("giver", code, doctor.id))
            for doctor in team.doctors[:doctors]
        ]
        needs += [
            ServiceNeed(service=service, **needed[want], **named("need", code, want))
            for want in wants
        ]
    for row in chain([pool], rooms, [machine]):
        save([row])
    for rows in (services, givers, needs):
        save(rows)
