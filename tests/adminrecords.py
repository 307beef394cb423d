"""Rows of today in the tables that records, money, the queue and messages are kept in."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import booking.models as flow
import clinic.models as kept
import messaging.models as sent
from tests.factories import World
from tests.factories.records import clinical, entered, new, opened, paid, subscribed, told
from tests.factories.series import repeated
from tests.factories.waiting import EVER, stock_waiting

# The column of each model by which its list says what is of today.
DAYS = {
    kept.MedicalRecord: "record_date",
    kept.Prescription: "prescription_date",
    kept.LabResult: "test_date",
    kept.ImagingResult: "imaging_date",
    kept.VaccinationRecord: "administered_date",
    kept.HealthScreeningResult: "report_date",
    kept.Payment: "payment_date",
}
LISTED = (
    *DAYS, kept.InsuranceClaim, kept.HealthScreeningPackage, kept.SystemSetting,
    kept.UserFeedback, kept.GlassBreak, kept.ClinicEntry, flow.QueueManagement, flow.QueueEntry,
    flow.TelemedicineSession, flow.PublicBookingRequest, flow.AppointmentSeries, flow.Service,
    flow.Resource, flow.ResourcePool, flow.CalendarFeed, sent.Notification, flow.WaitingListEntry,
    flow.WaitingListOffer, flow.FreedSlot,
)  # fmt: skip


def today(world: World) -> dt.date:
    """The clinic's."""
    return dt.datetime.now(ZoneInfo(str(world.clinic.time_zone))).date()


def line_up(world: World, mark: str, visit: Any, days_ago: int) -> None:
    """A day's queue with a place in it, a video visit, and a request from the web."""
    who: dict[str, Any] = {"patient": world.patient, "doctor": world.doctor, "appointment": visit}
    start, day = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1), today(world)
    new(flow.QueueManagement, clinic=world.clinic, current_number=mark[:10],
        queue_date=day - dt.timedelta(days=days_ago))  # fmt: skip
    new(flow.QueueEntry, clinic=world.clinic, queue_date=day, ticket_number=f"A{days_ago}", **who)
    new(
        flow.TelemedicineSession, clinic=world.clinic, session_token_hash=uuid.uuid4().hex,
        scheduled_start=start, scheduled_end=start + dt.timedelta(hours=1), **who,
    )  # fmt: skip
    new(
        flow.PublicBookingRequest, clinic=world.clinic, name=mark, phone="+6590000000",
        contact_preference="call", preferred_time_text="mornings", reason="cough",
    )  # fmt: skip


def offered(world: World, mark: str, n: int) -> None:
    """A service, a room of a pool."""
    pool = new(flow.ResourcePool, clinic=world.clinic, name=f"{mark} pool {n}")
    new(flow.Resource, clinic=world.clinic, name=f"{mark} room {n}", pool=pool)
    new(flow.Service, clinic=world.clinic, name=mark, code=f"service-{n}", duration_minutes=30)


def wait(world: World, mark: str, slot: Any) -> None:
    """An entry, an offer and a freed slot; the first of each are still open."""
    mine: Any = flow.WaitingListEntry
    if not mine.objects.using("owner").filter(clinic_id=world.id).exists():
        stock_waiting(world.clinic, world.patient, slot, world.bob)
        mine.objects.using("owner").filter(clinic_id=world.id).update(status="waiting", note=mark)
        return
    over = {"status": "expired", "closed_at": dt.datetime.now(dt.UTC)}
    who: dict[str, Any] = {"patient": world.patient, "doctor": world.doctor}
    entry = new(mine, clinic=world.clinic, added_by=world.bob, **who, **EVER, **over)
    freed = new(flow.FreedSlot, clinic=world.clinic, slot=slot, cause="block")
    new(
        flow.WaitingListOffer, clinic=world.clinic, entry=entry, slot=slot, freed=freed,
        expires_at=dt.datetime.now(dt.UTC) + dt.timedelta(hours=1), token_hash=b"x" * 32, **over,
    )  # fmt: skip


def add_records(world: World, mark: str, visit: Any, n: int = 0) -> None:
    """One more row of each; n keeps what is unique apart. visit is an appointment's id."""
    visit = flow.Appointment.objects.using("owner").get(pk=visit)
    clinic: Any = world.clinic
    clinical(clinic, world.patient, world.doctor, world.chen)
    paid(clinic, world.patient)
    notice = told(clinic, world.dana)
    sent.Notification.objects.using("owner").filter(pk=notice.pk).update(subject=mark)
    line_up(world, mark, visit, n)
    offered(world, mark, n)
    repeated(clinic, visit, world.bob)
    opened(clinic, world.patient, world.nur, at=dt.datetime.now(dt.UTC))
    entered(clinic, world.alice, name=mark)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5)
    subscribed(clinic, doctor=world.doctor, revoked_at=later if n else None)
    new(kept.HealthScreeningPackage, clinic=clinic, name=mark, price=80)
    new(kept.SystemSetting, clinic=clinic, category="desk", key=f"greeting{n}", value="Hello",
        description=mark, is_public=True)  # fmt: skip
    wait(world, mark, visit.slot)
    new(kept.UserFeedback, clinic=clinic, user=world.dana, rating=5, feedback_text=mark)
    for model, column in DAYS.items():
        rows: Any = model
        older = rows.objects.using("owner").exclude(**{column: today(world)})
        older.filter(clinic_id=world.id).update(**{column: today(world)})


def fill_records(world: World, mark: str, visit: Any) -> dict[str, Any]:
    """{model name: id of a row of the world}."""
    with world.as_owner():
        add_records(world, mark, visit)
        found = {}
        for model in LISTED:
            rows: Any = model
            mine = rows.objects.using("owner").filter(clinic_id=world.id)
            found[model.__name__] = mine.order_by("pk").first().pk
    return found
