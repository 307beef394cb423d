"""Verifying the chains, and anchors: signed ends of all chains, to be kept where no database is.

Whoever can rewrite a whole chain in the database leaves no trace in it. The anchor's key is not in
the database either: it comes from AUDIT_ANCHOR_KEYS, or from SECRET_KEY when that is unset.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from clinic.tenancy.context import NO_CLINIC, tenant_context


class AnchorError(ValueError):
    """A file of anchors that cannot be believed: unreadable, or not signed by a key of ours."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The last seal of a clinic's chain; code is "" for no clinic and for one that is closed."""

    clinic_id: UUID
    code: str
    position: int
    hash: str

    @property
    def name(self) -> str:
        return self.code or ("no clinic" if self.clinic_id == NO_CLINIC else str(self.clinic_id))


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that is not as it was sealed. position is its place in the chain."""

    position: int | None
    entry_id: int | None
    entry_at: datetime | None
    problem: str

    def __str__(self) -> str:
        entry = (
            f", entry {self.entry_id} of {self.entry_at:%Y-%m-%d %H:%M:%S}" if self.entry_at else ""
        )
        place = f"seal {self.position}" if self.position else "no seal"
        return f"{place}{entry}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where every chain ended at a time: {clinic id: (position, hash as hex)}."""

    at: datetime
    heads: dict[UUID, tuple[int, str]]


def inside(clinic_id: UUID) -> Any:
    """The worker's transaction in a clinic, or in none."""
    return tenant_context(clinic=clinic_id, role="worker", reason="Audit chain", read_only=True)


def chains() -> list[Chain]:
    """Every chain by code."""
    with inside(NO_CLINIC), connection.cursor() as cursor:
        cursor.execute(
            "select clinic_id, coalesce(code, ''), position, encode(hash, 'hex')"
            " from audit.chain_ends()"
        )
        return [Chain(*row) for row in cursor.fetchall()]


def broken(
    *, clinic_id: UUID, since: datetime | None = None, until: datetime | None = None
) -> list[Broken]:
    """What is wrong with a clinic's chain; empty when it is whole. Entries of the period only."""
    with inside(clinic_id), connection.cursor() as cursor:
        cursor.execute("set local statement_timeout = 0")
        cursor.execute(
            "select position, entry_id, entry_at, problem from audit.verify_chain(%s, %s, %s)",
            [clinic_id, since, until],
        )
        return [Broken(*row) for row in cursor.fetchall()]


def hash_at(clinic_id: UUID, position: int) -> str:
    """The hash at a place of a clinic's chain as hex; "" where it has none."""
    with inside(clinic_id), connection.cursor() as cursor:
        cursor.execute("select encode(audit.hash_at(%s, %s), 'hex')", [clinic_id, position])
        return cursor.fetchone()[0] or ""


def differs(anchors: list[Anchor], clinic_id: UUID) -> list[Broken]:
    """Where a chain is not what the anchors say: the first such place, after the last good one.

    Places before a pruned beginning cannot be compared, and are passed over.
    """
    good = 0
    known = sorted({a.heads[clinic_id] for a in anchors if clinic_id in a.heads})
    for position, expected in known:
        found = hash_at(clinic_id, position)
        if found == expected:
            good = position
        elif found or position > pruned_to(clinic_id):
            what = "rewritten" if found else "cut off"
            return [
                Broken(good + 1, None, None, f"{what} between here and seal {position}: anchor")
            ]
    return []


def pruned_to(clinic_id: UUID) -> int:
    """The last place of the chain that was pruned; 0 when nothing was."""
    with inside(clinic_id), connection.cursor() as cursor:
        cursor.execute("select audit.pruned_to(%s)", [clinic_id])
        return int(cursor.fetchone()[0])


# --- anchors -----------------------------------------------------------------------------------


def anchor_keys() -> dict[str, bytes]:
    """{key id: key}, the signing one first."""
    if settings.AUDIT_ANCHOR_KEYS:
        pairs = (item.strip().partition(":") for item in settings.AUDIT_ANCHOR_KEYS.split(","))
        return {key_id: secret.encode() for key_id, _, secret in pairs}
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    derived = [hmac.digest(s.encode(), b"rowan audit anchor", "sha256") for s in secrets]
    return {hashlib.sha256(key).hexdigest()[:8]: key for key in derived}


def signature(text: str, key: bytes) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def anchor_line() -> str:
    """One line of JSON: the ends of all chains, signed."""
    heads = {str(c.clinic_id): [c.position, c.hash] for c in chains()}
    text = json.dumps({"at": datetime.now(UTC).isoformat(), "heads": heads}, sort_keys=True)
    key_id, key = next(iter(anchor_keys().items()))
    return json.dumps({"anchor": text, "key": key_id, "signature": signature(text, key)})


def write_anchor(path: Path) -> int:
    """Append the anchor of now to a file; returns the number of chains in it."""
    line = anchor_line()
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    return len(json.loads(json.loads(line)["anchor"])["heads"])


def read_anchors(path: Path) -> list[Anchor]:
    """The anchors of a file, in its order. Raises AnchorError for a line that is not ours."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return list(_anchors(lines))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AnchorError(f"{path}: {error}") from error


def _anchors(lines: list[str]) -> Iterator[Anchor]:
    keys = anchor_keys()
    for number, line in enumerate(lines, start=1):
        signed = json.loads(line)
        key = keys.get(signed["key"])
        if key is None:
            raise AnchorError(
                f"line {number} is signed with key {signed['key']}, which is not ours"
            )
        if not hmac.compare_digest(signature(signed["anchor"], key), signed["signature"]):
            raise AnchorError(f"line {number} is not what was signed")
        said = json.loads(signed["anchor"])
        heads = {
            UUID(clinic): (int(at), str(digest)) for clinic, (at, digest) in said["heads"].items()
        }
        yield Anchor(datetime.fromisoformat(said["at"]), heads)
