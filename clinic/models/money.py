"""Money at the counter, in the clinic's currency. Totals are checked against their parts."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from clinic.enums import ClaimStatus, ClaimType, ItemType, PaymentMethod, PaymentStatus
from clinic.fields import PgEnumField
from clinic.models.base import (
    SoftDelete,
    TenantModel,
    Timestamps,
    document_number,
    implied_clinic,
    json_default,
    one_of,
    person_key,
    tenant_key,
)


def money(**kwargs: object) -> models.DecimalField:
    return models.DecimalField(max_digits=10, decimal_places=2, **kwargs)  # type: ignore[arg-type]


class Payment(Timestamps, SoftDelete, TenantModel):
    clinic = implied_clinic()
    patient = tenant_key("clinic.Patient", related_name="payments")
    appointment = tenant_key("booking.Appointment", null=True, blank=True, related_name="+")
    payment_number = document_number("PAY")
    payment_date = models.DateField()
    payment_method = models.TextField(choices=PaymentMethod)
    subtotal = money()
    gst_amount = money(db_default=0)
    discount_amount = money(db_default=0)
    chas_subsidy_amount = money(db_default=0)
    medisave_amount = money(db_default=0)
    insurance_claim_amount = money(db_default=0)
    total_amount = money()
    paid_amount = money(db_default=0)
    change_amount = money(db_default=0)
    outstanding_amount = models.GeneratedField(
        expression=F("total_amount") - F("paid_amount") + F("change_amount"),
        output_field=money(),
        db_persist=True,
    )
    status = PgEnumField(type_name="payment_status", choices=PaymentStatus, db_default="pending")
    transaction_reference = models.CharField(max_length=255, blank=True, db_default="")
    payment_gateway = models.CharField(max_length=50, blank=True, db_default="")
    payment_intent_id = models.CharField(max_length=255, null=True, blank=True)
    is_refunded = models.BooleanField(db_default=False)
    refunded_amount = money(null=True, blank=True)
    refund_reason = models.TextField(blank=True, db_default="")
    refunded_at = models.DateTimeField(null=True, blank=True)
    refunded_by = person_key("refunded_by")
    receipt_number = document_number("REC")
    receipt_url = models.TextField(blank=True, db_default="")
    receipt_sent_at = models.DateTimeField(null=True, blank=True)
    notes = models.TextField(blank=True, db_default="")

    class Meta:
        db_table = "payments"
        ordering = ["-payment_date", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="payments_clinic_id"),
            models.UniqueConstraint(
                fields=["clinic", "payment_number"], name="payments_clinic_number"
            ),
            models.UniqueConstraint(
                fields=["clinic", "receipt_number"], name="payments_clinic_receipt"
            ),
            models.UniqueConstraint(
                fields=["clinic", "payment_gateway", "payment_intent_id"],
                name="payments_clinic_intent",
            ),
            one_of("payments", "payment_method", PaymentMethod),
            models.CheckConstraint(
                condition=Q(
                    subtotal__gte=0, gst_amount__gte=0, discount_amount__gte=0,
                    chas_subsidy_amount__gte=0, medisave_amount__gte=0,
                    insurance_claim_amount__gte=0, total_amount__gte=0, paid_amount__gte=0,
                    change_amount__gte=0,
                ),
                name="payments_money",
            ),
            models.CheckConstraint(
                condition=Q(
                    total_amount=F("subtotal") + F("gst_amount") - F("discount_amount")
                    - F("chas_subsidy_amount") - F("medisave_amount")
                    - F("insurance_claim_amount")
                ),
                name="payments_total",
            ),
            models.CheckConstraint(
                condition=Q(is_refunded=False, refunded_amount__isnull=True)
                | (
                    Q(refunded_amount__gt=0, refunded_at__isnull=False, is_refunded=True)
                    & Q(refunded_amount__lte=F("paid_amount"))
                    & ~Q(refund_reason="")
                ),
                name="payments_refund",
            ),
            models.CheckConstraint(
                condition=~Q(status="refunded") | Q(is_refunded=True), name="payments_refunded"
            ),
            models.CheckConstraint(
                condition=~Q(status="completed")
                | Q(paid_amount__gte=F("total_amount") + F("change_amount")),
                name="payments_completed",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["clinic", "patient", "-payment_date"], name="payments_patient"),
            models.Index(fields=["clinic", "appointment"], name="payments_appointment"),
            models.Index(fields=["clinic", "status", "-payment_date"], name="payments_status"),
        ]

    def __str__(self) -> str:
        return self.payment_number


class PaymentItem(TenantModel):
    clinic = implied_clinic()
    payment = tenant_key("clinic.Payment", related_name="items")
    item_type = models.TextField(choices=ItemType)
    item_description = models.CharField(max_length=255)
    quantity = models.IntegerField(db_default=1)
    unit_price = money()
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, db_default=0)
    discount_amount = money(db_default=0)
    total_price = money()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "payment_items"
        ordering = ["payment", "created_at", "id"]
        constraints = [
            one_of("payment_items", "item_type", ItemType),
            models.CheckConstraint(
                condition=Q(
                    quantity__gt=0, unit_price__gte=0, discount_percent__range=(0, 100),
                    discount_amount__gte=0, total_price__gte=0,
                )
                & Q(total_price=F("quantity") * F("unit_price") - F("discount_amount")),
                name="payment_items_money",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["clinic", "payment"], name="payment_items_payment")]

    def __str__(self) -> str:
        return self.item_description


class InsuranceClaim(Timestamps, SoftDelete, TenantModel):
    """policy_number is encrypted, as on patients; the first design kept it plain here."""

    clinic = implied_clinic()
    patient = tenant_key("clinic.Patient", related_name="claims")
    payment = tenant_key("clinic.Payment", null=True, blank=True, related_name="claims")
    claim_number = document_number("CLM")
    insurance_provider = models.CharField(max_length=255)
    policy_number_encrypted = models.TextField(null=True, editable=False)
    claim_type = models.TextField(choices=ClaimType, null=True, blank=True)
    claimed_amount = money()
    approved_amount = money(null=True, blank=True)
    rejected_amount = money(null=True, blank=True)
    copayment_amount = money(null=True, blank=True)
    status = models.TextField(choices=ClaimStatus, db_default="pending")
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    rejected_at = models.DateTimeField(null=True, blank=True)
    rejection_reason = models.TextField(blank=True, db_default="")
    documents = models.JSONField(blank=True, **json_default([]))

    class Meta:
        db_table = "insurance_claims"
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "claim_number"], name="insurance_claims_clinic_number"
            ),
            one_of("insurance_claims", "claim_type", ClaimType),
            one_of("insurance_claims", "status", ClaimStatus),
            models.CheckConstraint(
                condition=Q(claimed_amount__gt=0)
                & (Q(approved_amount__isnull=True) | Q(approved_amount__gte=0))
                & (Q(rejected_amount__isnull=True) | Q(rejected_amount__gte=0))
                & (Q(copayment_amount__isnull=True) | Q(copayment_amount__gte=0)),
                name="insurance_claims_money",
            ),
            models.CheckConstraint(
                condition=Q(approved_amount__isnull=True)
                | Q(approved_amount__lte=F("claimed_amount")),
                name="insurance_claims_approved",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "patient", "-created_at"], name="insurance_claims_patient"
            ),
            models.Index(fields=["clinic", "payment"], name="insurance_claims_payment"),
            models.Index(fields=["clinic", "status"], name="insurance_claims_status"),
        ]

    def __str__(self) -> str:
        return self.claim_number
