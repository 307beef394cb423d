"""The differences between what is there and what was declared."""

from collections.abc import Iterator
from dataclasses import dataclass

from clinic.catalogue.live import Catalogue
from clinic.catalogue.months import expand


@dataclass(frozen=True, slots=True)
class Difference:
    """An object, or one attribute of it, that is not as declared.

    state is MISSING (declared, not there), EXTRA (there, not declared) or OUTDATED.
    """

    state: str
    identity: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.state} {self.identity}" + (f": {self.detail}" if self.detail else "")


def compare(live: Catalogue, declared: Catalogue) -> list[Difference]:
    """Every difference, sorted by object; empty when all is as declared."""
    expected = expand(declared, live)
    return [
        difference
        for identity in sorted(live.keys() | expected.keys())
        for difference in _differences(identity, live.get(identity), expected.get(identity))
    ]


def _differences(
    identity: str, live: dict[str, str] | None, declared: dict[str, str] | None
) -> Iterator[Difference]:
    if live is None or declared is None:
        yield Difference("MISSING" if live is None else "EXTRA", identity)
        return
    for name in sorted(live.keys() | declared.keys()):
        here, there = live.get(name, ""), declared.get(name, "")
        if here != there:
            detail = _grants if name.startswith("grant ") else _texts
            yield Difference("OUTDATED", identity, detail(name, here, there))


def _texts(name: str, live: str, declared: str) -> str:
    return f"{name} {live or 'none'}, declared {declared or 'none'}"


def _grants(name: str, live: str, declared: str) -> str:
    """Of a list of roles, only who is too many and who is missing."""
    here, there = set(filter(None, live.split(", "))), set(filter(None, declared.split(", ")))
    parts = [
        f"{what} {', '.join(sorted(roles))}"
        for what, roles in (("to", here - there), ("no more to", there - here))
        if roles
    ]
    return f"{name} {' and '.join(parts)}"
