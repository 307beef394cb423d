"""Master keys: they wrap the keys of clinics, and never leave the process."""

import base64
import binascii
import re
import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

KEY_BYTES = 32
NONCE_BYTES = 12
WRONG = "FIELD_ENCRYPTION_KEYS: id:base64,id:base64; ids of a-z0-9, keys of 32 bytes"


@sensitive_variables()
def master_keys() -> dict[str, bytes]:
    """FIELD_ENCRYPTION_KEYS as {id: 32 bytes}, the one that wraps first."""
    keys: dict[str, bytes] = {}
    for item in settings.FIELD_ENCRYPTION_KEYS.split(","):
        key_id, _, encoded = item.strip().partition(":")
        try:
            keys[key_id] = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise ImproperlyConfigured(WRONG) from None
        if not re.fullmatch(r"[a-z0-9]{1,16}", key_id) or len(keys[key_id]) != KEY_BYTES:
            raise ImproperlyConfigured(WRONG)
    return keys


def wrapping_id() -> str:
    """The id of the master key that wraps now."""
    return next(iter(master_keys()))


def _about(clinic_id: UUID, purpose: str, version: int) -> bytes:
    """What a wrapped key belongs to: moved to another row, it does not open."""
    return f"{clinic_id}:{purpose}:{version}".encode()


@sensitive_variables()
def wrap(key: bytes, *, clinic_id: UUID, purpose: str, version: int) -> tuple[bytes, str]:
    """(wrapped, id of the master key): nonce and AES-256-GCM of a key of 32 bytes."""
    master_id, master = next(iter(master_keys().items()))
    nonce = secrets.token_bytes(NONCE_BYTES)
    about = _about(clinic_id, purpose, version)
    return nonce + AESGCM(master).encrypt(nonce, key, about), master_id


@sensitive_variables()
def unwrap(wrapped: bytes, by: str, *, clinic_id: UUID, purpose: str, version: int) -> bytes:
    """The key that wrap() was given. Raises ImproperlyConfigured without its master key."""
    master = master_keys().get(by)
    if master is None:
        raise ImproperlyConfigured(f"FIELD_ENCRYPTION_KEYS lacks the master key {by}")
    nonce, body = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
    try:
        return AESGCM(master).decrypt(nonce, body, _about(clinic_id, purpose, version))
    except InvalidTag:
        raise ImproperlyConfigured(f"the master key {by} is not the one that wrapped") from None


@sensitive_variables()
def for_journey(key: bytes, once: bytes) -> bytes:
    """A key as app.receive_key expects it. once is used once, so the vector may be zero."""
    encryptor = Cipher(algorithms.AES(once), modes.CBC(bytes(16))).encryptor()
    return encryptor.update(key) + encryptor.finalize()
