"""The demo as a visitor of the database finds it."""

import datetime as dt
import json
import re
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.db.models import Count, F, Max
from django.utils import timezone

from booking.models import Appointment, AppointmentSlot
from clinic.auth import LoginBackend
from clinic.models import Clinic, Doctor, Membership, Patient
from clinic.tenancy.context import tenant_context
from clinic.tenancy.membership import memberships_of
from tests.demo.conftest import CODES, Demo, all_of, inside, today_in

STATUSES = {
    "scheduled", "confirmed", "in_progress", "completed", "cancelled", "no_show", "rescheduled",
}  # fmt: skip


@pytest.mark.parametrize("environment", ["production", "", "staging", "Development"])
def test_it_refuses_where_accounts_matter(settings: Any, tmp_path: Any, environment: str) -> None:
    settings.ENVIRONMENT = environment
    with pytest.raises(CommandError, match="development and test"):
        call_command("seed_demo", output=tmp_path / "demo.json")
    assert not (tmp_path / "demo.json").exists()


def test_it_is_fast(demo: Demo) -> None:
    """Twenty seconds in all on a machine that does nothing else; the database takes half."""
    assert demo.seconds < 10


def test_the_two_clinics(demo: Demo) -> None:
    facts = {}
    for clinic in demo.clinics.values():
        with inside(clinic):
            row = Clinic.objects.using("owner").get(id=clinic.id)
            facts[row.code] = (row.branch_name, row.time_zone, row.currency, row.country)
    assert facts == {
        "GFC-TP": ("Tampines", "Asia/Singapore", "SGD", "SG"),
        "GFC-LDN": ("London", "Europe/London", "GBP", "GB"),
    }


@pytest.mark.parametrize("code", CODES)
def test_who_works_there(demo: Demo, code: str) -> None:
    clinic = demo.clinics[code]
    with inside(clinic):
        members = all_of(Membership, clinic).order_by()
        roles = Counter(members.values_list("role", flat=True))
        rooms = list(all_of(Doctor, clinic).values_list("room", flat=True))
    patients = roles.pop("patient")
    assert roles == {"admin": 1, "staff": 3, "nurse": 1, "doctor": len(rooms)}
    assert 3 <= len(rooms) <= 5
    assert all(rooms)
    assert patients > 10


@pytest.mark.parametrize("code", CODES)
def test_patients_are_as_varied_as_people(demo: Demo, code: str) -> None:
    clinic = demo.clinics[code]
    with inside(clinic):
        rows = list(all_of(Patient, clinic).values_list("full_name", "phone", "patient_number"))
    names = [name for name, _, _ in rows]
    assert 200 <= len(rows) <= 260
    assert any(" " not in name for name in names)
    assert max(map(len, names)) > 50
    assert any(not name.isascii() for name in names)
    assert max(Counter(names).values()) > 1
    phones = [str(phone) for _, phone, _ in rows if phone]
    assert len(phones) == len(set(phones)) > 200
    pattern = {"GFC-TP": r"\+65[89]\d{7}", "GFC-LDN": r"\+44(7700900|2079460)\d{3}"}[code]
    assert [phone for phone in phones if not re.fullmatch(pattern, phone)] == []
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(phone)) for phone in phones)


@pytest.mark.parametrize("code", CODES)
def test_every_status_is_to_be_seen(demo: Demo, code: str) -> None:
    clinic = demo.clinics[code]
    with inside(clinic):
        appointments = all_of(Appointment, clinic)
        every = set(appointments.values_list("status", flat=True))
        today = appointments.filter(appointment_date=today_in(clinic))
        now = set(today.values_list("status", flat=True))
        arrived = today.filter(checked_in_at__isnull=False, status__in=["scheduled", "confirmed"])
        assert arrived.exists()
    assert every == STATUSES
    assert now >= {"completed", "in_progress", "scheduled", "confirmed"}


@pytest.mark.parametrize("code", CODES)
def test_every_day_of_the_next_thirty_has_free_time(demo: Demo, code: str) -> None:
    clinic, today = demo.clinics[code], today_in(demo.clinics[code])
    with inside(clinic):
        free = all_of(AppointmentSlot, clinic).filter(
            is_available=True, is_blocked=False, starts_at__gt=timezone.now()
        )
        days = set(free.values_list("slot_date", flat=True))
    assert {today + dt.timedelta(days=n) for n in range(1, 31)} - days == set()


@pytest.mark.parametrize("code", CODES)
def test_appointments_and_slots_know_each_other(demo: Demo, code: str) -> None:
    clinic = demo.clinics[code]
    with inside(clinic):
        freed = ["cancelled", "rescheduled"]
        holding = all_of(Appointment, clinic).exclude(status__in=freed)
        taken = all_of(AppointmentSlot, clinic).exclude(appointment=None)
        assert holding.count() == taken.count() > 500
        assert not taken.exclude(
            is_available=False, appointment__slot=F("id"),
            appointment__starts_at=F("starts_at"), appointment__doctor=F("doctor"),
        ).exists()  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_nothing_has_happened_yet_that_lies_ahead(demo: Demo, code: str) -> None:
    clinic = demo.clinics[code]
    moments = ("created_at", "checked_in_at", "called_at", "consultation_start_at",
               "consultation_end_at", "cancelled_at", "no_show_marked_at")  # fmt: skip
    with inside(clinic):
        latest = all_of(Appointment, clinic).aggregate(*map(Max, moments))
    assert [name for name, moment in latest.items() if moment > timezone.now()] == []


@pytest.mark.parametrize("code", CODES)
def test_numbers_go_on_where_the_demo_ends(demo: Demo, code: str) -> None:
    clinic = demo.clinics[code]
    with inside(clinic), connections["owner"].cursor() as cursor:
        cursor.execute("select clinic.generate_appointment_number(%s)", [code])
        (number,) = cursor.fetchone()
        cursor.execute("select clinic.next_document_number('P')")
        (patient,) = cursor.fetchone()
        prefix = f"{code}-{today_in(clinic):%Y%m%d}-"
        booked = all_of(Appointment, clinic).filter(appointment_number__startswith=prefix).count()
        assert all_of(Patient, clinic).count() == int(patient.removeprefix("P-")) - 1
    assert number == f"{prefix}{booked + 1:04}"


def test_numbers_are_those_of_the_day_of_booking(demo: Demo) -> None:
    for clinic in demo.clinics.values():
        zone = ZoneInfo(clinic.time_zone)
        with inside(clinic):
            rows = all_of(Appointment, clinic).values_list("appointment_number", "created_at")
            wrong = [n for n, at in rows if f"-{at.astimezone(zone):%Y%m%d}-" not in n]
        assert wrong == []


def test_patients_count_their_visits(demo: Demo) -> None:
    for clinic in demo.clinics.values():
        with inside(clinic):
            visits = all_of(Appointment, clinic).filter(status="completed").values("patient")
            counted = {row["patient"]: row["n"] for row in visits.annotate(n=Count("id"))}
            known = all_of(Patient, clinic).filter(total_visits__gt=0)
            assert dict(known.values_list("id", "total_visits")) == counted


def test_the_manifest_is_the_contract(demo: Demo) -> None:
    assert set(demo.manifest) == {
        "url", "database_url", "admin_database_url", "clinics", "accounts", "webhook",
        "global_tables",
    }  # fmt: skip
    assert demo.manifest["clinics"] == [
        {"id": str(demo.clinics[code].id), "code": code, "name": "Greenfern Family Clinic",
         "timezone": demo.clinics[code].time_zone}
        for code in CODES
    ]  # fmt: skip
    assert demo.path.stat().st_mode & 0o777 == 0o600


def test_every_account_signs_in_where_it_says(demo: Demo) -> None:
    for account in demo.manifest["accounts"]:
        user = LoginBackend().authenticate(None, account["email"], account["password"])
        assert user is not None, account
        held = {m.clinic.code: m.roles for m in memberships_of(user.pk)}
        assert account["role"] in held[account["clinic_code"]]
    roles = Counter((a["clinic_code"], a["role"]) for a in demo.manifest["accounts"])
    for code in CODES:
        assert roles[code, "admin"] == roles[code, "nurse"] == roles[code, "patient"] == 1
        assert roles[code, "doctor"] >= 3


def test_one_account_works_in_both(demo: Demo) -> None:
    emails = Counter(account["email"] for account in demo.manifest["accounts"])
    assert [email for email, times in emails.items() if times > 1] == ["roving@gfc-tp.example"]


def test_global_tables_have_no_clinic(demo: Demo, admin_url: str) -> None:
    tables = set(demo.manifest["global_tables"])
    assert tables >= {
        "app.context_keys", "app.sessions", "app.login_failures", "public.django_migrations",
        "public.django_content_type", "public.auth_permission", "public.django_admin_log",
        "jobs.procrastinate_jobs",
    }  # fmt: skip
    ours = {t for t in tables if t.startswith(("clinic.", "booking.", "audit."))}
    assert ours == {"audit.sealing", "clinic.feature_flags"}


def test_again_keeps_what_is_there(demo: Demo) -> None:
    def count() -> dict[str, int]:
        found = {}
        for clinic in demo.clinics.values():
            with inside(clinic):
                for model in (Appointment, AppointmentSlot, Patient, Membership):
                    found[f"{clinic.code} {model.__name__}"] = all_of(model, clinic).count()
        return found

    before = count()
    said = demo.run()
    assert count() == before
    assert "GFC-TP is there already" in said
    assert "GFC-LDN is there already" in said
    assert json.loads(demo.path.read_text()) == demo.manifest


def test_days_later_there_is_free_time_again(demo: Demo, admin_url: str) -> None:
    """As if the demo had been made a week ago: the last seven days have no slots."""
    clinic = demo.clinics["GFC-LDN"]
    since = today_in(clinic) + dt.timedelta(days=24)
    with inside(clinic), connections["owner"].cursor() as cursor:
        cursor.execute(
            "delete from clinic.appointment_slots s where clinic_id = %s and slot_date > %s"
            " and not exists (select from clinic.appointments where slot_id = s.id)",
            [clinic.id, since],
        )
    said = demo.run()
    assert re.search(r"\d+ new slots", said)
    with inside(clinic):
        slots = all_of(AppointmentSlot, clinic)
        assert slots.aggregate(last=Max("slot_date"))["last"] >= since + dt.timedelta(days=6)


@pytest.mark.parametrize(
    ("code", "shape"), [("GFC-TP", r"S\d{7}[A-Z]"), ("GFC-LDN", r"QQ\d{6}[A-D]")]
)
def test_some_patients_have_a_national_id(demo: Demo, code: str, shape: str) -> None:
    clinic = demo.clinics[code]
    with tenant_context(clinic=clinic.id, role="staff"), connections["default"].cursor() as cursor:
        cursor.execute(
            "select app.reveal_secret('clinic.patients.nric_encrypted', id) from clinic.patients"
        )
        numbers = [number for (number,) in cursor if number]
    assert len(numbers) == 60
    assert [number for number in numbers if not re.fullmatch(shape, number)] == []
