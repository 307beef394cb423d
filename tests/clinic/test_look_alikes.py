"""Who may be the person that is about to be registered."""

import datetime as dt
from typing import Any

import pytest

from clinic.models import Patient
from clinic.search import as_somebody, look_alikes
from tests.factories import PatientFactory, World

BORN = dt.date(1984, 3, 12)


def person(world: World, **given: Any) -> Patient:
    with world.as_owner():
        return PatientFactory(clinic=world.clinic, **given)


ALIKE = [
    {"full_name": "zoe NEWCOMER", "date_of_birth": dt.date(1950, 1, 1)},
    {"full_name": "Zoe Married", "date_of_birth": BORN},
    {"full_name": "Zoë Newcomer", "date_of_birth": BORN, "is_active": False},
    {"full_name": "A. Newcomer", "date_of_birth": BORN},
    {"full_name": "Misheard", "date_of_birth": BORN, "phone": "+6581234567"},
    {"full_name": "Z Newcomer", "date_of_birth": dt.date(1985, 3, 12), "phone": "+6581234567"},
]
UNLIKE = [
    {"full_name": "Zoë Newman", "date_of_birth": dt.date(1984, 3, 13)},
    {"full_name": "Somebody Else", "date_of_birth": BORN},
    {"full_name": "Her Son", "date_of_birth": dt.date(2015, 3, 12), "phone": "+6581234567"},
    {"full_name": "Zoë Newcomer", "date_of_birth": BORN, "deleted_at": dt.datetime.now(dt.UTC)},
]


def test_who_is_like_somebody(world: World, other_world: World) -> None:
    person(other_world, full_name="Zoë Newcomer", date_of_birth=BORN)
    for given in UNLIKE:
        person(world, **given)
    wanted = {person(world, **given).id for given in ALIKE}
    with world.as_user(world.bob):
        found = look_alikes(clinic_id=world.id, full_name="Zoë Newcomer", date_of_birth=BORN,
                            phone="+6581234567")  # fmt: skip
    assert {patient.id for patient in found} == wanted


@pytest.mark.parametrize("name", ["Ħelen Borġ", "Kırmızı İnci", "ΟΔΥΣΣΕΥΣ Νέος", "王 小明"])
def test_a_namesake_is_found_as_the_database_folds_names(world: World, name: str) -> None:
    namesake = person(world, full_name=name, date_of_birth=dt.date(1950, 1, 1))
    with world.as_user(world.bob):
        found = look_alikes(clinic_id=world.id, full_name=name, date_of_birth=BORN, phone="")
    assert [patient.id for patient in found] == [namesake.id]


def test_a_crowded_birthday_hides_no_namesake(world: World) -> None:
    """1 January 1930, when nobody knows: the namesake came after two hundred others."""
    day = dt.date(1930, 1, 1)
    with world.as_owner():
        Patient.objects.using("owner").bulk_create(
            Patient(clinic=world.clinic, full_name=f"A{n}", date_of_birth=day, gender="other")
            for n in range(205)
        )
    namesake = person(world, full_name="Zoe Newcomer", date_of_birth=day)
    with world.as_user(world.bob):
        found = look_alikes(clinic_id=world.id, full_name="Zoë Newcomer", date_of_birth=day,
                            phone="")  # fmt: skip
    assert [patient.id for patient in found] == [namesake.id]


@pytest.mark.parametrize("kept", ["Zoe  Newcomer", " zoë newcomer", "ZOE\tNEWCOMER "])
def test_spaces_tell_nobody_apart(world: World, kept: str) -> None:
    """The admin lets them in; their key had them, and what was looked for had not."""
    namesake = person(world, full_name=kept, date_of_birth=dt.date(1950, 1, 1))
    with world.as_user(world.bob):
        found = look_alikes(clinic_id=world.id, full_name="Zoë Newcomer", date_of_birth=BORN,
                            phone="")  # fmt: skip
    assert [patient.id for patient in found] == [namesake.id]


@pytest.mark.parametrize(
    "born", ["12/3/84", "12/03/1984", "12 mar 1984", "12.3.1984", "1984-03-12", "1984/03/12",
             "12-Mar-1984", "12 March, 84"],
)  # fmt: skip
def test_a_birth_date_beside_a_name(born: str) -> None:
    for query in (f"Zoe {born} New", f"{born}, Zoe New", f"Zoe New {born}"):
        assert as_somebody(query, today=dt.date(2026, 11, 21)) == {
            "full_name": "Zoe New", "date_of_birth": "12/03/1984", "phone": "",
        }  # fmt: skip


def test_what_looks_like_a_date_and_is_none_stays_with_the_name() -> None:
    """The first of the two was taken out of the name, and the second stood in it."""
    found = as_somebody("Zoe 31 Feb 84 New 12 Mar 1984", today=dt.date(2026, 11, 21))
    assert (found["full_name"], found["date_of_birth"]) == ("Zoe Feb New", "12/03/1984")
