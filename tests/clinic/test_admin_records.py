"""Records in the admin: doctors write their own, nurses note vitals, administrators read."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditLog
from clinic.models import LabResult, MedicalRecord, Prescription, VaccinationRecord
from tests.adminrecords import today
from tests.adminrows import act, actions, admin_url, errors, form_data, newest, stored
from tests.factories import DoctorFactory, PatientFactory, World
from tests.factories.records import clinical

SAID = {"status": "reviewed", "tests_ordered": "Full blood count"}
WHY = "Written for the wrong patient"


@pytest.fixture
def world(filled: Any) -> World:
    return filled[0]


@pytest.fixture
def chen(world: World, login: Any) -> Client:
    client: Client = login(world.chen)
    return client


def add_record(world: World, who: str = "patient", doctor: Any = None, **how: Any) -> MedicalRecord:
    """A record of today, of Dr Chen unless said otherwise."""
    with world.as_owner():
        clinic: Any = world.clinic
        patient: Any = world.patient
        if who == "stranger":
            patient = PatientFactory(clinic=clinic, full_name="Untreated Patient")
        how["record_date"] = today(world)
        record = clinical(clinic, patient, doctor or world.doctor, world.chen)
        MedicalRecord.objects.using("owner").filter(pk=record.pk).update(**how)
    return record


def test_a_doctor_writes_in_their_own_name(world: World, chen: Client) -> None:
    url = admin_url(world, "MedicalRecord/add/")
    data = form_data(chen, url)
    assert (data["doctor"], data["record_date"]) == (str(world.doctor.id), str(today(world)))
    data |= {"patient": str(world.patient.id), "weight_kg": "70", "height_cm": "175",
             "primary_diagnosis": "Influenza",
             "secondary_diagnoses": "Asthma\nHay fever"}  # fmt: skip
    assert chen.post(url, data).status_code == 302
    made = newest(world, MedicalRecord)
    assert (made.doctor_id, made.bmi, made.secondary_diagnoses) == (
        world.doctor.id, Decimal("22.86"), ["Asthma", "Hay fever"],
    )  # fmt: skip
    with world.as_owner():
        other: Any = DoctorFactory(clinic=world.clinic, full_name="Dr Other")
        stranger: Any = PatientFactory(clinic=world.clinic, full_name="Not Treated")
    for forged in ({"doctor": str(other.id)}, {"patient": str(stranger.id)}, {"doctor": ""}):
        refused = chen.post(url, data | forged)
        assert (refused.status_code, errors(refused)) == (403, {"": ["You may not do this here."]})
    assert newest(world, MedicalRecord) == made


def test_values_outside_what_is_possible_are_named(world: World, chen: Client) -> None:
    url = admin_url(world, "MedicalRecord/add/")
    data = form_data(chen, url) | {"patient": str(world.patient.id)}
    hot = chen.post(url, data | {"temperature_celsius": "60"})
    assert errors(hot) == {
        "temperature_celsius": [
            "Check temperature (°C): the value is outside what is possible."
        ],
    }  # fmt: skip
    ends = chen.post(url, data | {"mc_end_date": "2026-01-01"})
    assert (ends.status_code, len(errors(ends))) == (422, 1)


def test_a_nurse_notes_vitals(world: World, login: Any) -> None:
    nur = login(world.nur)
    url = admin_url(world, "MedicalRecord/add/")
    fields = set(nur.get(url).context["adminform"].form.fields)
    assert fields == {
        "patient", "appointment", "record_date", "chief_complaint", "temperature_celsius",
        "blood_pressure_systolic", "blood_pressure_diastolic", "heart_rate_bpm",
        "respiratory_rate_bpm", "oxygen_saturation_percent", "height_cm", "weight_kg",
    }  # fmt: skip
    data = form_data(nur, url) | {"patient": str(world.patient.id), "heart_rate_bpm": "72"}
    forged = {"primary_diagnosis": "None", "access_restricted": "on"}
    assert nur.post(url, data | forged).status_code == 302
    made = newest(world, MedicalRecord)
    assert (made.heart_rate_bpm, made.doctor_id) == (72, None)
    assert (made.primary_diagnosis, made.access_restricted) == ("", False)
    page = nur.get(admin_url(world, f"MedicalRecord/{made.pk}/change/"))
    assert page.context["adminform"].form.fields == {}


@pytest.mark.parametrize(
    ("how", "seen"),
    [({}, {"chen", "nur", "alice"}), ({"is_sensitive": True}, {"chen", "alice"}),
     ({"access_restricted": True}, {"chen"})],
)  # fmt: skip
def test_hidden_records_are_in_no_list_and_no_picker(
    world: World, login: Any, how: dict[str, Any], seen: set[str]
) -> None:
    record = add_record(world, "stranger", **how)  # on whom nobody broke the glass
    picker = {"app_label": "clinic", "model_name": "prescription", "field_name": "medical_record"}
    with world.as_owner():
        record.refresh_from_db(using="owner", fields=["record_number"])
    for who in ("chen", "nur", "alice"):
        client, here = login(getattr(world, who)), who in seen
        page = client.get(admin_url(world, f"MedicalRecord/{record.pk}/change/"))
        assert page.status_code == (200 if here else 404), who
        listed = client.get(admin_url(world, f"MedicalRecord/?q={record.record_number.lower()}"))
        assert [row.pk for row in listed.context["cl"].result_list] == [record.pk] * here
        found = client.get(admin_url(world, "autocomplete/"), picker | {"term": ""}).json()
        assert (str(record.pk) in {item["id"] for item in found["results"]}) == here
    assert login(world.bob).get(admin_url(world, "MedicalRecord/")).status_code == 403


def test_another_doctors_record_is_to_be_read(world: World, chen: Client) -> None:
    with world.as_owner():
        other: Any = DoctorFactory(clinic=world.clinic, full_name="Dr Colleague")
    record = add_record(world, doctor=other)
    url = admin_url(world, f"MedicalRecord/{record.pk}/change/")
    page = chen.get(url)
    assert page.status_code == 200
    assert page.context["adminform"].form.fields == {}
    assert chen.post(url, {"primary_diagnosis": "x"}).status_code == 403
    assert chen.get(admin_url(world, "MedicalRecord/?q=P-00001&when=all")).status_code == 200


def items(*names: str) -> dict[str, str]:
    """Rows of medications as the form posts them."""
    data = {"items-TOTAL_FORMS": str(len(names)), "items-INITIAL_FORMS": "0"}
    for n, name in enumerate(names):
        row = {"medication_name": name, "dosage": "5 mg", "frequency": "daily", "quantity": "30",
               "dispensed_quantity": "0"}  # fmt: skip
        data |= {f"items-{n}-{key}": value for key, value in row.items()}
    return data


def test_a_prescription_comes_with_its_items(world: World, chen: Client, login: Any) -> None:
    url = admin_url(world, "Prescription/add/")
    data = form_data(chen, url) | {"patient": str(world.patient.id)}
    assert chen.post(url, data | items("Amlodipine", "Metformin")).status_code == 302
    made = newest(world, Prescription)
    with world.as_owner():
        kept = made.items.using("owner").values_list("medication_name", "remaining_quantity")
        assert sorted(kept) == [("Amlodipine", 30), ("Metformin", 30)]
    too_many = items("Aspirin") | {"items-0-dispensed_quantity": "31"}
    refused = chen.post(url, data | too_many)
    assert refused.status_code == 422
    assert newest(world, Prescription) == made, "nothing of it is kept"
    page = login(world.alice).get(admin_url(world, f"Prescription/{made.pk}/change/"))
    assert page.context["adminform"].form.fields == {}
    assert "Metformin" in page.content.decode()
    assert "items-0-medication_name" not in page.content.decode()


def test_taking_back_needs_a_reason_and_hides_the_row(
    world: World, chen: Client, login: Any
) -> None:
    record, url = add_record(world), admin_url(world, "MedicalRecord/")
    asked = act(chen, url, "take_back", record.pk)
    assert b"Take these back" in asked.content
    assert act(chen, url, "take_back", record.pk, reason=" ").status_code == 422
    assert stored(world, "MedicalRecord", record.pk)["deleted_at"] is None
    done = act(chen, url, "take_back", record.pk, reason=WHY)
    assert (done.context["done"], done.context["failed"]) == (1, 0)
    assert stored(world, "MedicalRecord", record.pk)["deleted_at"] is not None
    for who in (world.chen, world.nur, world.alice):
        page = login(who).get(admin_url(world, f"MedicalRecord/{record.pk}/change/"))
        assert page.status_code == 404
    with world.as_owner():
        (entry,) = AuditLog.objects.using("owner").filter(
            clinic_id=world.id, record_id=str(record.pk), reason=WHY
        )
    assert (entry.user_id, entry.changed_fields) == (world.chen.id, ["deleted_at"])


def test_who_may_take_back_is_asked_of_postgresql(world: World, login: Any, rows: Any) -> None:
    clients = {who: login(getattr(world, who)) for who in ("alice", "bob", "chen", "nur")}
    tables = {
        "MedicalRecord": {"chen"}, "Prescription": {"chen"}, "LabResult": {"chen"},
        "ImagingResult": {"chen"}, "VaccinationRecord": {"chen", "nur"},
        "HealthScreeningResult": {"chen"}, "Payment": {"alice"}, "InsuranceClaim": {"alice"},
    }  # fmt: skip
    for name, who in tables.items():
        for person, client in clients.items():
            url = admin_url(world, f"{name}/")
            if client.get(url).status_code == 200:
                assert ("take_back" in actions(client, url)) == (person in who), (name, person)
    shot = rows["VaccinationRecord"]  # given by Dr Chen
    url = admin_url(world, "VaccinationRecord/")
    refused = act(clients["nur"], url, "take_back", shot, reason=WHY)
    assert (refused.context["done"], refused.context["failed"]) == (0, 1)
    assert stored(world, "VaccinationRecord", shot)["deleted_at"] is None


def test_results_are_reviewed_once_by_their_doctor(world: World, chen: Client) -> None:
    record = add_record(world)
    with world.as_owner():
        mine = LabResult.objects.using("owner").get(medical_record=record)
        mine.has_critical_values = True
        mine.save(using="owner", update_fields=["has_critical_values"])
    url = admin_url(world, "LabResult/")
    for action, columns in (
        ("review", ("reviewed_at", "reviewed_by_id")),
        ("acknowledge",
         ("critical_values_acknowledged_at", "critical_values_acknowledged_by_id")),
    ):  # fmt: skip
        asked = act(chen, url, action, mine.pk)
        assert asked.status_code == 200
        outcomes = []
        for _ in range(2):
            data = {"action": action, "_selected_action": str(mine.pk), "apply": "1"}
            context = chen.post(f"{url}?when=all", data).context
            outcomes.append((context["done"], context["failed"]))
        assert outcomes == [(1, 0), (0, 1)]
        row = stored(world, "LabResult", mine.pk)
        by = {"review": world.doctor.id, "acknowledge": world.chen.id}[action]
        assert (row[columns[0]] is not None, row[columns[1]]) == (True, by)
    assert stored(world, "LabResult", mine.pk)["status"] == "reviewed"


def test_saying_reviewed_in_the_form_names_the_reviewer(world: World, chen: Client) -> None:
    record = add_record(world)
    with world.as_owner():
        mine = LabResult.objects.using("owner").get(medical_record=record)
    url = admin_url(world, f"LabResult/{mine.pk}/change/")
    assert chen.post(url, form_data(chen, url) | SAID).status_code == 302
    row = stored(world, "LabResult", mine.pk)
    assert (row["status"], row["reviewed_by_id"]) == ("reviewed", world.doctor.id)


def test_a_nurse_gives_a_vaccination_in_their_own_name(world: World, login: Any) -> None:
    nur, url = login(world.nur), admin_url(world, "VaccinationRecord/add/")
    data = form_data(nur, url) | {"patient": str(world.patient.id), "vaccine_name": "Tetanus",
                                  "lot_number": "LOT-77"}  # fmt: skip
    assert nur.post(url, data | {"administered_by": str(world.bob.id)}).status_code == 302
    made = newest(world, VaccinationRecord)
    assert (made.vaccine_name, made.administered_by_id) == ("Tetanus", world.nur.id)
    found = nur.get(admin_url(world, "VaccinationRecord/?q=LOT-77"))
    assert [row.pk for row in found.context["cl"].result_list] == [made.pk]
    assert "Nur Nurse" in nur.get(
        admin_url(world, f"VaccinationRecord/{made.pk}/change/")
    ).content.decode()  # fmt: skip
