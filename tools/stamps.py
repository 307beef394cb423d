"""Stamps: small files that say a step was done, and of what, so that it need not be done again."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def fingerprint(root: Path, patterns: Iterable[str], *words: str) -> str:
    """A digest of the files under root that match, by name and content, and of the words."""
    digest = hashlib.sha256(repr(words).encode())
    files = {file for pattern in patterns for file in root.glob(pattern) if file.is_file()}
    for file in sorted(files):
        digest.update(repr((str(file.relative_to(root)), file.read_bytes())).encode())
    return digest.hexdigest()


def is_current(stamp: Path, value: str) -> bool:
    return stamp.exists() and stamp.read_text() == value


def put(stamp: Path, value: str) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(value)
