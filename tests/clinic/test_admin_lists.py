"""Lists: as many queries for 30 rows as for one, searches through indexes, counts of the index."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.auth import find_user
from clinic.models import Doctor, DoctorLeave, Membership
from tests.adminrecords import LISTED, add_records
from tests.adminrows import NOW, add_days, admin_url, book, fill
from tests.factories import DoctorFactory, PatientFactory, UserFactory, World, make_world
from tests.factories.people import StaffFactory, WorkingHoursFactory
from tests.factories.records import new
from tests.factories.webhooks import source_of
from webhooks.models import IntegrationWebhook, WebhookEvent, WebhookLog

LETTERS = "abcdefghijklmnopqrstuvwxyzåäöü"
MANY = ["Appointment", "AppointmentSlot", "AuditLog", "Doctor", "DoctorLeave", "Membership",
        "Patient", "Staff", "User", "WorkingHours", "IntegrationWebhook", "Source",
        "WebhookEvent", "WebhookLog", "ExtraSession", "Holiday", "LimitPermit",
        *(model.__name__ for model in LISTED)]  # fmt: skip


@pytest.fixture(scope="module")
def scenes(django_db_setup: None) -> tuple[World, World]:
    """A clinic with a row of everything, and one with 30 more."""
    few, many = make_world(), make_world()
    fill(few)
    fill(many)
    with many.as_owner():
        for n in range(30):
            user: Any = UserFactory(
                clinic=many.clinic, full_name=f"User Of{LETTERS[n]}", role="nurse"
            )
            Membership.objects.using("owner").create(clinic=many.clinic, user=user, role="nurse")
            StaffFactory(clinic=many.clinic, full_name=f"Staff Of{LETTERS[n]}", user=user)
            DoctorFactory(clinic=many.clinic, full_name=f"Dr Number{LETTERS[n]}")
            PatientFactory(clinic=many.clinic, full_name=f"Zoë Søren{LETTERS[n]} Ångström")
            WorkingHoursFactory(
                clinic=many.clinic, doctor=many.doctor, weekday=1, starts=dt.time(20, n),
                ends=dt.time(20, n + 1),
            )  # fmt: skip
            start = NOW + dt.timedelta(days=300 + n)
            DoctorLeave.objects.using("owner").create(
                clinic=many.clinic, doctor=many.doctor, starts_at=start,
                ends_at=start + dt.timedelta(hours=5),
            )  # fmt: skip
            source = source_of(many.clinic, provider=f"p{n}")
            new(WebhookEvent, clinic=many.clinic, source=source, event_id="e", payload={})
            to = new(
                IntegrationWebhook, clinic=many.clinic, name=f"To {n}", url="https://x.test/"
            )  # fmt: skip
            new(WebhookLog, clinic=many.clinic, webhook=to, event_type="x", payload={})
    for n in range(1, 31):
        add_days(many, f"Row {n}", n)
    for n, slot in enumerate(many.free_slots()[:30], start=1):
        visit = book(many, slot=slot)
        with many.as_owner():
            add_records(many, f"Row {n}", visit, n)
    return few, many


@pytest.fixture
def many(scenes: tuple[World, World], login: Any) -> tuple[World, Client]:
    return scenes[1], login(scenes[1].alice)


@pytest.fixture(autouse=True, scope="module")
def _warm(scenes: tuple[World, World]) -> None:
    """Content types are asked once per process."""
    client = Client()
    client.force_login(find_user(scenes[0].alice.pk), backend="clinic.auth.LoginBackend")
    assert client.get(admin_url(scenes[0], "Doctor/")).status_code == 200


# Of grants, asked once per process too.
OF_GRANTS = ("select has_", "select app.may_")


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert response.status_code == 200
    return sum(not query["sql"].startswith(OF_GRANTS) for query in queries)


@pytest.mark.parametrize("name", MANY)
def test_as_many_queries_for_many_rows_as_for_one(
    scenes: tuple[World, World], login: Any, name: str
) -> None:
    counts = [queries_of(login(w.alice), admin_url(w, f"{name}/")) for w in scenes]
    assert counts[0] == counts[1]
    assert counts[1] <= 12


def test_the_index_counts_in_one_query(scenes: tuple[World, World], login: Any) -> None:
    counts = [queries_of(login(w.alice), admin_url(w)) for w in scenes]
    assert counts[0] == counts[1] <= 12
    page = login(scenes[1].alice).get(admin_url(scenes[1]))
    shown = {m["object_name"]: m["count"] for g in page.context["app_list"] for m in g["models"]}
    assert (shown["Doctor"], shown["Patient"], shown["Clinic"]) == ("31", "31", "1")
    text = page.content.decode()
    assert "Dr Numbera has no working hours" in text
    assert "has no free time within a week" not in text
    with scenes[1].as_owner():
        colleague = Doctor.objects.using("owner").get(
            clinic_id=scenes[1].id, full_name="Dr Numberb"
        )
        WorkingHoursFactory(clinic=scenes[1].clinic, doctor=colleague, weekday=1)
    text = login(scenes[1].alice).get(admin_url(scenes[1])).content.decode()
    assert "Dr Numberb has no free time within a week" in text


def found(client: Client, url: str) -> list[str]:
    return sorted(str(row) for row in client.get(url).context["cl"].result_list)


def test_patients_are_found_as_at_the_front_desk(many: tuple[World, Client]) -> None:
    world, alice = many
    url = admin_url(world, "Patient/?q=")
    expected = [f"Zoë Søren{LETTERS[n]} Ångström" for n in range(30)]
    assert found(alice, url + "zoe") == sorted(expected)
    assert found(alice, url + "angstrom+12/3/84") == sorted(expected)
    assert found(alice, url + "ZOË+SORENH") == ["Zoë Sørenh Ångström"]
    assert found(alice, url + "nobody") == []
    with CaptureQueriesContext(connection) as queries:
        alice.get(url + "zoe")
        alice.get(admin_url(world, "Appointment/?q=zoe"))
    assert not [q["sql"] for q in queries if "LIKE" in q["sql"].upper() and "patients" in q["sql"]]


def test_an_inactive_patient_is_found_by_number(world: World, login: Any) -> None:
    with world.as_owner():
        gone: Any = PatientFactory(clinic=world.clinic, full_name="Gone Away", is_active=False)
        gone.refresh_from_db(using="owner", fields=["patient_number"])
    alice = login(world.alice)
    url = admin_url(world, f"Patient/?q={gone.patient_number.lower()}")
    assert found(alice, url) == ["Gone Away"]
    assert found(alice, admin_url(world, "Patient/?is_active__exact=0")) == ["Gone Away"]


def test_other_lists_are_searched_by_name(many: tuple[World, Client]) -> None:
    world, alice = many
    assert found(alice, admin_url(world, "Doctor/?q=numberh")) == ["Dr Numberh"]
    assert found(alice, admin_url(world, "Staff/?q=ofh")) == ["Staff Ofh"]
    assert found(alice, admin_url(world, "User/?q=User+ofh")) == ["User Ofh"]
    members = alice.get(admin_url(world, "Membership/?q=User+ofh")).content.decode()
    assert "Staff Ofh" in members, "who somebody is here, by their staff row"
    number = found(alice, admin_url(world, "Appointment/?when=week"))[0]
    assert found(alice, admin_url(world, f"Appointment/?q={number.lower()}")) == [number]
    assert len(found(alice, admin_url(world, "Appointment/?q=plain"))) == 31


def test_pages_and_empty_cells(many: tuple[World, Client]) -> None:
    world, alice = many
    page = alice.get(admin_url(world, "AppointmentSlot/?when=all&p=2"))
    assert len(page.context["cl"].result_list) > 0
    assert page.context["cl"].list_per_page == 50
    assert "—" in alice.get(admin_url(world, "Doctor/")).content.decode()
    ordered = [str(p) for p in alice.get(admin_url(world, "Patient/")).context["cl"].result_list]
    assert ordered[-1].startswith("Zoë Søren")


def test_a_count_ends_where_nobody_pages(many: tuple[World, Client], monkeypatch: Any) -> None:
    world, alice = many
    monkeypatch.setattr("clinic.admin.base.CappedPaginator.cap", 25)
    page = alice.get(admin_url(world, "Patient/"))
    assert "25+ patients" in page.content.decode()


def test_a_colleague_whose_home_is_another_clinic(
    world: World, login: Any, other_world: World
) -> None:
    """Their login is not seen, their membership here is, and can be ended."""
    with world.as_owner():
        guest = Membership.objects.using("owner").create(
            clinic=world.clinic, user=other_world.chen, role="doctor"
        )
    alice = login(world.alice)
    page = alice.get(admin_url(world, "Membership/")).content.decode()
    assert "Login of another clinic" in page
    assert other_world.chen.full_name not in page
    url = admin_url(world, f"Membership/{guest.id}/change/")
    assert alice.get(url).status_code == 200
    assert alice.post(url, {"role": "doctor"}).status_code == 302
    assert login(other_world.chen).get(admin_url(world)).status_code == 404
