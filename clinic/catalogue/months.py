"""Partitions of the audit trail come and go by month: all are declared once, as MONTH."""

import re
from collections.abc import Callable

from clinic.catalogue.live import Catalogue

MONTH = re.compile(r"\baudit_logs_(\d{4}_\d{2})(?!\d)")
DECLARED = "audit_logs_MONTH"


def rewritten(objects: Catalogue, rewrite: Callable[[str], str]) -> Catalogue:
    """The same objects with every text rewritten."""
    return {
        rewrite(identity): {name: rewrite(text) for name, text in attributes.items()}
        for identity, attributes in objects.items()
    }


def collapse(live: Catalogue) -> Catalogue:
    """The live catalogue with its months as one. Raises ValueError when they are not alike."""

    def without_month(text: str) -> str:
        return MONTH.sub(DECLARED, text)

    collapsed = rewritten(live, without_month)
    for identity, attributes in live.items():
        alike = rewritten({identity: attributes}, without_month)
        if collapsed | alike != collapsed:
            raise ValueError(f"{identity} is not like the other months")
    return collapsed


def expand(declared: Catalogue, live: Catalogue) -> Catalogue:
    """What is declared, with MONTH written out for each month that the live catalogue has."""
    months = {found[1] for identity in live if (found := MONTH.search(identity))}
    monthly = {i: a for i, a in declared.items() if DECLARED in i}
    if not months:
        return declared
    expanded = {i: a for i, a in declared.items() if i not in monthly}
    for month in months:
        expanded |= rewritten(monthly, lambda text, m=month: text.replace("MONTH", m))  # type: ignore[misc]
    return expanded
