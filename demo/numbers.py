"""National ids of some patients: of the right shape, and such as nobody has."""

from random import Random
from uuid import UUID

from django.db import connections

from clinic.encryption.keyring import unlock_clinic
from clinic.tenancy.context import tenant_context

ONE_IN = 4
# Check letters of numbers that begin with S; the one that is right is never given.
LETTERS = "JZIHGFEDCBA"
WEIGHTS = (2, 7, 6, 5, 4, 3, 2)
SET = """
select app.set_secret('clinic.patients.nric_encrypted', p.id, p.number)
from unnest(%s::uuid[], %s::text[]) p(id, number)
"""


def national_id(country: str, number: int, rng: Random) -> str:
    """A Singapore number with a wrong check letter, or a British one that begins with QQ."""
    if country != "SG":
        return f"QQ{number:06}{rng.choice('ABCD')}"
    digits = f"{rng.randint(50, 99)}{number:05}"
    right = sum(w * int(d) for w, d in zip(WEIGHTS, digits, strict=True)) % len(LETTERS)
    return f"S{digits}{LETTERS[(right + 1) % len(LETTERS)]}"


def give_numbers(clinic_id: UUID, country: str, patients: list[UUID], using: str) -> None:
    """Keys for the clinic, and a national id for one patient in ONE_IN."""
    unlock_clinic(clinic_id, make=True)
    rng, chosen = Random(country), patients[::ONE_IN]
    numbers = [national_id(country, n, rng) for n, _ in enumerate(chosen)]
    with (
        tenant_context(clinic=clinic_id, role="owner", using=using, reason="Demo data"),
        connections[using].cursor() as cursor,
    ):
        cursor.execute(SET, [chosen, numbers])
