"""The one search box: what is typed, sorted and looked up."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection, connections

from clinic.dates import parse_birth, parse_day
from clinic.search import find_patients
from tests.factories import PatientFactory, World

TODAY = dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", TODAY),
        ("Tomorrow", dt.date(2026, 11, 22)),
        ("23/11", dt.date(2026, 11, 23)),
        ("2/1", dt.date(2027, 1, 2)),
        ("20 dec", dt.date(2026, 12, 20)),
        ("23 nov 2026", dt.date(2026, 11, 23)),
        ("23/11/26", dt.date(2026, 11, 23)),
        ("2026-11-23", dt.date(2026, 11, 23)),
        ("31/2", None),
        ("29/2/2027", None),
        ("31/12/9999", None),
        ("1900-12-31", None),
        ("soon", None),
        ("", None),
    ],
)
def test_days_as_people_type_them(text: str, day: dt.date | None) -> None:
    assert parse_day(text, today=TODAY) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12/3/84", dt.date(1984, 3, 12)),
        ("12/03/1984", dt.date(1984, 3, 12)),
        ("12 mar 1984", dt.date(1984, 3, 12)),
        ("12.3.1984", dt.date(1984, 3, 12)),
        ("1984-03-12", dt.date(1984, 3, 12)),
        ("1984/03/12", dt.date(1984, 3, 12)),
        ("12-Mar-1984", dt.date(1984, 3, 12)),
        ("12 March, 84", dt.date(1984, 3, 12)),
        ("1/2/03", dt.date(2003, 2, 1)),
        ("22/11/26", dt.date(1926, 11, 22)),
        ("12/3", None),
        ("12/3/2027", None),
    ],
)
def test_birth_dates(text: str, day: dt.date | None) -> None:
    assert parse_birth(text, today=TODAY) == day


SCRIPTS = [
    "Zoë Ångström", "ŁUKASZ Đorđe", "Ægir Œuvre Weiß", "李小龍", "O'Brien", "Андрей Йовович",
    "김 민준", "अमित शर्मा", "آمنة", "Kırmızı İnci", "Ħelen Borġ", "Οδυσσέας Νέος",
]  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_name_in_any_script_is_found(world: World, name: str) -> None:
    """Russian, Korean and Hindi names were folded otherwise than their keys: nobody found them."""
    with world.as_owner():
        one = PatientFactory(clinic=world.clinic, full_name=name)
    with world.as_user(world.bob):
        for query in (name, name.lower(), name[: max(2, len(name) - 1)], name.split()[-1]):
            found = find_patients(clinic_id=world.id, query=query)
            assert [row.id for row in found] == [one.id], query


@pytest.mark.parametrize("query", ["ab\ud7ff", "ab\U0010ffff", "\ud7ff\ud7ff", "zz\U0010fffe"])
def test_letters_at_the_end_of_the_alphabet(world: World, query: str) -> None:
    """The letter after them is none: 500."""
    with world.as_user(world.bob):
        assert find_patients(clinic_id=world.id, query=query) == []


@pytest.fixture
def people(world: World) -> World:
    rows = [
        ("Grace Adeyemi", "A1001", "+6591230001", dt.date(1984, 4, 13)),
        ("Oscar Adeyemi", "A1002", "+6591230002", dt.date(1951, 7, 2)),
        ("Adela Núñez", "A1003", "", dt.date(1984, 12, 1)),
        ("Nadia Grace Petrov", "A1004", "+447700900079", dt.date(2001, 1, 1)),
    ]
    with world.as_owner():
        for name, number, phone, born in rows:
            PatientFactory(
                clinic=world.clinic, full_name=name, patient_number=number, phone=phone,
                date_of_birth=born,
            )  # fmt: skip
    return world


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("ad", ["Adela Núñez", "Grace Adeyemi", "Oscar Adeyemi"]),
        ("ADEY", ["Grace Adeyemi", "Oscar Adeyemi"]),
        ("gr", ["Grace Adeyemi"]),
        ("adeyemi grace", ["Grace Adeyemi"]),
        ("grace ade", ["Grace Adeyemi"]),
        ("petrov gr", ["Nadia Grace Petrov"]),
        ("nunez", ["Adela Núñez"]),
        ("ad 1984", ["Adela Núñez", "Grace Adeyemi"]),
        ("adeyemi 1984", ["Grace Adeyemi"]),
        ("13/4/84", ["Grace Adeyemi"]),
        ("13 apr 1984 adeyemi", ["Grace Adeyemi"]),
        ("13 apr 1984 petrov", []),
        ("a1002", ["Oscar Adeyemi"]),
        ("oscar a1002", ["Oscar Adeyemi"]),
        ("grace a1002", []),
        ("9123 0001", ["Grace Adeyemi"]),
        ("+65 9123 0002", ["Oscar Adeyemi"]),
        ("9123", ["Grace Adeyemi", "Oscar Adeyemi"]),
        ("+44 7700 900079", ["Nadia Grace Petrov"]),
        ("a", []),
        ("", []),
        ("%", []),
        ("%%%", []),
        ("__", []),
        ("\x00ad", ["Adela Núñez", "Grace Adeyemi", "Oscar Adeyemi"]),
    ],
)
def test_find(people: World, query: str, names: list[str]) -> None:
    with people.as_user(people.bob):
        assert [p.full_name for p in find_patients(clinic_id=people.id, query=query)] == names


def test_another_clinics_patients_are_not_found(people: World, other_world: World) -> None:
    with other_world.as_user(other_world.bob):
        assert find_patients(clinic_id=people.id, query="ad") == []
        assert find_patients(clinic_id=other_world.id, query="ad") == []


def test_limit_and_inactive(world: World) -> None:
    with world.as_owner():
        for number in range(25):
            PatientFactory(clinic=world.clinic, full_name=f"Yan Li{number:02}")
        PatientFactory(clinic=world.clinic, full_name="Yan Gone", is_active=False)
    with world.as_user(world.bob):
        found = find_patients(clinic_id=world.id, query="yan")
    assert [p.full_name for p in found] == [f"Yan Li{number:02}" for number in range(20)]


def fill(world: World, count: int = 3000) -> None:
    """Patients enough for an index to pay."""
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "insert into clinic.patients (clinic_id, full_name, patient_number, date_of_birth,"
            " gender, phone, emergency_contact_phone)"
            " select %s, 'Person' || n || ' Family' || n, 'X' || n, '1990-01-01', 'female',"
            " '+65' || (80000000 + n), '' from generate_series(1, %s) n",
            [world.id, count],
        )
        cursor.execute("analyze clinic.patients")


def plan_of(world: World, query: str) -> list[dict[str, Any]]:
    """The plan nodes of every statement on patients that a search runs."""
    recorder, nodes = Recorder(), []
    with world.as_user(world.bob):
        with connection.execute_wrapper(recorder):
            find_patients(clinic_id=world.id, query=query)
        for sql, params in recorder.statements:
            with connection.cursor() as cursor:
                cursor.execute(f"explain (format json) {sql}", params)
                nodes += flatten(cursor.fetchone()[0][0]["Plan"])
    return nodes


class Recorder:
    """Keeps the statements that pass."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, Any]] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if '"patients"' in sql:
            self.statements.append((sql, params))
        return execute(sql, params, many, context)


def flatten(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(below for child in node.get("Plans", ()) for below in flatten(child))]


def test_an_index_leads_to_the_rows(world: World) -> None:
    fill(world)
    for query in ("person12", "person1 family1", "8000 1234", "X999", "1/1/90"):
        scans = {
            (node["Node Type"], node.get("Relation Name"))
            for node in plan_of(world, query)
            if "Scan" in node["Node Type"]
        }
        assert any("Index" in kind for kind, _ in scans), query
        assert ("Seq Scan", "patients") not in scans, query
