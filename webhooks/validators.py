"""The strict shapes of a delivery (Standard Webhooks), checked before the database is asked."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from webhooks.errors import BadDelivery

LIMIT = 256 * 1024  # bytes of a body; the standard asks senders for less than 20 kB
DEPTH = 32
SIGNATURES = 16
EVENT_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
TIMESTAMP = re.compile(r"[0-9]{1,12}")
SIGNATURE = re.compile(r"v1,([A-Za-z0-9+/]{43}=)")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Headers of the right shape. timestamp in unix seconds, signatures in base64 without v1."""

    event_id: str
    timestamp: str
    signatures: tuple[str, ...]


def read_headers(headers: Mapping[str, str]) -> Delivery:
    """The three headers. Raises BadDelivery (400) where one is missing, twice there or misshapen.

    Servers join what came twice with a comma, which is part of none of these shapes. Signatures of
    other versions are left out: without any of ours nothing can match.
    """
    event_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signature = headers.get("webhook-signature", "")
    if not EVENT_ID.fullmatch(event_id):
        raise BadDelivery("webhook-id: 1 to 128 letters, digits, _ and -")
    if not TIMESTAMP.fullmatch(timestamp):
        raise BadDelivery("webhook-timestamp: unix seconds")
    words = signature.split(" ")
    if not signature or len(words) > SIGNATURES:
        raise BadDelivery("webhook-signature: 1 to 16 signatures")
    ours = tuple(match[1] for word in words if (match := SIGNATURE.fullmatch(word)))
    return Delivery(event_id, timestamp, ours)


def is_plain(body: bytes) -> bool:
    """Whether the bytes are a JSON object that every later reader can take.

    No NaN, no number beyond a float, no deep nesting. What jsonb cannot hold, it refuses itself.
    """
    try:
        value = json.loads(
            body.decode(), parse_constant=refuse, parse_float=finite, parse_int=finite
        )
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and is_shallow(value)


def refuse(text: str) -> NoReturn:
    raise ValueError(text)


def finite(text: str) -> float:
    """The number as a float: its size is all that is asked."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def is_shallow(value: Any) -> bool:
    """Whether nothing is nested deeper than DEPTH."""
    level = [value]
    for _ in range(DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return True
    return False
