"""Sources of events, events, and what a sender signs."""

import base64
import hashlib
import hmac
import time
from typing import Any

import webhooks.models as hooks
from clinic.tenancy.signing import pads
from tests.factories.records import NOON, new

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


def source_of(clinic: Any, *, key: bytes = KEY, provider: str = "demopay") -> hooks.Source:
    """A source with a secret. Call it inside World.as_owner()."""
    return new(
        hooks.Source, clinic=clinic, name=f"Payments {provider}", provider=provider,
        secret_pad=b"".join(pads(key)), secret_set_at=NOON,
    )  # fmt: skip


def stock_webhooks(clinic: Any) -> hooks.WebhookEvent:
    """A row in every webhook table. Call it inside World.as_owner()."""
    to = new(hooks.IntegrationWebhook, clinic=clinic, name="Ledger", url="https://x.test/in")
    new(hooks.WebhookLog, clinic=clinic, webhook=to, event_type="payment.completed", payload={})
    return new(
        hooks.WebhookEvent, clinic=clinic, source=source_of(clinic), event_id="stock",
        event_type="payment.completed", payload={}, body_digest=hashlib.sha256(b"x").digest(),
        received_at=NOON,
    )  # fmt: skip


def sign(event_id: str, at: int | str, body: bytes, key: bytes = KEY) -> str:
    """The signature header of one delivery."""
    content = f"{event_id}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def signed_headers(
    event_id: str, body: bytes, *, at: int | None = None, key: bytes = KEY
) -> dict[str, str]:
    """The three headers that a sender would send now."""
    at = int(time.time()) if at is None else at
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(at),
        "webhook-signature": sign(event_id, at, body, key),
    }
