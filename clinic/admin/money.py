"""Payments with their lines, and claims."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.admin.base import OrderedPaginator
from clinic.admin.care import SPANS, OfPatient, asked, name_of
from clinic.admin.filters import EnumFilter, days_filter
from clinic.admin.forms import ClinicModelForm, ReasonForm
from clinic.admin.scoped import ScopedInline
from clinic.models import InsuranceClaim, Payment, PaymentItem
from clinic.services import refund_payment

CENT = Decimal("0.01")
LESS = ("discount_amount", "chas_subsidy_amount", "medisave_amount", "insurance_claim_amount")
PARTS = ("subtotal", "gst_amount", *LESS)


class RefundForm(ReasonForm):
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        required=False,
        min_value=Decimal("0.01"),
        max_digits=10,
        decimal_places=2,
        help_text=gettext_lazy("Leave empty to refund all that was paid."),
    )


class LineForm(ClinicModelForm):
    """A line whose total is what it comes to; a percentage says the discount."""

    def save(self, commit: bool = True) -> Any:
        line: PaymentItem = self.instance
        price = line.quantity * line.unit_price
        if line.discount_percent:
            line.discount_amount = (price * line.discount_percent / 100).quantize(CENT)
        line.total_price = price - line.discount_amount
        return super().save(commit)


class ItemInline(ScopedInline):
    """Lines are written once, with the payment or after it."""

    model = PaymentItem
    form = LineForm
    fields = ["item_type", "item_description", "quantity", "unit_price", "discount_percent",
              "discount_amount", "line_total"]  # fmt: skip
    ordering = ["created_at", "id"]
    verbose_name_plural = gettext_lazy("lines")

    def editable(self, request: Any, name: str, obj: Any) -> bool:
        """Whatever a new line has; lines that are there are not for changing."""
        return name != "line_total"

    @admin.display(description=gettext_lazy("total"))
    def line_total(self, obj: PaymentItem) -> Any:
        return obj.total_price


@admin.register(Payment)
class PaymentAdmin(OfPatient):
    group = "money"
    day_field = "payment_date"
    group_order = 1
    numbers = ("payment_number", "receipt_number")
    paginator = OrderedPaginator
    list_display = ["payment_date", "patient", "status", "total_amount", "outstanding_amount",
                    "payment_number"]  # fmt: skip
    list_filter = [
        days_filter("payment_date", SPANS, default="month", dates=True),
        ("status", EnumFilter),
        ("payment_method", EnumFilter),
    ]
    ordering = ["-payment_date", "-id"]
    search_fields = ["payment_number"]
    autocomplete_fields = ["patient", "appointment"]
    actions = ["refund", "take_back"]
    insert_only = ("patient", "appointment", "payment_date", *PARTS)
    inlines = [ItemInline]
    fieldsets = [
        (
            None,
            {"fields": ["payment_date", "patient", "appointment", "payment_number",
                        "receipt_number"]},
        ),
        (gettext_lazy("Amounts"), {"fields": [*PARTS, "total_amount"]}),
        (
            gettext_lazy("Paid"),
            {"fields": ["payment_method", "paid_amount", "change_amount", "outstanding_amount",
                        "status", "refund_text", "notes"]},
        ),
        (
            gettext_lazy("Gateway and receipt"),
            {"classes": ["collapse"],
             "fields": ["payment_gateway", "payment_intent_id", "transaction_reference",
                        "receipt_url", "receipt_sent_at"]},
        ),
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("refund"))
    def refund_text(self, obj: Payment) -> str:
        if not obj.is_refunded or obj.refunded_at is None:
            return ""
        what = {
            "amount": obj.refunded_amount,
            "day": date_text(timezone.localtime(obj.refunded_at), "j M Y, H:i"),
            "who": name_of(obj.refunded_by_id),
            "why": obj.refund_reason,
        }
        return _("%(amount)s on %(day)s, by %(who)s: %(why)s") % what

    def label(self, obj: Payment) -> str:
        return f"{obj.payment_number} · {obj.patient.full_name} · {obj.total_amount}"

    def save_model(self, request: Any, obj: Payment, form: Any, change: bool) -> None:
        """The total of a new payment is the sum of its parts."""
        if not change:
            taken_off = sum(getattr(obj, name) or 0 for name in LESS)
            obj.total_amount = (obj.subtotal or 0) + (obj.gst_amount or 0) - taken_off
        super().save_model(request, obj, form, change)

    def has_refund_permission(self, request: Any) -> bool:
        return "refunded_amount" in self.grants(request).update

    @admin.action(description=gettext_lazy("Refund"), permissions=["refund"])
    def refund(self, request: Any, queryset: QuerySet) -> HttpResponse | None:
        def work(row: Payment, said: dict[str, Any]) -> str | None:
            done = refund_payment(
                payment=row, amount=said["amount"], reason=said["reason"],
                user_id=request.user.pk, now=timezone.now(),
            )  # fmt: skip
            return None if done else _("Refunded before")

        title = _("Refund these payments")
        return asked(self, request, queryset, RefundForm, work, action="refund", title=title)


@admin.register(InsuranceClaim)
class ClaimAdmin(OfPatient):
    group = "money"
    group_order = 2
    numbers = ("claim_number",)
    list_display = ["claim_number", "patient", "insurance_provider", "claimed_amount",
                    "approved_amount", "status", "submitted_at"]  # fmt: skip
    list_filter = [days_filter("created_at", SPANS, default="year"), ("status", EnumFilter)]
    ordering = ["-created_at", "-id"]
    search_fields = ["claim_number"]
    autocomplete_fields = ["patient", "payment"]
    insert_only = ("patient", "payment")
    line_fields = ("documents",)
    fieldsets = [
        (
            None,
            {"fields": ["patient", "payment", "claim_number", "insurance_provider", "claim_type",
                        "status"]},
        ),
        (
            gettext_lazy("Amounts"),
            {"fields": ["claimed_amount", "approved_amount", "rejected_amount",
                        "copayment_amount"]},
        ),
        (
            gettext_lazy("Progress"),
            {"fields": ["submitted_at", "approved_at", "rejected_at", "rejection_reason",
                        "documents"]},
        ),
    ]  # fmt: skip

    def label(self, obj: InsuranceClaim) -> str:
        return f"{obj.claim_number} · {obj.patient.full_name}"
