"""Signing of contexts and of passes for the door, which the database verifies with the same keys
(sql/clinic/functions/context.sql, login.sql).
"""

import base64
import binascii
import hashlib
import hmac
import re
import time

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from clinic.tenancy.context import Context

BLOCK = 64  # bytes of a SHA-256 block (RFC 2104)


def signing_keys() -> dict[str, bytes]:
    """CONTEXT_SIGNING_KEYS as {id: 32 bytes or more}, the signing one first."""
    keys: dict[str, bytes] = {}
    for item in settings.CONTEXT_SIGNING_KEYS.split(","):
        key_id, _, encoded = item.strip().partition(":")
        try:
            keys[key_id] = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise ImproperlyConfigured("CONTEXT_SIGNING_KEYS: id:base64,id:base64") from error
        if not re.fullmatch(r"[a-z0-9]{1,16}", key_id) or not 32 <= len(keys[key_id]) <= BLOCK:
            raise ImproperlyConfigured("CONTEXT_SIGNING_KEYS: ids a-z0-9, keys of 32 to 64 bytes")
    return keys


def pads(key: bytes) -> tuple[bytes, bytes]:
    """The inner and outer HMAC pads of a key, as the database stores them."""
    padded = key.ljust(BLOCK, b"\0")
    return bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)


def sign(context: Context, *, now: float | None = None) -> str:
    """The value of app.context: v1.key.expiry.role.clinic.user.signature."""
    return _signed(f"{context.role}.{context.clinic_id}.{context.user_id or ''}", now)


def door_pass(*, now: float | None = None) -> str:
    """What a function of the door asks for first: v1.key.expiry.door.signature.

    Only ever a parameter of that call: in a setting, SQL could read it.
    """
    return _signed("door", now)


def _signed(claims: str, now: float | None) -> str:
    key_id, key = next(iter(signing_keys().items()))
    expires = int(time.time() if now is None else now) + settings.CONTEXT_LIFETIME_SECONDS
    text = f"v1.{key_id}.{expires}.{claims}"
    return f"{text}.{hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}"
