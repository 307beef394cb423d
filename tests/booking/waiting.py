"""Who waits, what comes free, what is offered: for the tests of the waiting list."""

import datetime as dt
import uuid
from typing import Any

from booking.models import (
    Appointment,
    AppointmentSlot,
    FreedSlot,
    WaitingListEntry,
    WaitingListOffer,
)
from booking.services.appointments import BookingOutcome, book_appointment, cancel_appointment
from booking.services.waiting import (
    WaitingOutcome,
    Wish,
    answer_offer,
    join_waiting_list,
    work_waiting_list,
)
from clinic.models import SystemSetting
from clinic.tenancy.context import tenant_context
from messaging.models import Notification
from tests.factories import PatientFactory, World
from tests.factories.records import new

TODAY = dt.datetime.now(dt.UTC).date()
ALWAYS = {"earliest": TODAY, "latest": TODAY + dt.timedelta(days=60)}


def patient(world: World, **columns: Any) -> Any:
    """One more patient, who agreed to text messages."""
    columns = {"phone": "+6591234567", "sms_consent": True, **columns}
    with world.as_owner():
        return PatientFactory(clinic=world.clinic, **columns)


def waits(world: World, whom: Any = None, user: Any = None, **wish: Any) -> WaitingListEntry:
    """An entry of a patient, by default a new one, who would come at any time."""
    whom, user = whom or patient(world), user or world.bob
    with world.as_user(user):
        made = join_waiting_list(
            idempotency_key=str(uuid.uuid4()), user_id=user.id, clinic_id=world.id,
            patient_id=whom.pk, wish=Wish(**{**ALWAYS, **wish}),
        )  # fmt: skip
    assert made.ok, made
    return entry(world, made.entry_id)


def slot_of(world: World, *, days: int = 2, which: int = 0) -> AppointmentSlot:
    """A free slot well ahead of now, early in its day: a long visit fits, whatever the hour is."""
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days)
    if not any(s.slot_date > day for s in world.free_slots()):
        world.make_slots(days=days + 1)
    return [s for s in world.free_slots() if s.slot_date > day][which]


def visit(world: World, slot: AppointmentSlot, whom: Any = None) -> Any:
    """An appointment in the slot, of somebody who waits for nothing; its id."""
    whom = whom or patient(world)
    with world.as_user(world.bob):
        made = book_appointment(
            idempotency_key=str(uuid.uuid4()), user_id=world.bob.id, clinic_id=world.id,
            slot_id=slot.pk, patient_id=whom.pk,
        )  # fmt: skip
    assert made.ok, made
    return made.appointment_id


def cancel(world: World, visit_id: Any) -> BookingOutcome:
    with world.as_user(world.bob):
        return cancel_appointment(
            idempotency_key=str(uuid.uuid4()), appointment_id=visit_id, reason="Not needed"
        )


def come_free(world: World, *, which: int = 0, days: int = 2) -> AppointmentSlot:
    """A slot that was booked and is cancelled."""
    slot = slot_of(world, which=which, days=days)
    assert cancel(world, visit(world, slot)).ok
    return slot


def offers(world: World, **conditions: Any) -> list[WaitingListOffer]:
    """Offers of the clinic, the first made first."""
    with world.as_owner():
        found = WaitingListOffer.objects.using("owner").filter(clinic_id=world.id, **conditions)
        return list(found.order_by("made_at").select_related("entry", "slot"))


def open_offer(world: World) -> WaitingListOffer:
    (only,) = offers(world, status="open")
    return only


def entry(world: World, pk: Any) -> WaitingListEntry:
    with world.as_owner():
        return WaitingListEntry.objects.using("owner").get(pk=pk)


def freed(world: World) -> list[FreedSlot]:
    with world.as_owner():
        return list(
            FreedSlot.objects.using("owner").filter(clinic_id=world.id).order_by("freed_at")
        )


def notices(world: World) -> list[Notification]:
    with world.as_owner():
        found = Notification.objects.using("owner").filter(clinic_id=world.id, type="slot_offer")
        return list(found.order_by("created_at"))


def visits_of(world: World, whom: Any) -> list[Appointment]:
    with world.as_owner():
        found = Appointment.objects.using("owner").filter(clinic_id=world.id, patient_id=whom)
        return list(found.order_by("created_at"))


def answer(
    world: World, offer: WaitingListOffer, said: str, user: Any = None, key: str = ""
) -> WaitingOutcome:
    with world.as_user(user or world.bob):
        return answer_offer(
            idempotency_key=key or str(uuid.uuid4()), offer_id=offer.pk, answer=said
        )


def run_out(world: World, offer: WaitingListOffer, seconds: float = 1) -> None:
    """As if the time to answer had ended so many seconds ago."""
    ended = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds)
    with world.as_owner():
        WaitingListOffer.objects.using("owner").filter(pk=offer.pk).update(
            made_at=ended - dt.timedelta(hours=1), expires_at=ended
        )


def work(world: World) -> int:
    """What the job does once a minute."""
    with tenant_context(clinic=world.id, role="worker"):
        return work_waiting_list()


def setting(world: World, name: str, value: Any) -> None:
    """The clinic's own value of a setting, as category.key."""
    category, _, key = name.partition(".")
    with world.as_owner():
        found = SystemSetting.objects.using("owner").filter(
            clinic=world.clinic, category=category, key=key
        )
        if not found.update(value=value):
            new(SystemSetting, clinic=world.clinic, category=category, key=key, value=value)
