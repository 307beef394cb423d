"""One row of every table that the admin shows, and its pages: where they are, what they take."""

import datetime as dt
import re
import uuid
from html.parser import HTMLParser
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.test import Client

from audit.models import AccessLog, AuditLog
from booking.models import Appointment, AppointmentSlot, LimitPermit
from booking.services.appointments import book_appointment
from clinic.models import (
    Clinic,
    Doctor,
    DoctorLeave,
    ExtraSession,
    Holiday,
    Membership,
    Patient,
    Staff,
    User,
    WorkingHours,
)  # fmt: skip
from clinic.tenancy.access import note_opening
from tests.adminrecords import fill_records
from tests.factories import World
from tests.factories.absences import stock_absences
from tests.factories.webhooks import stock_webhooks
from webhooks.models import WebhookLog

MODELS = {model.__name__: model for model in admin.site._registry}
# Flags belong to no clinic, so that there are none of another's.
NAMES = sorted({*MODELS} - {"FeatureFlag"})
NOW = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0)


def shown_fields(name: str) -> set[str]:
    """What the form of a model shows."""
    fieldsets = admin.site._registry[MODELS[name]].fieldsets or []
    return set(flatten_fieldsets(fieldsets))


def admin_url(world: World, page: str = "") -> str:
    """An address in the clinic's admin; page is like Doctor/add/ or Doctor/<id>/change/."""
    base = f"/c/{world.clinic.code}/admin/"
    name, _, rest = page.partition("/")
    if name not in MODELS:
        return base + page
    meta = MODELS[name]._meta
    return f"{base}{meta.app_label}/{meta.model_name}/{rest}"


def book(world: World, *, slot: AppointmentSlot | None = None, reason: str = "") -> Any:
    """An appointment of the world's patient in the first free slot; its id."""
    slot = slot or world.free_slots(1)[0]
    with world.as_user(world.bob):
        outcome = book_appointment(
            idempotency_key=str(uuid.uuid4()), user_id=world.bob.id, clinic_id=world.id,
            slot_id=slot.id, patient_id=world.patient.id, visit_reason=reason,
        )  # fmt: skip
    assert outcome.ok, outcome
    return outcome.appointment_id


def add_leave(world: World, *, days: int = 200, reason: str = "Holiday") -> DoctorLeave:
    """A day of leave of the world's doctor, so many days ahead."""
    start = NOW + dt.timedelta(days=days)
    with world.as_owner():
        return DoctorLeave.objects.using("owner").create(
            clinic=world.clinic, doctor=world.doctor, starts_at=start,
            ends_at=start + dt.timedelta(days=1), reason=reason,
        )  # fmt: skip


def add_days(world: World, mark: str, n: int = 0) -> list[Any]:
    """An extra session, a closed day and a permit, on days and a slot that n counts."""
    day = NOW.date() + dt.timedelta(days=500 + n)
    with world.as_owner():
        session = ExtraSession.objects.using("owner").create(
            clinic=world.clinic, doctor=world.doctor, day=day, starts=dt.time(9), ends=dt.time(10),
            reason=mark,
        )  # fmt: skip
        closed = Holiday.objects.using("owner").create(
            clinic=world.clinic, first_day=day, last_day=day, name=mark
        )
        slot = AppointmentSlot.objects.using("owner").filter(clinic_id=world.id)[n]
        permit = LimitPermit.objects.using("owner").create(
            clinic=world.clinic, slot=slot, patient=world.patient, reason=mark,
            permitted_by=world.bob,
        )  # fmt: skip
    return [session, closed, permit]


def fill(world: World, mark: str = "Plain") -> dict[str, Any]:
    """{model name: id of a row of the world}. Every text that lists show holds mark."""
    world.make_slots()
    appointment = book(world, reason=f"{mark} cough")
    leave = add_leave(world, reason=mark)
    with world.as_owner():
        world.clinic.name = f"Clinic {mark}"
        world.clinic.save(using="owner", update_fields=["name"])
        for row, names in (
            (world.doctor, ["full_name", "employee_id", "room"]),
            (world.patient, ["full_name", "patient_number", "notes"]),
            (world.bob, ["full_name", "display_name"]),
        ):
            for name in names:
                setattr(row, name, f"{mark} {uuid.uuid4().hex[:6]}")
            row.save(using="owner", update_fields=names)
        people = Staff.objects.using("owner").filter(clinic_id=world.id)
        people.update(full_name=f"{mark} Colleague")
        staff = people.first()
        hours = WorkingHours.objects.using("owner").filter(clinic_id=world.id).first()
        membership = Membership.objects.using("owner").get(clinic_id=world.id, user=world.nur)
        log = AuditLog.objects.using("owner").filter(clinic_id=world.id).first()
        visit = Appointment.objects.using("owner").get(pk=appointment)
        absence = stock_absences(world.clinic, world.doctor, visit, world.bob)
    with world.as_user(world.bob):
        note_opening(world.patient)
    with world.as_owner():
        access = AccessLog.objects.using("owner").filter(clinic_id=world.id).first()
    slot = world.free_slots(1)[0]
    rows: list[Any] = [
        world.clinic, world.doctor, world.patient, world.bob, leave, slot, staff, hours,
        membership, log, access, absence, *add_days(world, mark),
    ]  # fmt: skip
    found = {type(row).__name__: row.pk for row in rows} | {"Appointment": appointment}
    return found | fill_records(world, mark, appointment) | fill_webhooks(world, mark)


def fill_webhooks(world: World, mark: str) -> dict[str, Any]:
    """The same of what came in and what goes out."""
    with world.as_owner():
        event = stock_webhooks(world.clinic)
        event.event_type, event.error = f"{mark} type", f"{mark} error"
        event.save(using="owner", update_fields=["event_type", "error"])
        source, log = event.source, WebhookLog.objects.using("owner").get()
        source.name = log.webhook.name = log.event_type = f"{mark} name"
        for row, name in ((source, "name"), (log.webhook, "name"), (log, "event_type")):
            row.save(using="owner", update_fields=[name])
    return {type(row).__name__: row.pk for row in (event, source, log, log.webhook)}


def stored(world: World, name: str, pk: Any) -> dict[str, Any]:
    """The columns of one row as they are in the database."""
    model = MODELS[name]
    with world.as_owner():
        return model._base_manager.using("owner").filter(pk=pk).values().get()


def bare(response: Any, *ids: Any) -> tuple[int, str, dict[str, str]]:
    """An answer without what differs between any two requests, and without the ids asked for."""
    body = response.content.decode()
    for text in (*map(str, ids), response.headers.get("X-Request-Id", "-")):
        body = re.sub(rf"\b{re.escape(text)}\b", "…", body)  # a number is in many a code too
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)
    moving = ("X-Request-Id", "Content-Length", "Expires")
    headers = {k: v for k, v in response.headers.items() if k not in moving}
    return response.status_code, body, headers


class FormReader(HTMLParser):
    """The fields of a page's form as a browser would send them, unchanged."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.data: dict[str, str] = {}
        self.select = self.area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        field = dict(attrs)
        name = field.get("name") or ""
        if tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            if "selected" in field or self.select not in self.data:
                self.data[self.select] = field.get("value") or ""
        elif tag == "textarea":
            self.area, self.data[name] = name, ""
        elif tag == "input" and name and self.counts(field):
            self.data[name] = field.get("value") or "on" * (field.get("type") == "checkbox")

    def counts(self, field: dict[str, Any]) -> bool:
        """Whether an input that nobody touched is sent."""
        kind = field.get("type")
        return kind not in ("submit", "search") and (kind != "checkbox" or "checked" in field)

    def handle_data(self, data: str) -> None:
        if self.area:
            self.data[self.area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        self.select = "" if tag == "select" else self.select
        self.area = "" if tag == "textarea" else self.area


def form_data(client: Client, url: str) -> dict[str, str]:
    """What the form of a page would post, unchanged."""
    return FormReader(client.get(url).content.decode()).data


def errors(response: Any) -> dict[str, list[str]]:
    """Errors of the page's form by field; "" holds those of no field."""
    found = response.context["adminform"].form.errors
    return {"" if key == "__all__" else key: list(value) for key, value in found.items()}


def newest(world: World, model: Any) -> Any:
    with world.as_owner():
        return model.objects.using("owner").filter(clinic_id=world.id).latest("created_at")


def act(client: Client, url: str, action: str, *rows: Any, **said: str) -> Any:
    """Choose rows of a list and an action; with what is said, go through with it."""
    data: dict[str, Any] = {"action": action, "_selected_action": [str(row) for row in rows]}
    return client.post(f"{url}?when=all", data | said | ({"apply": "1"} if said else {}))


def actions(client: Client, url: str) -> set[str]:
    form = client.get(url).context["action_form"]
    return {value for value, _ in form.fields["action"].choices if value} if form else set()


__all__ = [
    "MODELS", "NAMES", "NOW", "Clinic", "Doctor", "Patient", "User", "act", "actions", "add_leave",
    "admin_url", "bare", "book", "errors", "fill", "form_data", "newest", "shown_fields", "stored",
]  # fmt: skip
