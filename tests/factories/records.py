"""A row in every clinical, money, settings, queue and message table of a clinic."""

import datetime as dt
import hashlib
import uuid
from typing import Any

import booking.models as flow
import clinic.models as kept
import messaging.models as sent

DAY = dt.date(2026, 1, 5)
NOON = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def new(model: Any, **values: Any) -> Any:
    """One row, written through the owner's connection: call it inside World.as_owner()."""
    return model._default_manager.using("owner").create(**values)


def clinical(
    clinic: Any, patient: Any, doctor: Any, by: Any, record: Any = None, **more: Any
) -> kept.MedicalRecord:
    """A record, and a prescription and results of every kind that belong to it.

    record goes to the record, more to each row that can be gone.
    """
    whose: dict[str, Any] = {"clinic": clinic, "patient": patient, **more}
    seen = new(kept.MedicalRecord, doctor=doctor, record_date=DAY, **whose, **(record or {}))
    ordered = whose | {"doctor": doctor, "medical_record": seen}
    script = new(kept.Prescription, prescription_date=DAY, e_prescription_token="t", **ordered)
    new(
        kept.PrescriptionItem, clinic=clinic, prescription=script, medication_name="Amlodipine",
        dosage="5 mg", frequency="daily", quantity=30,
    )  # fmt: skip
    new(kept.LabResult, lab_name="Lab", test_date=DAY, **ordered)
    new(kept.ImagingResult, imaging_type="xray", imaging_date=DAY, **ordered)
    new(
        kept.VaccinationRecord, administered_by=by, vaccine_name="Flu", administered_date=DAY,
        **whose,
    )  # fmt: skip
    new(kept.HealthScreeningResult, report_date=DAY, **whose)
    return seen


def paid(clinic: Any, patient: Any, appointment: Any = None, **more: Any) -> kept.Payment:
    """A payment of 50.00 with its line and a claim for it; more goes to both but the line."""
    total = {"subtotal": 50, "total_amount": 50}
    payment = new(
        kept.Payment, clinic=clinic, patient=patient, appointment=appointment, payment_date=DAY,
        payment_method="cash", **total, **more,
    )  # fmt: skip
    new(
        kept.PaymentItem, clinic=clinic, payment=payment, item_type="consultation",
        item_description="Consultation", unit_price=50, total_price=50,
    )  # fmt: skip
    gone = {"deleted_at": more["deleted_at"]} if "deleted_at" in more else {}
    new(
        kept.InsuranceClaim, clinic=clinic, patient=patient, payment=payment,
        insurance_provider="Insurer", claimed_amount=20, **gone,
    )  # fmt: skip
    return payment


def told(clinic: Any, user: Any) -> sent.Notification:
    """A notification, and its message over every channel."""
    notification = new(
        sent.Notification, clinic=clinic, user=user, type="reminder", channel="sms",
        recipient="+6590000000", message="Tomorrow at ten",
    )  # fmt: skip
    over = {"clinic": clinic, "notification": notification}
    new(sent.SmsMessage, to_number="+6590000000", message="Tomorrow at ten", **over)
    new(sent.WhatsappMessage, to_number="+6590000000", **over)
    new(sent.EmailMessage, to_email="p@example.test", subject="Tomorrow", **over)
    return notification


def waiting(clinic: Any, patient: Any, doctor: Any, appointment: Any, ticket: str) -> None:
    """A place in the day's line and a video visit."""
    who = {"clinic": clinic, "patient": patient, "doctor": doctor, "appointment": appointment}
    new(flow.QueueEntry, queue_date=DAY, ticket_number=ticket, **who)
    new(
        flow.TelemedicineSession, session_token_hash=uuid.uuid4().hex, scheduled_start=NOON,
        scheduled_end=NOON + HOUR, **who,
    )  # fmt: skip


def opened(clinic: Any, patient: Any, user: Any, at: dt.datetime = NOON) -> kept.GlassBreak:
    """A glass broken at a time, for an hour."""
    return new(
        kept.GlassBreak, clinic=clinic, patient=patient, user=user, reason="Found unconscious",
        opened_at=at, expires_at=at + HOUR,
    )  # fmt: skip


def entered(clinic: Any, user: Any, name: str = "Root") -> kept.ClinicEntry:
    """A superadmin who came in just now, for an hour."""
    now = dt.datetime.now(dt.UTC)
    return new(
        kept.ClinicEntry, clinic=clinic, user=user, user_name=name, reason="Looking into a ticket",
        entered_at=now, expires_at=now + HOUR,
    )  # fmt: skip


def subscribed(clinic: Any, **owner: Any) -> flow.CalendarFeed:
    """A calendar address of a doctor or a patient. Its token is "feed " and the clinic's id, or
    for a second one whatever comes with it.
    """
    token = owner.pop("token", f"feed {clinic.pk}")
    digest = hashlib.sha256(token.encode()).digest()
    return new(flow.CalendarFeed, clinic=clinic, token_hash=digest, **owner)


def stock_records(world: Any, appointment: Any) -> None:
    """At least one row in every table of this module, of the clinic's cast."""
    clinic, patient, doctor = world.clinic, world.patient, world.doctor
    with world.as_owner():
        clinical(clinic, patient, doctor, world.chen)
        paid(clinic, patient, appointment)
        told(clinic, world.dana)
        waiting(clinic, patient, doctor, appointment, "A001")
        opened(clinic, patient, world.nur)
        subscribed(clinic, doctor=doctor, user=world.chen)
        entered(clinic, world.alice)
        new(flow.QueueManagement, clinic=clinic, queue_date=DAY)
        new(
            flow.PublicBookingRequest, clinic=clinic, name="Lee", phone="+6590000000",
            contact_preference="call", preferred_time_text="mornings", reason="cough",
        )  # fmt: skip
        new(kept.HealthScreeningPackage, clinic=clinic, name="Basic", price=80)
        new(kept.SystemSetting, clinic=clinic, category="desk", key="greeting", value="Hello")
        new(kept.UserFeedback, clinic=clinic, user=world.dana, rating=5)
        kept.FeatureFlag.objects.using("owner").get_or_create(name="some_feature")
