"""What was paid for the visits that took place. Nothing here is saved."""

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any

from booking.models import Appointment
from clinic.models import InsuranceClaim, Payment, PaymentItem
from demo.cases import INSURERS, Case
from demo.clock import MINUTE, DeskClock
from demo.people import Team, demo_id

CENT = Decimal("0.01")
GST = {"SG": Decimal("0.09")}
SUBSIDY = Decimal("18.50")
METHODS = {"SG": ("paynow", "card", "nets", "cash"), "GB": ("card", "card", "cash")}
Line = tuple[str, str, Decimal]


class Till:
    """Payments of one clinic with their lines, and claims for some of them."""

    def __init__(self, team: Team, clock: DeskClock, rng: Random) -> None:
        self.team, self.clock, self.rng = team, clock, rng
        self.desk = [login.user for login in team.logins if login.role == "staff"]
        self.manager = next(login.user for login in team.logins if login.role == "admin")
        self.payments: list[Payment] = []
        self.items: list[PaymentItem] = []
        self.claims: list[InsuranceClaim] = []

    def draw(self, visits: list[Appointment], cases: dict[Any, Case]) -> None:
        """Fill the lists; each visit's total becomes what was asked for it."""
        done = [visit for visit in visits if visit.id in cases]
        for visit in sorted(done, key=lambda v: (v.starts_at, str(v.id))):
            fee = visit.consultation_fee or Decimal(0)
            more = extras(cases[visit.id])
            first = [("consultation", "Consultation", fee)]
            apart = bool(more) and self.rng.random() < 0.2
            bills = [first, more] if apart else [first + more]
            made = [self._bill(visit, n, lines) for n, lines in enumerate(bills)]
            visit.additional_charges = sum((price for _, _, price in more), Decimal(0))
            visit.total_amount = sum((payment.total_amount for payment in made), Decimal(0))
            if self.rng.random() < 0.04:
                self.claims.append(self._claim(visit, made[0]))

    def rows(self) -> list[list[Any]]:
        return [self.payments, self.items, self.claims]

    def _bill(self, visit: Appointment, number: int, lines: list[Line]) -> Payment:
        """One payment; number counts those of the visit."""
        country = self.team.plan.country
        ended: Any = visit.consultation_end_at
        at = min(ended + (4 + 9 * number) * MINUTE, self.clock.now)
        subtotal = sum((price for _, _, price in lines), Decimal(0))
        tax = (subtotal * GST.get(country, Decimal(0))).quantize(CENT)
        card = visit.patient.chas_card_type != "none"
        subsidy = min(SUBSIDY, subtotal) if card and number == 0 else Decimal(0)
        payment = Payment(
            id=demo_id(visit.id, "payment", number), clinic=self.team.clinic,
            patient=visit.patient, appointment=visit, payment_date=visit.appointment_date,
            payment_method=self.rng.choice(METHODS[country]), subtotal=subtotal, gst_amount=tax,
            chas_subsidy_amount=subsidy, total_amount=subtotal + tax - subsidy, created_at=at,
            updated_at=at,
        )  # fmt: skip
        self._settle(payment, at)
        self.payments.append(payment)
        self.items += [
            PaymentItem(
                id=demo_id(payment.id, n), clinic=self.team.clinic, payment=payment, item_type=kind,
                item_description=text, unit_price=price, total_price=price, created_at=at,
            )
            for n, (kind, text, price) in enumerate(lines)
        ]  # fmt: skip
        return payment

    def _settle(self, payment: Payment, at: dt.datetime) -> None:
        """Most pay at once; some later, some a part, and a few got it back."""
        fate, total = self.rng.random(), payment.total_amount
        if fate < 0.04:
            payment.paid_amount = Decimal(0)
        elif fate < 0.07:
            payment.status, payment.paid_amount = "partial", (total / 2).quantize(CENT)
        else:
            payment.status, payment.paid_amount = "completed", total
            if payment.payment_method == "cash":
                payment.change_amount = (5 - total % 5) % 5
                payment.paid_amount = total + payment.change_amount
        if fate > 0.985 and total:
            payment.status, payment.is_refunded = "refunded", True
            payment.refunded_amount, payment.refunded_at = total, at + 30 * MINUTE
            payment.refunded_at = min(payment.refunded_at, self.clock.now)
            payment.refund_reason, payment.refunded_by_id = "Charged twice", self.manager.id

    def _claim(self, visit: Appointment, payment: Payment) -> InsuranceClaim:
        old = (self.clock.today - visit.appointment_date).days > 7
        asked = payment.subtotal
        return InsuranceClaim(
            id=demo_id(visit.id, "claim"), clinic=self.team.clinic, patient=visit.patient,
            payment=payment, insurance_provider=INSURERS[self.team.plan.code],
            claim_type="outpatient", claimed_amount=asked,
            status="approved" if old else "processing",
            approved_amount=(asked * Decimal("0.8")).quantize(CENT) if old else None,
            submitted_at=payment.created_at,
            approved_at=payment.created_at + dt.timedelta(days=5) if old else None,
            created_at=payment.created_at, updated_at=payment.created_at,
        )  # fmt: skip


def extras(case: Case) -> list[Line]:
    """What is charged beside the consultation."""
    lines = [("medication", drug.name, drug.price) for drug in case.drugs]
    if case.panel:
        lines.append(("lab", f"{case.panel.category} panel", case.panel.price))
    return lines
