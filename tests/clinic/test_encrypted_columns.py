"""Encrypted columns: written, masked, shown and searched through functions only."""

import uuid
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction

from audit.models import AuditLog
from clinic.encryption.keyring import unlock_clinic
from clinic.encryption.values import (
    ask,
    masked_secret,
    patients_by_national_id,
    reveal_secret,
    set_secret,
)
from clinic.errors import KeysLocked, NotAllowed, NotEncryptedHere, NotFound
from clinic.models import Patient
from clinic.search import find_patients
from clinic.tenancy.context import tenant_context
from tests.factories import PatientFactory, World
from tests.factories.records import paid

NRIC = "clinic.patients.nric_encrypted"
PASSPORT = "clinic.patients.passport_number_encrypted"
TWO_FACTOR = "clinic.users.two_factor_secret"
POLICY = "clinic.insurance_claims.policy_number_encrypted"


def keep(world: World, place: str, row_id: Any, value: str, role: str = "staff") -> None:
    with world.as_user(world.bob, role):
        set_secret(clinic_id=world.id, place=place, row_id=row_id, value=value)


def shown(world: World, place: str, row_id: Any, role: str = "staff") -> str:
    with world.as_user(world.bob, role):
        return reveal_secret(clinic_id=world.id, place=place, row_id=row_id)


def masked(world: World, place: str, row_id: Any, role: str = "nurse") -> str:
    with world.as_user(world.bob, role):
        return masked_secret(clinic_id=world.id, place=place, row_id=row_id)


def found(world: World, number: str) -> list[Any]:
    with world.as_user(world.bob):
        return patients_by_national_id(clinic_id=world.id, number=number)


def stored(world: World, column: str, row_id: Any) -> Any:
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(f"select {column} from clinic.patients where id = %s", [row_id])
        return cursor.fetchone()[0]


def test_a_value_is_kept_masked_and_shown(world: World) -> None:
    """The first use makes the clinic's keys."""
    patient = world.patient.pk
    assert (masked(world, NRIC, patient), shown(world, NRIC, patient)) == ("", "")
    keep(world, NRIC, patient, " S1234567D ")
    assert shown(world, NRIC, patient) == "S1234567D"
    assert masked(world, NRIC, patient) == "•••••567D"
    assert stored(world, "nric_encrypted", patient).startswith("UlcA")
    keep(world, NRIC, patient, "")
    assert (masked(world, NRIC, patient), shown(world, NRIC, patient)) == ("", "")
    assert stored(world, "nric_hash", patient) is None


def test_a_short_value_is_masked_whole(world: World) -> None:
    keep(world, PASSPORT, world.patient.pk, "E123456")
    assert masked(world, PASSPORT, world.patient.pk) == "•••••"


def test_every_encrypted_column_is_listed(world: World, admin_url: str) -> None:
    with psycopg.connect(admin_url) as admin:
        listed = admin.execute("select place from app.encrypted_columns()").fetchall()
        live = admin.execute(
            "select a.attrelid::regclass || '.' || a.attname from pg_attribute a"
            " where a.attname ~ '_encrypted$|^two_factor_secret$' and a.attnum > 0"
            " and a.atttypid <> 'bool'::regtype and not a.attisdropped"
            " and not exists (select from pg_index i where i.indexrelid = a.attrelid)"
        ).fetchall()
        unkept = admin.execute(
            "select place from app.encrypted_columns()"
            " where not has_column_privilege('clinic_keeper',"
            " split_part(place, '.', 1) || '.' || split_part(place, '.', 2),"
            " split_part(place, '.', 3), 'update')"
        ).fetchall()
    assert (sorted(listed), unkept) == (sorted(live), [])


def test_who_writes_and_who_sees(world: World) -> None:
    keep(world, NRIC, world.patient.pk, "S1234567D")
    can: dict[str, set[str]] = {"write": set(), "show": set(), "mask": set()}
    ways = {"write": lambda role: keep(world, NRIC, world.patient.pk, "S1234567D", role),
            "show": lambda role: shown(world, NRIC, world.patient.pk, role),
            "mask": lambda role: masked(world, NRIC, world.patient.pk, role)}  # fmt: skip
    for role in ("patient", "nurse", "doctor", "staff", "admin", "superadmin"):
        for way, tried in ways.items():
            try:
                tried(role)
                can[way].add(role)
            except (NotAllowed, DatabaseError):
                pass
    desk = {"staff", "admin", "superadmin"}
    assert can == {"write": desk, "show": desk, "mask": desk | {"nurse", "doctor"}}


def test_seeing_a_value_is_on_record(world: World) -> None:
    keep(world, NRIC, world.patient.pk, "S1234567D")
    shown(world, NRIC, world.patient.pk)
    with world.as_owner():
        (log,) = AuditLog.objects.using("owner").filter(action="REVEAL")
        writes = AuditLog.objects.using("owner").filter(
            table_name="patients", action="UPDATE", record_id=str(world.patient.pk)
        )
        told = str([list(writes.values()), log.__dict__])
    assert (log.table_name, log.record_id) == ("patients", str(world.patient.pk))
    assert (log.user_id, log.actor_role) == (world.bob.id, "staff")
    assert log.changed_fields == ["nric_encrypted"]
    assert [word for word in ("UlcA", "S1234567D") if word in told] == []
    assert "nric_hash" in told


def test_a_value_is_not_shown_where_nothing_is_written(world: World) -> None:
    """A read-only transaction cannot leave the entry, so it sees nothing."""
    keep(world, NRIC, world.patient.pk, "S1234567D")
    reading = tenant_context(clinic=world.id, user=world.bob.id, role="staff", read_only=True)
    with pytest.raises(DatabaseError, match="read-only"), reading:
        reveal_secret(clinic_id=world.id, place=NRIC, row_id=world.patient.pk)


def test_another_clinics_row_is_no_row(world: World, other_world: World) -> None:
    keep(other_world, NRIC, other_world.patient.pk, "S1234567D")
    for way in (lambda: keep(world, NRIC, other_world.patient.pk, "x"),
                lambda: shown(world, NRIC, other_world.patient.pk),
                lambda: masked(world, NRIC, other_world.patient.pk),
                lambda: shown(world, NRIC, uuid.uuid4()),
                lambda: shown(world, "clinic.patients.full_name", world.patient.pk),
                lambda: shown(world, NRIC + "' or true --", world.patient.pk)):  # fmt: skip
        with pytest.raises(NotFound):
            way()


def test_a_patient_who_is_gone_shows_nothing(world: World) -> None:
    keep(world, NRIC, world.patient.pk, "S1234567D")
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute("update clinic.patients set deleted_at = now()")
    assert found(world, "S1234567D") == []
    with pytest.raises(NotFound):
        shown(world, NRIC, world.patient.pk)


def test_a_text_moved_to_another_row_or_column_does_not_open(world: World) -> None:
    with world.as_owner():
        second: Any = PatientFactory(clinic=world.clinic)
    keep(world, NRIC, world.patient.pk, "S1234567D")
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "update clinic.patients set nric_encrypted = p.nric_encrypted,"
            " passport_number_encrypted = p.nric_encrypted"
            " from clinic.patients p where p.id = %s and clinic.patients.id = %s",
            [world.patient.pk, second.pk],
        )
    for place in (NRIC, PASSPORT):
        with pytest.raises(NotEncryptedHere):
            shown(world, place, second.pk)


def test_a_number_is_found_however_it_is_written(world: World, other_world: World) -> None:
    keep(world, NRIC, world.patient.pk, "s123-4567 d")
    wide = "\uff33\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff24"  # full-width
    for number in ("S1234567D", "s1234567d", "S 123 4567 D", "S123-4567-D", wide):
        assert found(world, number) == [world.patient.pk]
    for number in ("S1234567", "1234567D", "S1234567%", "", "-", "%"):
        assert found(world, number) == []
    assert found(other_world, "S1234567D") == []


def test_the_same_number_in_two_clinics_has_two_indexes(world: World, other_world: World) -> None:
    for each in (world, other_world):
        keep(each, NRIC, each.patient.pk, "S1234567D")
    first, second = (stored(each, "nric_hash", each.patient.pk) for each in (world, other_world))
    assert first != second
    assert len(first) == 64


def test_a_number_is_one_patients_in_a_clinic(world: World) -> None:
    with world.as_owner():
        second: Any = PatientFactory(clinic=world.clinic)
    keep(world, NRIC, world.patient.pk, "S1234567D")
    with pytest.raises(IntegrityError) as raised:
        keep(world, NRIC, second.pk, "s1234567-d")
    assert stored(world, "nric_hash", world.patient.pk) not in str(raised.value)


def test_the_desk_finds_a_patient_by_national_id(world: World) -> None:
    keep(world, NRIC, world.patient.pk, "S1234567D")
    for query in ("s1234567d", "S1234567D"):
        with world.as_user(world.bob):
            (row,) = find_patients(clinic_id=world.id, query=query)
        assert row.id == world.patient.pk
    keep(world, NRIC, world.patient.pk, "8401 0112 3456")
    with world.as_user(world.bob):
        (row,) = find_patients(clinic_id=world.id, query="840101-123456")
        assert row.id == world.patient.pk
        assert find_patients(clinic_id=world.id, query="S1234567") == []


def test_a_second_factor_is_ones_own(world: World) -> None:
    with world.as_user(world.nur):
        set_secret(clinic_id=world.id, place=TWO_FACTOR, row_id=world.nur.pk, value="JBSWY3DP")
        own = reveal_secret(clinic_id=world.id, place=TWO_FACTOR, row_id=world.nur.pk)
    assert own == "JBSWY3DP"
    for user in (world.alice, world.bob, world.dana):
        with pytest.raises(NotFound), world.as_user(user):
            reveal_secret(clinic_id=world.id, place=TWO_FACTOR, row_id=world.nur.pk)


def test_a_claims_policy_number(world: World) -> None:
    with world.as_owner():
        paid(world.clinic, world.patient)
        with connections["owner"].cursor() as cursor:
            cursor.execute("select id from clinic.insurance_claims")
            (claim,) = cursor.fetchone()
    keep(world, POLICY, claim, "POL-0001-2345")
    assert shown(world, POLICY, claim) == "POL-0001-2345"
    assert masked(world, POLICY, claim) == "•••••2345"


@pytest.mark.parametrize(
    "column", ["nric_encrypted", "nric_hash", "passport_number_encrypted",
               "chas_card_number_encrypted", "insurance_policy_number_encrypted"]
)  # fmt: skip
def test_no_role_writes_or_reads_the_column(world: World, column: str) -> None:
    new = (
        "insert into clinic.patients (clinic_id, full_name, date_of_birth, gender, phone,"
        f" emergency_contact_phone, {column}) values (%s, 'N', '1990-01-01', 'male', '', '', 'x')"
    )
    for query in (new, f"update clinic.patients set {column} = 'x' where id = %s",
                  f"select {column} from clinic.patients where id = %s"):  # fmt: skip
        with (
            pytest.raises(DatabaseError) as raised,
            world.as_user(world.alice),
            connections["default"].cursor() as cursor,
        ):
            cursor.execute(query, [world.id])
        assert getattr(raised.value.__cause__, "sqlstate", "") == "42501"


def test_keys_that_a_crash_took_are_brought_again(world: World) -> None:
    """In the middle of a transaction, which goes on; what it had done stays."""
    keep(world, NRIC, world.patient.pk, "S1234567D")
    with world.as_user(world.bob):
        Patient.objects.filter(pk=world.patient.pk).update(address="1 Road")
        with connections["owner"].cursor() as cursor, transaction.atomic("owner"):
            cursor.execute("select 1")
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute("select app.lock_keys()")
        assert cursor.fetchone() == (2,)
    with world.as_user(world.bob):
        Patient.objects.filter(pk=world.patient.pk).update(address="2 Road")
        value = reveal_secret(clinic_id=world.id, place=NRIC, row_id=world.patient.pk)
    assert value == "S1234567D"
    assert stored(world, "address", world.patient.pk) == "2 Road"


def test_destroyed_keys_are_not_made_again(world: World) -> None:
    unlock_clinic(world.id, make=True)
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute("select app.destroy_keys(%s)", [world.clinic.code])
    unlock_clinic(world.id, make=True)
    with pytest.raises(KeysLocked), world.as_user(world.bob):
        ask("select public.encrypt_sensitive_data('x')", [], clinic_id=world.id)
