"""A payment provider that may tell the Tampines clinic what was paid, and a payment that waits."""

from uuid import UUID

from clinic.models import Patient, Payment, PaymentItem
from clinic.tenancy.context import tenant_context
from webhooks.models import Source
from webhooks.services import rotate_secret

OWNER = "owner"
NAME, PROVIDER, INTENT = "Demo payments", "demopay", "pi_demo_0001"


def seed_webhook(clinic_id: UUID, known: str | None) -> dict[str, str]:
    """The path and the secret of the source, which is made where it is missing.

    A secret cannot be read again: the known one (of the last demo.json) is set once more, or a new
    one is made.
    """
    with tenant_context(clinic=clinic_id, role="owner", using=OWNER, reason="Demo data"):
        source = Source.objects.using(OWNER).filter(clinic_id=clinic_id, name=NAME).first()
        if source is None:
            source = Source(clinic_id=clinic_id, name=NAME, provider=PROVIDER)
            source.save(using=OWNER, force_insert=True)
            add_payment(clinic_id)
        secret = rotate_secret(source_id=source.pk, secret=known, using=OWNER)
    return {"url": f"/webhooks/{source.pk}/", "secret": secret}


def add_payment(clinic_id: UUID) -> None:
    """31.50 of which the provider will say that it was paid, under INTENT."""
    patient = Patient.objects.using(OWNER).filter(clinic_id=clinic_id).order_by("id").first()
    assert patient is not None  # noqa: S101
    payment = Payment.objects.using(OWNER).create(
        clinic_id=clinic_id,
        patient=patient,
        payment_date=patient.created_at.date(),
        payment_method="card",
        subtotal="31.50",
        total_amount="31.50",
        payment_gateway=PROVIDER,
        payment_intent_id=INTENT,
    )
    PaymentItem.objects.using(OWNER).create(
        clinic_id=clinic_id,
        payment=payment,
        item_type="medication",
        item_description="Medicine sent home",
        unit_price="31.50",
        total_price="31.50",
    )
