"""Patients of a clinic: who they are and how to reach them. Nothing here is saved."""

import datetime as dt
from random import Random
from typing import Any

from clinic.models import Patient
from demo.clock import DeskClock
from demo.names import FAMILIES, people
from demo.people import Team, demo_id

COUNT = 240
LOGIN_EVERY = 10
ALLERGIES = ("Penicillin", "Peanuts", "Latex", "Ibuprofen", "Shellfish", "Sulfonamides")
CONDITIONS = ("Hypertension", "Type 2 diabetes", "Asthma", "Eczema", "Hypothyroidism", "Migraine")
RELATIONS = ("Spouse", "Parent", "Child", "Sibling", "Friend")
JOBS = ("Teacher", "Driver", "Engineer", "Cook", "Student", "Retired", "Nurse", "Accountant", "")
STREETS = {
    "GFC-TP": ("Tampines Street 81", "Tampines Avenue 4", "Simei Street 3", "Pasir Ris Drive 6"),
    "GFC-LDN": ("Theobald's Road", "Lamb's Conduit Street", "Red Lion Street", "Gray's Inn Road"),
}


def make_patients(team: Team, clock: DeskClock, rng: Random) -> list[Patient]:
    """COUNT patients; one in LOGIN_EVERY may sign in, the first as patient@."""
    names = people(team.plan.code, COUNT, rng)
    return [
        Patient(
            id=demo_id(team.plan.code, "patient", n), clinic=team.clinic, full_name=name,
            gender=gender if rng.random() < 0.97 else rng.choice(("other", "prefer_not_to_say")),
            user=_login(team, n, name), total_visits=0, no_show_count=0,
            **_reach(team, n, rng), **_body(clock, rng),
        )
        for n, (name, gender) in enumerate(names)
    ]  # fmt: skip


def _login(team: Team, number: int, name: str) -> Any:
    if number % LOGIN_EVERY:
        return None
    return team.login(f"patient{number // LOGIN_EVERY or ''}", name, "patient")


def phone(country: str, number: int, rng: Random) -> str:
    """A number of the country: for London only such as Ofcom keeps free for fiction."""
    if country == "SG":
        return f"+65{rng.choice('89')}{rng.randint(1, 8)}{number:03}{rng.randint(0, 999):03}"
    if rng.random() < 0.2:
        return f"+442079460{number:03}"
    return f"+447700900{number:03}"


def _reach(team: Team, number: int, rng: Random) -> dict[str, Any]:
    """How to reach the patient, and whom else. One in fifteen has no telephone."""
    country = team.plan.country
    named = rng.random() < 0.5
    street = f"{rng.randint(1, 140)} {rng.choice(STREETS[team.plan.code])}"
    singapore = country == "SG"
    return {
        "phone": "" if rng.random() < 0.07 else phone(country, number, rng),
        "address": f"Blk {street} #{rng.randint(2, 14):02}-{rng.randint(1, 300)}"
        if singapore
        else street,
        "postal_code": f"5{rng.randint(20000, 29999)}"
        if singapore
        else f"WC1{rng.choice('NRX')} {rng.randint(1, 9)}{rng.choice('ABDEG')}{rng.choice('HJLN')}",
        "nationality": "Singaporean" if singapore else "British",
        "emergency_contact_name": rng.choice(FAMILIES[team.plan.code]).draw(rng, "female")
        if named
        else "",
        "emergency_contact_phone": phone(country, (number + 500) % 1000, rng) if named else "",
        "emergency_contact_relationship": rng.choice(RELATIONS) if named else "",
        "chas_card_type": rng.choices(("none", "blue", "orange", "green"), (6, 2, 1, 1))[0]
        if singapore
        else "none",
    }


def _body(clock: DeskClock, rng: Random) -> dict[str, Any]:
    """Age, measures, consents and what a doctor would ask first."""
    days = rng.randint(20, 17 * 365) if rng.random() < 0.2 else rng.randint(17 * 365, 96 * 365)
    adult, sms = days > 20 * 365, rng.random() < 0.7
    return {
        "date_of_birth": clock.today - dt.timedelta(days=days),
        "height_cm": rng.randint(148, 192) if adult and rng.random() < 0.5 else None,
        "weight_kg": rng.randint(44, 118) if adult and rng.random() < 0.5 else None,
        "allergies": [rng.choice(ALLERGIES)] if rng.random() < 0.15 else [],
        "chronic_conditions": rng.sample(CONDITIONS, 1 + (days > 60 * 365))
        if adult and rng.random() < 0.3
        else [],
        "occupation": rng.choice(JOBS) if adult else "",
        "sms_consent": sms,
        "email_consent": rng.random() < 0.4,
        "consent_updated_at": clock.now - dt.timedelta(days=rng.randint(1, 700)) if sms else None,
    }
