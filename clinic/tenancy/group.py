"""One person in several clinics: each is entered by itself, and what they answer is put together.

No statement ever sees two clinics. A view that uses this runs outside a transaction
(transaction.non_atomic_requests), for a transaction has one context.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import Error as DatabaseError
from django.db import transaction

from clinic.errors import TenantContextError, Unavailable, translate
from clinic.tenancy.context import Context, current_context, pushed
from clinic.tenancy.membership import MembershipInfo


def role_in(request: Any, way: MembershipInfo) -> str:
    """The role that the person chose in this clinic, else the strongest held there."""
    chosen = request.session.get("roles", {}).get(str(way.clinic.id))
    return chosen if chosen in way.roles else way.roles[0]


@contextmanager
def visiting(request: Any, way: MembershipInfo) -> Iterator[Context]:
    """A read-only transaction in one of request.memberships, in the role held there.

    Raises TenantContextError inside a transaction or outside a clinic; Unavailable and Busy as
    tenant_context does.
    """
    here = current_context()
    if here is None or transaction.get_connection().in_atomic_block:
        raise TenantContextError("a clinic is visited from a request in a clinic, outside others")
    role = role_in(request, way)
    reason = way.reason if role == "superadmin" else ""
    there = replace(here, clinic_id=way.clinic.id, role=role, reason=reason, read_only=True)
    try:
        with pushed(there), transaction.atomic():
            yield there
    except DatabaseError as error:
        named = translate(error)
        if named is error or not isinstance(named, Unavailable):
            raise
        raise named from error
