"""What demo.json says of the webhook is enough to tell the clinic of a payment."""

import base64
import json
from pathlib import Path
from typing import Any

from django.test import Client

from clinic.models import Payment
from clinic.tenancy.context import tenant_context
from demo.webhooks import INTENT
from tests.demo.conftest import Demo, seed
from tests.factories.webhooks import signed_headers
from webhooks.worker import drain

BODY = json.dumps(
    {
        "type": "payment.completed",
        "data": {
            "payment_intent_id": INTENT, "transaction_reference": "tx_demo", "amount": 3150,
            "currency": "SGD",
        },
    }
).encode()  # fmt: skip


def deliver(webhook: dict[str, Any], event_id: str) -> int:
    key = base64.b64decode(webhook["secret"].removeprefix("whsec_"))
    path = "/" + webhook["url"].split("/", 3)[3]
    headers = signed_headers(event_id, BODY, key=key)
    return Client().post(path, BODY, "application/json", headers=headers).status_code


def test_a_payment_is_told_by_what_the_manifest_says(demo: Demo) -> None:
    old = demo.manifest["webhook"]
    assert old["url"].startswith(demo.manifest["url"] + "/webhooks/")
    assert deliver(old, "evt_demo") == 202
    drain(worker="demo")
    clinic = demo.clinics["GFC-TP"].id
    with tenant_context(clinic=clinic, role="owner", using="owner"):
        payment = Payment.objects.using("owner").get(clinic_id=clinic, payment_intent_id=INTENT)
    assert (payment.status, payment.transaction_reference) == ("completed", "tx_demo")


def test_seeding_again_keeps_the_secret_that_is_known(demo: Demo, tmp_path: Path) -> None:
    assert "is there already" in seed(demo.path)
    assert json.loads(demo.path.read_text())["webhook"] == demo.manifest["webhook"]
    assert deliver(demo.manifest["webhook"], "evt_again") == 202
    seed(tmp_path / "demo.json")  # elsewhere, where none is known
    other = json.loads((tmp_path / "demo.json").read_text())["webhook"]
    assert other["secret"] != demo.manifest["webhook"]["secret"]
    assert deliver(other, "evt_other") == deliver(demo.manifest["webhook"], "evt_late") == 202
