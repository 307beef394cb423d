"""Forms write what was changed and nothing else, and show what PostgreSQL refuses."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from clinic.models import Doctor, DoctorLeave, Patient, Staff, WorkingHours
from tests.adminrows import add_leave, admin_url, errors, form_data, stored
from tests.factories import DoctorFactory, PatientFactory, UserFactory, World

MORE = {"working_hours_set-TOTAL_FORMS": "0", "working_hours_set-INITIAL_FORMS": "0",
        "leave-TOTAL_FORMS": "0", "leave-INITIAL_FORMS": "0"}  # fmt: skip


@pytest.fixture
def alice(world: World, login: Any) -> Client:
    client: Client = login(world.alice)
    return client


def writes(queries: CaptureQueriesContext) -> list[str]:
    return [q["sql"] for q in queries if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]


def test_a_change_writes_the_changed_columns_only(world: World, alice: Client) -> None:
    url = admin_url(world, f"Patient/{world.patient.id}/change/")
    data = form_data(alice, url) | {"occupation": "Baker", "notes": "Prefers mornings"}
    with CaptureQueriesContext(connection) as queries:
        assert alice.post(url, data).status_code == 302
    (update,) = writes(queries)
    columns = update[update.index("SET") : update.index("WHERE")]
    assert sorted(c for c in columns.split('"') if c.islower() and c.strip("=%s, ")) == [
        "notes", "occupation",
    ]  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        assert alice.post(url, form_data(alice, url)).status_code == 302
    assert writes(queries) == []


def test_what_is_not_in_the_form_cannot_be_posted(
    world: World, alice: Client, other_world: World
) -> None:
    """T04, T09: nobody names their own role, clinic, number or verification."""
    before = stored(world, "User", world.alice.id)
    url = admin_url(world, f"User/{world.alice.id}/change/")
    forged = {
        "role": "superadmin", "clinic": str(other_world.id), "clinic_id": str(other_world.id),
        "is_superuser": "on", "is_staff": "on", "groups": "1", "user_permissions": "1",
        "is_verified": "on", "password": "x", "password_hash": "x", "locked_until_0": "2030-01-01",
        "display_name": "Al",
    }  # fmt: skip
    data = form_data(alice, url) | forged
    assert "is_active" not in data, "nobody locks themselves out"
    assert alice.post(url, data).status_code == 302
    after = stored(world, "User", world.alice.id)
    assert after["display_name"] == "Al"
    for column in before.keys() - {"display_name", "updated_at"}:
        assert after[column] == before[column], column


def test_a_row_is_born_in_the_clinic_of_the_address(
    world: World, alice: Client, other_world: World
) -> None:
    url = admin_url(world, "Patient/add/")
    data = form_data(alice, url) | {
        "full_name": "Nora Newcomer", "date_of_birth": "1990-02-03", "gender": "female",
        "clinic": str(other_world.id), "clinic_id": str(other_world.id), "phone": "8123 4567",
        "sms_consent": "on", "patient_number": "P-1", "user": str(world.dana.id),
    }  # fmt: skip
    assert alice.post(url, data).status_code == 302
    with world.as_owner():
        patient = Patient.objects.using("owner").get(clinic_id=world.id, full_name="Nora Newcomer")
    assert patient.phone == "+6581234567", "read as dialled in the clinic's country"
    assert (patient.patient_number, patient.user_id) == ("P-00002", None)
    assert patient.consent_updated_at is not None
    with other_world.as_owner():
        assert Patient.objects.using("owner").filter(clinic_id=other_world.id).count() == 1


def refused(client: Client, url: str, **change: str) -> tuple[int, dict[str, list[str]]]:
    """Status and errors of a post; what was typed must still be there."""
    response = client.post(url, form_data(client, url) | change)
    html = response.content.decode()
    assert all(escape(value) in html for value in change.values())
    return response.status_code, errors(response)


def test_the_database_s_no_stands_at_its_field(world: World, alice: Client) -> None:
    with world.as_owner():
        other = DoctorFactory(clinic=world.clinic, full_name="Dr Two", employee_id="TWICE")
        UserFactory(clinic=world.clinic, email="taken@example.test", role="nurse")
    doctor = admin_url(world, f"Doctor/{world.doctor.id}/change/")
    twice = "Another doctor of this clinic has this employee id."
    assert refused(alice, doctor, employee_id="TWICE") == (422, {"employee_id": [twice]})
    user = admin_url(world, f"User/{world.bob.id}/change/")
    assert refused(alice, user, email="Taken@Example.Test") == (
        422, {"email": ["Another user of this clinic has this email."]},
    )  # fmt: skip
    clinic = admin_url(world, f"Clinic/{world.id}/change/")
    status, found = refused(alice, clinic, slot_step_minutes="17")
    assert (status, list(found)) == (422, ["slot_step_minutes"])
    status, found = refused(alice, clinic, email="nobody")
    assert (status, list(found)) == (422, ["email"])
    status, found = refused(alice, clinic, settings="[]")
    assert (status, list(found)) == (422, [""])
    status, found = refused(alice, doctor, consultation_duration_minutes="1")
    assert status == 422
    assert stored(world, "Doctor", world.doctor.id)["employee_id"] != "TWICE"
    assert other.employee_id == "TWICE"


def test_a_new_row_that_is_refused_keeps_what_was_typed(world: World, alice: Client) -> None:
    url = admin_url(world, "Doctor/add/")
    data = {
        "full_name": "Dr New", "employee_id": world.doctor.employee_id,
        "medical_registration_number": "M1", "license_expiry": "2030-01-01",
    }  # fmt: skip
    status, found = refused(alice, url, **data)
    assert (status, list(found)) == (422, ["employee_id"])
    data["employee_id"] = "E-NEW"
    assert alice.post(url, form_data(alice, url) | data).status_code == 302
    with world.as_owner():
        made = Doctor.objects.using("owner").get(clinic_id=world.id, employee_id="E-NEW")
    assert (made.is_active, made.consultation_duration_minutes, made.languages_spoken) == (
        True, 15, [],
    )  # fmt: skip


def test_rows_inside_a_form(world: World, alice: Client, other_world: World) -> None:
    """Hours and leave with their doctor; an overlap is told; nothing half is kept."""
    url = admin_url(world, f"Doctor/{world.doctor.id}/change/")
    data = form_data(alice, url)
    assert data["working_hours_set-INITIAL_FORMS"] == "7"
    added = data | {
        "working_hours_set-TOTAL_FORMS": "8", "working_hours_set-7-id": "",
        "working_hours_set-7-doctor": str(world.doctor.id), "working_hours_set-7-weekday": "1",
        "working_hours_set-7-starts": "18:00", "working_hours_set-7-ends": "20:00",
        "working_hours_set-7-effective_from": "2020-01-01", "room": "Room 9",
        "working_hours_set-7-every_weeks": "1",
    }  # fmt: skip
    overlap = alice.post(url, added | {"working_hours_set-7-starts": "16:00"})
    assert overlap.status_code == 422
    assert errors(overlap) == {"": ["These hours overlap others of the same doctor."]}
    assert stored(world, "Doctor", world.doctor.id)["room"] == ""
    assert alice.post(url, added).status_code == 302
    with world.as_owner():
        made = WorkingHours.objects.using("owner").get(clinic_id=world.id, starts=dt.time(18))
        theirs = WorkingHours.objects.using("owner")
    assert made.doctor_id == world.doctor.id
    assert stored(world, "Doctor", world.doctor.id)["room"] == "Room 9"
    with other_world.as_owner():
        foreign = theirs.filter(clinic_id=other_world.id).values_list("id", flat=True)[0]
    forged = form_data(alice, url) | {
        "working_hours_set-0-id": str(foreign), "working_hours_set-0-ends": "23:00",
    }  # fmt: skip
    assert alice.post(url, forged).status_code == 422
    swapped = form_data(alice, url) | {"working_hours_set-0-doctor": str(other_world.doctor.id)}
    assert alice.post(url, swapped).status_code == 422
    gone = form_data(alice, url) | {"working_hours_set-0-DELETE": "on"}
    assert alice.post(url, gone).status_code == 302
    for total in ("-1", "x", "100000", ""):
        broken = form_data(alice, url) | {"working_hours_set-TOTAL_FORMS": total}
        assert alice.post(url, broken).status_code in (302, 422)
    with other_world.as_owner():
        assert theirs.get(id=foreign).ends == dt.time(17)
    with world.as_owner():
        assert theirs.filter(clinic_id=world.id).count() == 8


def test_times_are_the_clinic_s(world: World, alice: Client) -> None:
    """Singapore is eight hours ahead, wherever the browser is."""
    url = admin_url(world, "DoctorLeave/add/")
    data = {
        "doctor": str(world.doctor.id), "starts_at_0": "2027-03-01", "starts_at_1": "09:00",
        "ends_at_0": "2027-03-01", "ends_at_1": "17:00", "reason": "Course",
    }  # fmt: skip
    assert alice.post(url, data).status_code == 302
    with world.as_owner():
        leave = DoctorLeave.objects.using("owner").get(clinic_id=world.id)
    assert leave.starts_at == dt.datetime(2027, 3, 1, 1, tzinfo=dt.UTC)
    page = alice.get(admin_url(world, "DoctorLeave/?when=past"))
    assert page.status_code == 200
    page = alice.get(admin_url(world, "DoctorLeave/"))
    assert "1 Mar 2027, 09:00" in page.content.decode()
    assert refused(alice, url, **data) == (
        422, {"": ["This leave overlaps other leave of the same doctor."]},
    )  # fmt: skip
    assert refused(alice, url, **(data | {"ends_at_1": "08:00"}))[1] == {
        "": ["Leave must end after it starts."]
    }


def test_leave_is_withdrawn_and_stays(world: World, alice: Client) -> None:
    leave, kept = add_leave(world), add_leave(world, days=300)
    data = {"action": "withdraw", "_selected_action": str(leave.id), "index": "0"}
    assert alice.post(admin_url(world, "DoctorLeave/"), data).status_code == 302
    assert stored(world, "DoctorLeave", leave.id)["deleted_at"]
    assert stored(world, "DoctorLeave", kept.id)["deleted_at"] is None
    page = alice.get(admin_url(world, "DoctorLeave/")).content.decode()
    assert page.count("Withdrawn") == 1


def test_lists_of_texts_and_breaks_are_checked(world: World, alice: Client) -> None:
    url = admin_url(world, f"Doctor/{world.doctor.id}/change/")
    good = {
        "specializations": "Family medicine\n\n Geriatrics ", "blocked_dates": "2027-12-24",
        "break_times": '[{"starts": "12:30", "ends": "13:00", "weekday": 1}]',
    }  # fmt: skip
    assert alice.post(url, form_data(alice, url) | good).status_code == 302
    row = stored(world, "Doctor", world.doctor.id)
    assert row["specializations"] == ["Family medicine", "Geriatrics"]
    assert row["blocked_dates"] == ["2027-12-24"]
    assert world.make_slots() > 0
    bad = [
        {"blocked_dates": "Christmas"}, {"break_times": '{"starts": "12:00"}'},
        {"break_times": '[{"starts": "13:00", "ends": "12:00"}]'}, {"break_times": "[1]"},
        {"break_times": '[{"starts": "12:00", "ends": "13:00", "weekday": 9}]'},
    ]  # fmt: skip
    for change in bad:
        response = alice.post(url, form_data(alice, url) | change)
        assert (response.status_code, list(errors(response))) == (422, list(change))


def test_django_s_own_log_stays_empty(world: World, alice: Client) -> None:
    url = admin_url(world, f"Patient/{world.patient.id}/change/")
    alice.post(url, form_data(alice, url) | {"notes": "Logged by the trail"})
    with connections["owner"].cursor() as cursor:
        cursor.execute(f'select count(*) from "{LogEntry._meta.db_table}"')
        assert cursor.fetchone()[0] == 0


def test_stored_markup_stays_text(world: World, alice: Client) -> None:
    """T50: in list, form, history, picker and message."""
    nasty = "<script>alert(1)</script><b>&amp;"
    url = admin_url(world, f"Doctor/{world.doctor.id}/change/")
    saved = alice.post(url, form_data(alice, url) | {"full_name": nasty}, follow=True)
    with world.as_owner():
        PatientFactory(clinic=world.clinic, full_name=nasty)
        Staff.objects.using("owner").filter(clinic_id=world.id).update(full_name=nasty)
    lists = ["", "Doctor/", "Patient/", "Staff/", "Membership/", "WorkingHours/", "AuditLog/"]
    pages = [*lists, *(f"Doctor/{world.doctor.id}/{page}/" for page in ("change", "history"))]
    for html in [saved, *(alice.get(admin_url(world, page)) for page in pages)]:
        assert "<script>alert" not in html.content.decode()
        assert nasty not in html.content.decode()


def test_the_same_id_twice_is_no_new_row(world: World, alice: Client) -> None:
    """An id in the post is not taken."""
    url, chosen = admin_url(world, "Staff/add/"), uuid.uuid4()
    data = {"full_name": "Sam", "employee_id": "S1", "start_date": "2026-01-01", "id": str(chosen)}
    assert alice.post(url, data).status_code == 302
    with world.as_owner():
        assert not Staff.objects.using("owner").filter(id=chosen).exists()
