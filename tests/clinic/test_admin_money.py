"""Payments and claims in the admin: taken at the desk, refunded by administrators."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from clinic.models import Payment
from tests.adminrows import act, actions, admin_url, errors, form_data, newest, stored
from tests.factories import World
from tests.factories.records import paid


@pytest.fixture
def bob(world: World, login: Any) -> Client:
    client: Client = login(world.bob)
    return client


@pytest.fixture
def alice(world: World, login: Any) -> Client:
    client: Client = login(world.alice)
    return client


def settled(world: World, **more: Any) -> Payment:
    """A payment of 50.00, paid."""
    with world.as_owner():
        payment = paid(world.clinic, world.patient, paid_amount=50, status="completed", **more)
        payment.refresh_from_db(using="owner")
    return payment


def lines(*rows: tuple[str, str, str, str]) -> dict[str, str]:
    """Lines of a payment as the form posts them: text, quantity, price, discount in percent."""
    data = {"items-TOTAL_FORMS": str(len(rows)), "items-INITIAL_FORMS": "0"}
    for n, (text, quantity, price, percent) in enumerate(rows):
        row = {
            "item_type": "consultation", "item_description": text, "quantity": quantity,
            "unit_price": price, "discount_percent": percent, "discount_amount": "0",
        }  # fmt: skip
        data |= {f"items-{n}-{key}": value for key, value in row.items()}
    return data


def payment_form(world: World, client: Client, **more: str) -> dict[str, str]:
    url = admin_url(world, "Payment/add/")
    whose = {"patient": str(world.patient.id), "payment_method": "paynow", "subtotal": "100",
             "gst_amount": "9"}  # fmt: skip
    return form_data(client, url) | whose | more


def test_the_total_is_the_sum_of_its_parts(world: World, bob: Client) -> None:
    url = admin_url(world, "Payment/add/")
    data = payment_form(world, bob, chas_subsidy_amount="18.50", total_amount="1", paid_amount="50")
    data |= lines(("Visit", "1", "80", "0"), ("Swab", "3", "10", "33.3"))
    assert bob.post(url, data).status_code == 302
    made = newest(world, Payment)
    assert (made.total_amount, made.outstanding_amount) == (Decimal("90.50"), Decimal("40.50"))
    with world.as_owner():
        kept = made.items.using("owner").order_by("unit_price")
        assert list(kept.values_list("discount_amount", "total_price")) == [
            (Decimal("9.99"), Decimal("20.01")), (Decimal("0.00"), Decimal("80.00")),
        ]  # fmt: skip


def test_a_payment_is_not_complete_before_it_is_paid(world: World, bob: Client) -> None:
    url = admin_url(world, "Payment/add/")
    early = bob.post(url, payment_form(world, bob, status="completed", paid_amount="20"))
    assert (early.status_code, len(errors(early))) == (422, 1)
    less = bob.post(url, payment_form(world, bob, discount_amount="200"))
    assert less.status_code == 422
    with world.as_owner():
        assert not Payment.objects.using("owner").filter(clinic_id=world.id).exists()


def test_what_was_paid_for_is_not_rewritten(world: World, bob: Client) -> None:
    payment = settled(world)
    url = admin_url(world, f"Payment/{payment.pk}/change/")
    page = bob.get(url)
    assert set(page.context["adminform"].form.fields) == {
        "payment_method", "paid_amount", "change_amount", "status", "notes", "payment_gateway",
        "payment_intent_id", "transaction_reference", "receipt_url", "receipt_sent_at",
    }  # fmt: skip
    data = form_data(bob, url) | {
        "subtotal": "1",
        "total_amount": "1",
        "patient": "",
        "notes": "ok",
    }
    data |= {"items-0-item_description": "Nothing", "items-0-unit_price": "0"}
    assert bob.post(url, data).status_code == 302
    row = stored(world, "Payment", payment.pk)
    assert (row["subtotal"], row["total_amount"], row["notes"]) == (50, 50, "ok")
    with world.as_owner():
        (line,) = payment.items.using("owner").all()
    assert (line.item_description, line.unit_price) == ("Consultation", 50)


def test_administrators_refund(world: World, alice: Client, bob: Client) -> None:
    url = admin_url(world, "Payment/")
    whole, part, much = (settled(world) for _ in range(3))
    assert "refund" not in actions(bob, url)
    act(bob, url, "refund", whole.pk, reason="x")  # no such action
    assert stored(world, "Payment", whole.pk)["is_refunded"] is False
    assert act(alice, url, "refund", whole.pk, amount="").status_code == 422, "no reason"
    for row, amount, done in ((whole, "", 1), (part, "20", 1), (much, "50.01", 0), (whole, "", 0)):
        answer = act(alice, url, "refund", row.pk, amount=amount, reason="Visit cancelled")
        assert answer.context["done"] == done, (amount, answer.context["results"])
    found = [stored(world, "Payment", p.pk) for p in (whole, part, much)]
    assert [(row["status"], row["refunded_amount"]) for row in found] == [
        ("refunded", 50), ("completed", 20), ("completed", None),
    ]  # fmt: skip
    assert found[0]["refunded_by_id"] == world.alice.id
    page = alice.get(admin_url(world, f"Payment/{whole.pk}/change/")).content.decode()
    assert "by Alice Admin: Visit cancelled" in page


def test_money_that_moved_is_not_taken_back(world: World, alice: Client) -> None:
    with world.as_owner():
        unpaid = paid(world.clinic, world.patient)
    moved, url = settled(world), admin_url(world, "Payment/")
    done = act(alice, url, "take_back", unpaid.pk, moved.pk, reason="Entered twice")
    assert (done.context["done"], done.context["failed"]) == (1, 1)
    assert stored(world, "Payment", unpaid.pk)["deleted_at"] is not None
    assert stored(world, "Payment", moved.pk)["deleted_at"] is None


def test_payments_are_found_by_patient_and_by_either_number(world: World, bob: Client) -> None:
    payment = settled(world)
    for term in ("dana", payment.payment_number.lower(), payment.receipt_number, "P-00001"):
        found = bob.get(admin_url(world, f"Payment/?q={term}"))
        assert [row.pk for row in found.context["cl"].result_list] == [payment.pk], term
    assert not bob.get(admin_url(world, "Payment/?q=PAY-99999")).context["cl"].result_list


def test_a_policy_number_is_on_no_page(world: World, alice: Client) -> None:
    settled(world)
    url = admin_url(world, "InsuranceClaim/")
    page = alice.get(url + "?when=all")
    (claim,) = page.context["cl"].result_list
    for shown in (page, alice.get(f"{url}{claim.pk}/change/"), alice.get(f"{url}add/")):
        assert "policy" not in shown.content.decode().lower()
