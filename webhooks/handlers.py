"""What events do. A handler runs in its clinic, in the transaction in which its result is noted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeGuard

from webhooks.services import Claimed, currency_of, settle_payment

Payload = Mapping[str, Any]
# Currencies without a minor unit (ISO 4217); amounts are kept with two places, so none has three.
NO_MINOR_UNIT = {"CLP", "ISK", "JPY", "KRW", "PYG", "RWF", "UGX", "VND", "XAF", "XOF", "XPF"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """success; failed, to be tried again; or dead_letter, where trying again changes nothing."""

    status: str
    message: str = ""


def payment_completed(event: Claimed, payload: Payload) -> Outcome:
    """data: payment_intent_id, transaction_reference, amount (in minor units), currency.

    The event may come before the payment that it is about: that is tried again.
    """
    data = payload.get("data")
    data = data if isinstance(data, dict) else {}
    intent, reference = data.get("payment_intent_id"), data.get("transaction_reference")
    amount, currency = data.get("amount"), data.get("currency")
    if not (is_text(intent) and is_text(reference) and is_amount(amount) and is_text(currency)):
        return Outcome("dead_letter", "payment_intent_id, transaction_reference, amount, currency")
    if currency != currency_of(event):
        return Outcome("dead_letter", "The currency is not the clinic's.")
    money = Decimal(amount) if currency in NO_MINOR_UNIT else Decimal(amount) / 100
    return SETTLED[settle_payment(event=event, intent=intent, amount=money, reference=reference)]


SETTLED = {
    "settled": Outcome("success"),
    "already": Outcome("success", "It was completed before."),
    "paid": Outcome("dead_letter", "The payment was completed in another way: paid twice?"),
    "mismatch": Outcome("dead_letter", "The amount is not what is outstanding."),
    "unknown": Outcome("failed", "No payment of this clinic has this intent."),
}
HANDLERS: dict[str, Callable[[Claimed, Payload], Outcome]] = {
    "payment.completed": payment_completed,
}


def is_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= 255


def is_amount(value: Any) -> TypeGuard[int]:
    return type(value) is int and 0 < value < 10**10


def handle(event: Claimed, payload: Payload) -> Outcome:
    """Do what the event asks for. What nobody handles is done with, and says so."""
    handler = HANDLERS.get(event.event_type)
    return handler(event, payload) if handler else Outcome("success", "Ignored: nobody handles it.")
