"""One entry per changed row, whoever wrote it and however; and what an entry says."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction

from clinic.models import Doctor, Patient
from tests.attacker import stocked
from tests.audit.trail import entries, owner_sql, patients, since
from tests.factories import PatientFactory, World, make_world
from tests.races import connect

CANARY = "Zz$Canary$Quux"

# How a row of each audited table may change.
CHANGES = {
    "clinic.clinics": "name = 'New'",
    "clinic.users": "display_name = 'New'",
    "clinic.memberships": "is_active = false",
    "clinic.patients": "notes = 'New'",
    "clinic.doctors": "bio = 'New'",
    "clinic.staff": "department = 'New'",
    "clinic.doctor_working_hours": "ends = '17:45'",
    "clinic.doctor_leave": "reason = 'New'",
    "clinic.extra_sessions": "reason = 'New'",
    "clinic.holidays": "name = 'New'",
    "clinic.limit_permits": "reason = 'New'",
    "clinic.appointments": "internal_notes = 'New'",
    "clinic.appointment_slots": "block_reason = 'New'",
    "booking.booking_requests": "created_at = created_at + interval '1 second'",
    "clinic.medical_records": "chief_complaint = 'New'",
    "clinic.prescriptions": "pharmacy_notes = 'New'",
    "clinic.prescription_items": "unit = 'New'",
    "clinic.lab_results": "comments = 'New'",
    "clinic.imaging_results": "findings = 'New'",
    "clinic.vaccination_records": "injection_site = 'New'",
    "clinic.health_screening_packages": "description = 'New'",
    "clinic.health_screening_results": "doctor_notes = 'New'",
    "clinic.payments": "notes = 'New'",
    "clinic.payment_items": "item_description = 'New'",
    "clinic.insurance_claims": "rejection_reason = 'New'",
    "clinic.system_settings": "description = 'New' where clinic_id is not null",
    "clinic.user_feedback": "feedback_text = 'New'",
    "clinic.glass_breaks": "review_note = 'New'",
    "clinic.clinic_entries": "user_name = 'New'",
    "clinic.queue_management": "total_waiting = 7",
    "clinic.queue_entries": "priority = 7",
    "clinic.telemedicine_sessions": "doctor_notes = 'New'",
    "clinic.public_booking_requests": "reason = 'New'",
    "clinic.notifications": "subject = 'New'",
    "clinic.sms_messages": "provider = 'New'",
    "clinic.whatsapp_messages": "media_type = 'New'",
    "clinic.email_messages": "provider = 'New'",
    "clinic.appointment_transitions": "reason = 'New'",
    "clinic.appointment_series": "visit_reason = 'New'",
    "clinic.integration_webhooks": "name = 'New'",
    "clinic.webhook_logs": "event_type = 'New'",
    "clinic.webhook_events": "conflicts = 9",
    "clinic.services": "duration_minutes = 55",
    "clinic.service_doctors": "duration_minutes = 55",
    "clinic.service_needs": "is_active = false",
    "clinic.resource_pools": "name = 'New'",
    "clinic.resources": "kind = 'equipment'",
    "clinic.appointment_resources": "busy_to = busy_to + interval '1 minute'",
    "clinic.absences": "note = 'New'",
    "clinic.absence_rows": "code = 'New'",
    "clinic.absence_runs": "idempotency_key = 'New'",
    "clinic.waiting_list_entries": "note = 'New'",
    "clinic.waiting_list_offers": "answer_key = 'New'",
    "clinic.freed_slots": "considered_at = '2001-01-01'",
    "clinic.calendar_feeds": "fetches = 7",
}
# Children before parents.
DELETED = ("booking.booking_requests", "clinic.doctor_leave", "clinic.doctor_working_hours",
           "clinic.memberships")  # fmt: skip
AUDITED = """
select tgrelid::regclass::text from pg_trigger t join pg_class c on c.oid = tgrelid
where tgname like 'audit\\_%' and c.relnamespace::regnamespace::text in ('clinic', 'booking')
group by 1 having count(*) = 4 and bool_and(tgenabled = 'A')
"""


def test_every_audited_table_is_tried_here(admin_url: str) -> None:
    with connect(admin_url) as admin:
        admin.execute("set search_path to pg_catalog")
        assert {row[0] for row in admin.execute(AUDITED.encode())} == set(CHANGES)


@pytest.fixture(scope="module")
def lived(django_db_setup: None) -> World:
    return stocked(make_world())


@pytest.mark.parametrize("table", CHANGES)
def test_each_row_has_one_entry_per_change(lived: World, table: str) -> None:
    """Each row was inserted once; then all are updated together, and some deleted, once each."""
    name = table.partition(".")[2]
    key = "idempotency_key" if name == "booking_requests" else "id"
    mine = "" if name == "clinics" else " where clinic_id is not null"
    records = [str(row[0]) for row in owner_sql(lived, f"select {key} from {table}{mine}")]
    inserted = Counter(entry.record_id for entry in entries(lived, name, action="INSERT"))
    assert records
    assert {record: inserted[record] for record in records} == dict.fromkeys(records, 1)
    found = since(lived, name)
    owner_sql(lived, f"update {table} set {CHANGES[table]}")
    assert sorted(str(e.record_id) for e in found()) == sorted(records)
    assert {e.action for e in found()} == {"UPDATE"}
    if table in DELETED:
        owner_sql(lived, f"delete from {table}")
        gone = [str(e.record_id) for e in found() if e.action == "DELETE"]
        assert sorted(gone) == sorted(records)


def orm_save(world: World, notes: str) -> int:
    for patient in patients(world):
        patient.notes = notes
        with world.as_user(world.bob):
            patient.save(update_fields=["notes"])
    return len(patients(world))


def orm_update(world: World, notes: str) -> int:
    with world.as_user(world.bob):
        return Patient.objects.update(notes=notes)


def orm_bulk_update(world: World, notes: str) -> int:
    found = patients(world)
    for patient in found:
        patient.notes = notes
    with world.as_user(world.bob):
        return Patient.objects.bulk_update(found, ["notes"])


def raw(query: str, world: World, notes: str) -> int:
    with world.as_user(world.bob), connection.cursor() as cursor:
        cursor.execute(query, [notes])
        return cursor.rowcount


WAYS: dict[str, Callable[..., int]] = {
    "save": orm_save,
    "update": orm_update,
    "bulk update": orm_bulk_update,
    "raw": partial(raw, "update clinic.patients set notes = %s"),
    "merge": partial(raw, "merge into clinic.patients p using (select %s n) s on p.id is not null"
                          " when matched then update set notes = s.n"),
    "with": partial(raw, "with x as (update clinic.patients set notes = %s returning 1)"
                         " select * from x"),
    "do": partial(raw, "update clinic.patients set notes = %s where id in"
                       " (select id from clinic.patients for update)"),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_updating_leaves_one_entry_each(world: World, way: str) -> None:
    with world.as_owner():
        PatientFactory.create_batch(3, clinic=world.clinic)
    found = since(world)
    assert WAYS[way](world, way) == 4
    assert Counter(e.action for e in found()) == {"UPDATE": 4}
    assert len({e.record_id for e in found()}) == 4
    assert {e.new_values["notes"] for e in found()} == {way}  # type: ignore[index]


def test_an_upsert_is_an_insert_or_an_update(world: World) -> None:
    upsert = (
        "insert into clinic.number_counters values (%s, 'probe', 1)"
        " on conflict (clinic_id, kind) do update set last_value = 2"
    )
    found = since(world, "doctor_leave")
    owner_sql(world, upsert, world.id)
    leave = (
        "insert into clinic.doctor_leave (id, clinic_id, doctor_id, starts_at, ends_at)"
        " values (%s, %s, %s, '2030-01-01', '2030-01-02')"
        " on conflict (id) do update set reason = 'again'"
    )
    params = [str(uuid.uuid4()), world.id, world.doctor.id]
    owner_sql(world, leave, *params)
    owner_sql(world, leave, *params)
    assert [e.action for e in found()] == ["INSERT", "UPDATE"]


def test_bulk_create_and_copy(world: World, admin_url: str) -> None:
    found = since(world)
    with world.as_user(world.bob):
        fresh = [Patient(clinic_id=world.id, full_name=f"P {n}", gender="male",
                         date_of_birth=dt.date(1990, 1, 1), patient_number=f"C-{n}")
                 for n in range(5)]  # fmt: skip
        Patient.objects.bulk_create(fresh)
    assert Counter(e.action for e in found()) == {"INSERT": 5}
    found = since(world, "doctor_leave")
    columns = "clinic_id, doctor_id, starts_at, ends_at"
    with connect(admin_url) as admin, admin.cursor() as cursor:
        with cursor.copy(f"copy clinic.doctor_leave ({columns}) from stdin".encode()) as copy:
            for year in (2031, 2032):
                copy.write_row((world.id, world.doctor.id, f"{year}-01-01", f"{year}-02-01"))
        name = admin.info.user
    assert [(e.action, e.user_id, e.actor_role) for e in found()] == [("INSERT", None, name)] * 2


def test_truncate_is_noted(lived: World, admin_url: str) -> None:
    """Of a superuser, for nobody else may; undone, for it would empty every clinic."""
    with connect(admin_url) as admin, admin.transaction(force_rollback=True):
        admin.execute("truncate clinic.doctor_leave")
        row = admin.execute(
            "select table_name, action from audit.audit_logs order by id desc limit 1"
        ).fetchone()
    assert row == ("doctor_leave", "TRUNCATE")


def test_what_rolls_back_was_never(world: World) -> None:
    found = since(world)
    with pytest.raises(ZeroDivisionError), world.as_user(world.bob):
        Patient.objects.update(notes="gone" if 1 / 0 else "")
    with world.as_user(world.bob):
        with transaction.atomic():
            Patient.objects.update(notes="gone")
            transaction.set_rollback(True)
        Patient.objects.update(notes="kept")
    assert [e.new_values for e in found()] == [{"notes": "kept"}]


def test_a_change_to_the_same_is_none(world: World) -> None:
    found = since(world)
    with world.as_user(world.bob):
        assert Patient.objects.update(notes="") == 1
        assert Patient.objects.update(tags=[]) == 1
    assert found() == []


STEPS: list[tuple[str, Any, Any]] = [
    ("notes", "", "x\n\"quoted\" \\ 'single' => NULL, é 🦉"),
    ("chas_card_expiry", None, "2027-01-31"),
    ("chas_card_expiry", "2027-01-31", None),
    ("tags", [], [{"a": 1, "b": [None, {"c": None}]}, "two", None]),
    ("medisave_authorized", False, True),
    ("gender", "female", "other"),
    ("phone", "", "+6591234567"),
    ("insurance_provider", "", "NULL"),
    ("insurance_provider", "NULL", "null"),
]


@pytest.mark.parametrize(("column", "old", "new"), STEPS, ids=range(len(STEPS)))
def test_an_update_says_what_changed_and_no_more(
    world: World, column: str, old: Any, new: Any
) -> None:
    with world.as_owner():
        Patient.objects.using("owner").update(**{column: old})
    found = since(world)
    with world.as_user(world.bob):
        Patient.objects.update(**{column: new})
    (entry,) = found()
    assert (entry.old_values, entry.new_values) == ({column: old}, {column: new})
    assert entry.changed_fields == [column]


def test_numbers_and_generated_columns(world: World) -> None:
    found = since(world)
    owner_sql(world, "update clinic.patients set height_cm = 200, weight_kg = 80.5")
    (entry,) = found()
    assert set(entry.changed_fields or []) == {"height_cm", "weight_kg", "bmi"}
    values = {k: Decimal(str(v)) for k, v in (entry.new_values or {}).items()}
    assert values == {"height_cm": Decimal(200), "weight_kg": Decimal("80.5"),
                      "bmi": Decimal("20.13")}  # fmt: skip
    assert entry.old_values == {"height_cm": None, "weight_kg": None, "bmi": None}


def test_an_insert_keeps_what_json_holds(world: World) -> None:
    """A column without a value is null, as is a null inside a document."""
    breaks = [{"starts": "12:00", "ends": "13:00", "note": None}]
    with world.as_owner():
        doctor = Doctor.objects.using("owner").create(
            clinic=world.clinic, full_name="Dr New", employee_id="E1", break_times=breaks,
            medical_registration_number="M1", license_expiry=dt.date(2030, 1, 1),
        )  # fmt: skip
        Doctor.objects.using("owner").filter(pk=doctor.pk).delete()
    inserted, deleted = entries(world, "doctors", record_id=str(doctor.pk))
    for values, other in ((inserted.new_values, inserted.old_values),
                          (deleted.old_values, deleted.new_values)):  # fmt: skip
        assert other is None
        assert values
        assert values["break_times"] == breaks
        assert values["full_name"] == "Dr New"
        assert values["deleted_at"] is None


def test_row_and_statement_triggers_write_the_same(world: World) -> None:
    """Each of the two functions, on twins of one table: only the table's name differs."""
    columns = (
        "action, record_id, old_values, new_values, changed_fields, clinic_id, user_id, actor_role,"
        " ip_address, request_id, reason"
    )
    found = []
    for by_row in ("{}", "{insert,update}"):
        with world.as_owner(), connections["owner"].cursor() as cursor:
            cursor.execute("create table clinic.twin (like clinic.doctor_leave including all)")
            cursor.execute("call audit.attach('clinic.twin', 'id', '{reason}', %s)", [by_row])
            cursor.execute(
                "insert into clinic.twin values ('2030-01-01', '2030-01-01', %(id)s, null,"
                " '2030-01-01', '2030-01-02', 'secret', %(id)s, %(id)s)",
                {"id": world.clinic.pk},
            )
            cursor.execute("update clinic.twin set ends_at = '2030-01-03', reason = 'other'")
            cursor.execute("update clinic.twin set ends_at = ends_at")
            cursor.execute("delete from clinic.twin")
            cursor.execute(
                f"select {columns} from audit.audit_logs where table_name = 'twin' order by id"
            )
            found.append(cursor.fetchall())
            transaction.set_rollback(True, using="owner")
    by_statement, by_row = found
    assert len(by_row) == 3
    assert by_row == by_statement


SECRETS = {
    "users": ("password_hash", "two_factor_secret", "refresh_token"),
    "patients": ("nric_encrypted", "nric_hash", "passport_number_encrypted",
                 "chas_card_number_encrypted", "insurance_policy_number_encrypted"),
}  # fmt: skip


@pytest.mark.parametrize("table", SECRETS)
def test_secrets_are_named_and_not_shown(world: World, table: str) -> None:
    record = world.bob if table == "users" else world.patient
    for value in (CANARY, CANARY + "2", None):
        sets = ", ".join(f"{column} = %s" for column in SECRETS[table])
        found = since(world, table)
        owner_sql(world, f"update clinic.{table} set {sets} where id = %s",
                  *[value] * len(SECRETS[table]), record.pk)  # fmt: skip
        (entry,) = found()
        assert set(SECRETS[table]) <= set(entry.changed_fields or [])
        assert (entry.old_values, entry.new_values) == ({}, {})
    everything = owner_sql(world, "select string_agg(l::text, '') from audit.audit_logs l")[0][0]
    assert CANARY not in everything
    assert "argon2" not in everything
    assert len(everything) > 1000
