"""A provider says what was paid: the clinic's payment follows, once, or nothing does."""

from decimal import Decimal
from typing import Any

import pytest

from audit.models import AuditLog
from clinic.models import Payment
from tests.factories import World
from tests.webhooks.scene import (
    ask,
    event,
    make_due,
    money,
    once,
    paid,
    payment,
    state,
)
from webhooks.models import Source

pytestmark = pytest.mark.usefixtures("no_events")


def test_a_payment_is_completed_by_its_event(world: World, source: Source) -> None:
    due = payment(world)
    told = event(world, source, **paid(due))
    assert once() == 1
    assert money(world, due) == ("completed", Decimal("31.50"), "tx_9")
    assert state(world, told) == ("success", 1, "")
    with world.as_owner():
        log = AuditLog.objects.using("owner").filter(table_name="payments").latest("id")
    assert (log.actor_role, log.reason) == ("worker", f"Webhook {told.event_id}")


def test_told_twice_it_is_paid_once(world: World, source: Source) -> None:
    due = payment(world)
    event(world, source, **paid(due))
    again = event(world, source, **paid(due))
    assert once() == 2
    assert money(world, due) == ("completed", Decimal("31.50"), "tx_9")
    assert state(world, again) == ("success", 1, "It was completed before.")


def test_what_is_left_is_what_must_be_paid(world: World, source: Source) -> None:
    due = payment(world, status="partial", paid_amount="11.50")
    event(world, source, **paid(due, amount=2000))
    once()
    assert money(world, due) == ("completed", Decimal("31.50"), "tx_9")


@pytest.mark.parametrize(
    ("data", "status", "message"),
    [
        ({"amount": 3149}, "dead_letter", "The amount is not what is outstanding."),
        ({"amount": 315000}, "dead_letter", "The amount is not what is outstanding."),
        ({"currency": "USD"}, "dead_letter", "The currency is not the clinic's."),
        ({"payment_intent_id": "pi_x"}, "failed", "No payment of this clinic has this intent."),
        *(
            (wrong, "dead_letter", "payment_intent_id, transaction_reference, amount, currency")
            for wrong in ({"amount": -1}, {"amount": "3150"}, {"amount": 31.5}, {"amount": True},
                          {"amount": 10**12}, {"currency": None}, {"payment_intent_id": {}},
                          {"transaction_reference": "x" * 256}, {"transaction_reference": ""})
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_changes_nothing(
    world: World, source: Source, data: dict[str, Any], status: str, message: str
) -> None:
    due = payment(world)
    told = event(world, source, **paid(due, **data))
    once()
    assert money(world, due) == ("pending", Decimal(0), "")
    assert state(world, told) == (status, 1, message)


def test_a_payment_paid_otherwise_is_for_people_to_see(world: World, source: Source) -> None:
    due = payment(world, status="completed", paid_amount="31.50", transaction_reference="cash")
    told = event(world, source, **paid(due))
    once()
    assert money(world, due)[2] == "cash"
    assert state(world, told)[0] == "dead_letter"


def test_another_clinic_s_payment_and_gateway_are_unknown(
    world: World, other_world: World, source: Source
) -> None:
    theirs = payment(other_world)
    of_another_gateway = payment(world, payment_gateway="other")
    told = [event(world, source, **paid(due)) for due in (theirs, of_another_gateway)]
    once()
    assert [state(world, each)[0] for each in told] == ["failed", "failed"]
    assert money(other_world, theirs)[0] == money(world, of_another_gateway)[0] == "pending"


def test_an_event_before_its_payment_is_tried_again(world: World, source: Source) -> None:
    told = event(world, source, **paid(Payment(payment_intent_id="pi_later")))
    once()
    assert state(world, told)[0] == "failed"
    due = payment(world, payment_intent_id="pi_later")
    make_due()
    once()
    assert (state(world, told)[:2], money(world, due)[0]) == (("success", 2), "completed")


def test_yen_have_no_cents(source: Source, world: World) -> None:
    with world.as_owner():
        world.clinic.currency = "JPY"
        world.clinic.save(using="owner", update_fields=["currency"])
    due = payment(world)
    ask("update clinic.payments set subtotal = 3150, total_amount = 3150 where id = %s", due.pk)
    event(world, source, **paid(due, currency="JPY"))
    once()
    assert money(world, due)[1] == 3150


def test_what_nobody_handles_is_done_with_and_says_so(world: World, source: Source) -> None:
    told = event(world, source, event_type="lab_result.final")
    once()
    assert state(world, told) == ("success", 1, "Ignored: nobody handles it.")
