"""Whoever looks at a patient, searches or is refused is on record, whatever becomes of the page."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AccessLog
from clinic.tenancy.access import masked, note_access, note_opening
from clinic.tenancy.context import tenant_context
from tests.adminrows import admin_url as admin_url_of
from tests.adminrows import book
from tests.audit.chains import connect, seal, verify
from tests.factories import PASSWORD, PatientFactory, World
from tests.factories.records import clinical
from tests.races import at_once


@pytest.fixture
def sql(admin_url: str) -> Iterator[Any]:
    with connect(admin_url) as found:
        yield found


def accesses(world: World, **how: Any) -> list[AccessLog]:
    with world.as_owner():
        found = AccessLog.objects.using("owner").filter(clinic_id=world.id, **how)
        return list(found.order_by("id"))


def page(world: World, path: str) -> str:
    return f"/c/{world.clinic.code}/{path}"


def test_a_search_is_on_record_with_what_it_found(world: World, login: Any) -> None:
    before = dt.datetime.now(dt.UTC)
    client = login(world.bob)
    assert (
        client.get(page(world, "patients/?q=da"), headers={"user-agent": "Desk"}).status_code == 200
    )
    (log,) = accesses(world)
    assert (log.action, log.table_name, log.patient_id) == ("SEARCH", "patients", None)
    assert log.detail == {"query": "da", "found": 1}
    assert (log.user_id, log.actor_role, log.ip_address) == (world.bob.id, "staff", "127.0.0.1")
    assert (log.user_agent, len(log.request_id or "")) == ("Desk", 36)
    assert log.created_at >= before


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("dana doe", "dana doe"), ("12/3/84", "12/3/84"), ("1984", "1984"),
        ("P-00001", "P-••001"), ("S1234567D", "••••••67D"), ("+65 9123 4567", "+65 9123 4567"),
        ("4111111111111111", "•" * 13 + "111"), (" a\0b ", "ab"), ("x" * 200, "x" * 100),
    ],
)  # fmt: skip
def test_long_numbers_are_masked(typed: str, kept: str) -> None:
    assert masked(typed) == kept


def test_choosing_a_patient_is_an_opening(world: World, login: Any) -> None:
    world.make_slots()
    slot = world.free_slots()[0]
    at = page(world, f"appointments/new/?slot={slot.id}&patient={world.patient.id}")
    assert login(world.bob).get(at).status_code == 200
    (log,) = accesses(world, action="READ")
    assert (log.table_name, log.record_id) == ("patients", str(world.patient.id))
    assert log.patient_id == world.patient.id


@pytest.mark.parametrize("rest", ["change/", "history/"])
def test_opening_a_row_about_a_patient_in_the_admin(world: World, login: Any, rest: str) -> None:
    world.make_slots()
    visit = book(world)
    client = login(world.alice)
    assert client.get(admin_url_of(world, f"Patient/{world.patient.pk}/{rest}")).status_code == 200
    assert client.get(admin_url_of(world, f"Appointment/{visit}/{rest}")).status_code == 200
    assert client.get(admin_url_of(world, f"Doctor/{world.doctor.pk}/{rest}")).status_code == 200
    found = [(log.table_name, log.record_id, log.patient_id) for log in accesses(world)]
    assert found == [
        ("patients", str(world.patient.pk), world.patient.pk),
        ("appointments", str(visit), world.patient.pk),
    ]


def test_a_search_in_a_list_of_the_admin(world: World, login: Any) -> None:
    client = login(world.alice)
    assert client.get(admin_url_of(world, "Patient/?q=dana")).status_code == 200
    assert [(log.action, log.detail) for log in accesses(world)] == [
        ("SEARCH", {"query": "dana", "found": 1})
    ]


def test_being_refused_is_on_record(world: World, login: Any) -> None:
    at = page(world, "patients/?q=dana")
    assert login(world.dana).get(at).status_code == 403
    (log,) = accesses(world)
    assert (log.action, log.user_id, log.actor_role) == ("DENIED", world.dana.id, "patient")
    assert log.detail == {"method": "GET", "path": page(world, "patients/")}


def test_a_refused_page_of_another_clinic_is_no_page(
    world: World, other_world: World, login: Any
) -> None:
    """404 like an id that does not exist; nothing of it is on record in either clinic."""
    client = login(world.bob)
    for pk in (uuid.uuid4(), other_world.patient.pk):
        assert client.get(admin_url_of(world, f"Patient/{pk}/change/")).status_code == 404
    assert client.get(page(other_world, "patients/?q=dana")).status_code == 404
    assert accesses(world) == accesses(other_world) == []


def test_strange_paths_and_words_are_no_obstacle(world: World, login: Any) -> None:
    at = page(world, "patients/?q=" + quote("da\0 ’\ud7ff%_' \x1b[31m"))
    assert login(world.bob).get(at).status_code == 200
    refused = login(world.dana).get(page(world, "patients/options/?q=\0"))
    assert refused.status_code == 403
    assert [log.action for log in accesses(world)] == ["SEARCH", "DENIED"]


def test_a_view_that_fails_is_on_record_all_the_same(
    world: World, login: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("booking.views.patients.next_visits", failing)
    client = login(world.bob)
    client.raise_request_exception = False
    assert client.get(page(world, "patients/?q=dana")).status_code == 500
    assert [log.action for log in accesses(world)] == ["SEARCH"]


def failing(**_: Any) -> None:
    raise ZeroDivisionError


def test_what_cannot_be_put_on_record_is_not_shown(world: World, login: Any, sql: Any) -> None:
    client = login(world.bob)
    sql.execute("alter table audit.access_logs rename to away")
    try:
        response = client.get(page(world, "patients/?q=dana"))
    finally:
        sql.execute("alter table audit.away rename to access_logs")
    assert response.status_code == 503
    assert b"Dana" not in response.content
    assert accesses(world) == []
    assert client.get(page(world, "patients/?q=dana")).status_code == 200


def test_a_page_notes_a_thing_once_and_writes_once(world: World, login: Any) -> None:
    world.make_slots()
    day = world.free_slots()[0].slot_date
    client = login(world.bob)
    with CaptureQueriesContext(connection) as queries:
        client.get(page(world, f"schedule/{day}/?patient={world.patient.id}"))
    writes = [q["sql"] for q in queries if "record_access" in q["sql"]]
    assert len(writes) == 1
    assert len(accesses(world)) == 1


def test_pages_that_show_no_patient_write_nothing(world: World, login: Any) -> None:
    client = login(world.bob)
    for path in ("schedule/", "patients/", "patients/?q=d"):
        assert client.get(page(world, path)).status_code in (200, 302)
    assert accesses(world) == []


def test_failed_logins_are_on_record_in_the_clinic_of_the_mailbox(
    world: World, other_world: World, sql: Any
) -> None:
    email = world.bob.email
    for _ in range(2):
        Client().post("/login/", {"email": email.upper(), "password": "hunter22"})
    found = accesses(world, action="LOGIN_FAIL")
    assert [(log.user_id, log.detail, log.ip_address) for log in found] == [
        (world.bob.id, {"failures": 1}, "127.0.0.1"),
        (world.bob.id, {"failures": 2}, "127.0.0.1"),
    ]
    assert accesses(other_world) == []
    typed = f"hunter{uuid.uuid4().hex[:8]}@example.test"
    Client().post("/login/", {"email": typed, "password": "x"})
    last = "select row_to_json(a)::text from audit.access_logs a order by id desc limit 1"
    told = sql.execute(last).fetchone()[0]
    assert '"clinic_id":null' in told
    assert typed not in told
    Client().post("/login/", {"email": email, "password": PASSWORD})
    assert len(accesses(world, action="LOGIN_FAIL")) == 2


def test_many_at_once_are_all_on_record(world: World, login: Any) -> None:
    def search(client: Client) -> int:
        status = client.get(page(world, "patients/?q=dana")).status_code
        connection.close()
        return int(status)

    clients = [login(world.bob) for _ in range(6)]
    assert at_once([lambda c=c: search(c) for c in clients]) == [200] * 6
    assert len(accesses(world, action="SEARCH")) == 6


# --- the door -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["patient", "staff", "nurse", "doctor", "admin"])
def test_every_role_is_named_by_its_context(world: World, role: str) -> None:
    user = {"patient": world.dana, "staff": world.bob, "nurse": world.nur, "doctor": world.chen,
            "admin": world.alice}[role]  # fmt: skip
    with world.as_user(user):
        note_access("PRINT", "prescriptions", record_id=5, detail={"copies": 2})
    (log,) = accesses(world)
    assert (log.user_id, log.actor_role, log.action) == (user.id, role, "PRINT")
    assert (log.record_id, log.detail) == ("5", {"copies": 2})


def test_not_without_a_context_and_no_other_action(world: World) -> None:
    with pytest.raises(DatabaseError, match="permission denied"):
        note_access("READ", "patients")
    with world.as_user(world.bob), pytest.raises(DatabaseError, match="access_logs_action_check"):
        note_access("LOOK", "patients")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "statement",
    [
        "insert into audit.access_logs (action, table_name) values ('READ', 'x')",
        "update audit.access_logs set user_id = null",
        "delete from audit.access_logs",
        "truncate audit.access_logs",
        "insert into audit.seals values (gen_random_uuid(), 1, 1, now(), '', '')",
        "delete from audit.seals",
        "update audit.seals set hash = ''",
        "update audit.chains set position = 0",
        "delete from audit.chains",
        "insert into audit.segments (clinic_id) values (gen_random_uuid())",
        "update audit.sealing set sealed_below = 0",
        "select audit.close_segments(now())",
        "select nextval('audit.audit_logs_id_seq')",
    ],
)
@pytest.mark.parametrize("role", ["staff", "doctor", "admin", "worker"])
def test_nobody_of_the_site_writes_chain_or_accesses(
    still_world: World, role: str, statement: str
) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        tenant_context(clinic=still_world.id, user=still_world.alice.id, role=role),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_accesses_are_sealed_like_changes(world: World, sql: Any) -> None:
    with world.as_user(world.bob):
        note_access("READ", "patients", patient_id=world.patient.id)
    seal(sql)
    assert verify(sql, world.id) == []
    (log,) = accesses(world)
    with sql.transaction(force_rollback=True):
        sql.execute("update audit.access_logs set user_id = null where id = %s", [log.id])
        ((_, entry, _, problem),) = verify(sql, world.id)
    assert (entry, problem) == (log.id, "entry changed")


# --- who viewed me ------------------------------------------------------------------------------


def viewers(world: World, user: Any, since: Any = None) -> list[tuple[Any, ...]]:
    with world.as_user(user), connection.cursor() as cursor:
        cursor.execute(
            "select action, what, by_name, by_role from audit.who_viewed_me(%s)", [since]
        )
        return list(cursor.fetchall())


def test_a_patient_sees_who_looked_at_them_and_nobody_else(
    world: World, other_world: World
) -> None:
    with world.as_owner():
        stranger = PatientFactory(clinic=world.clinic)
    for who, whom in (
        (world.chen, world.patient),
        (world.bob, stranger),
        (world.nur, world.patient),
    ):
        with world.as_user(who):
            note_access("READ", "patients", record_id=whom.pk, patient_id=whom.pk)
    with other_world.as_user(other_world.bob):
        note_access("READ", "patients", patient_id=world.patient.pk)
    assert viewers(world, world.dana) == [
        ("READ", "patients", "Nur Nurse", "nurse"),
        ("READ", "patients", "Dr Chen", "doctor"),
    ]
    assert viewers(world, world.dana, dt.datetime.now(dt.UTC)) == []


def test_a_patient_reads_of_accesses_what_the_page_tells_and_no_more(world: World) -> None:
    with world.as_user(world.bob):
        note_access("READ", "patients", patient_id=world.patient.pk)
        note_access("SEARCH", "patients", detail={"query": "x"})
    with world.as_user(world.dana), connection.cursor() as cursor:
        cursor.execute("select count(*) from audit.access_logs")
        assert cursor.fetchone() == (1,)
    for column in ("ip_address", "user_agent", "detail", "request_id", "id"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            world.as_user(world.dana),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"select {column} from audit.access_logs")


def test_nobody_else_asks_who_viewed_a_patient(world: World) -> None:
    with pytest.raises(DatabaseError, match="permission denied"):
        viewers(world, world.bob)


# --- the access report --------------------------------------------------------------------------


def report(client: Any, world: World, **query: Any) -> list[AccessLog]:
    response = client.get(admin_url_of(world, "AccessLog/"), {"when": "all", **query})
    assert response.status_code == 200
    return [row for row in response.context["cl"].result_list if row.action != "SEARCH"]


def test_the_report_by_patient_user_action_and_day(world: World, login: Any, sql: Any) -> None:
    with world.as_owner():
        other = PatientFactory(clinic=world.clinic, full_name="Zoe Zander")
    for who, whom in ((world.chen, world.patient), (world.nur, world.patient), (world.nur, other)):
        with world.as_user(who):
            note_access("READ", "patients", record_id=whom.pk, patient_id=whom.pk)
    sql.execute(
        "update audit.access_logs set created_at = now() - interval '40 days'"
        " where clinic_id = %s and user_id = %s", [world.id, world.chen.id],
    )  # fmt: skip
    client = login(world.alice)
    assert len(report(client, world)) == 3
    assert {row.patient_id for row in report(client, world, q="zoe z")} == {other.pk}
    assert {row.user_id for row in report(client, world, q=world.patient.pk)} == {
        world.chen.id, world.nur.id,
    }  # fmt: skip
    assert len(report(client, world, who=world.nur.id)) == 2
    assert len(report(client, world, when="month")) == 2
    assert report(client, world, action_done="PRINT") == []
    assert report(client, world, q=uuid.uuid4()) == []
    # The nightly verification would call it tampering, rightly.
    sql.execute(
        "update audit.access_logs set created_at = created_at + interval '40 days'"
        " where clinic_id = %s and user_id = %s", [world.id, world.chen.id],
    )  # fmt: skip


def test_the_report_is_for_administrators(world: World, login: Any) -> None:
    for user in (world.bob, world.chen, world.nur):
        assert login(user).get(admin_url_of(world, "AccessLog/")).status_code == 403


def test_a_patient_s_page_leads_to_the_report(world: World, login: Any) -> None:
    at = admin_url_of(world, f"Patient/{world.patient.pk}/change/")
    link = f"accesslog/?q={world.patient.pk}"
    assert link in login(world.alice).get(at).content.decode()
    assert link not in login(world.bob).get(at).content.decode()


def test_records_are_openings_by_their_patient(world: World) -> None:
    with world.as_owner():
        record = clinical(world.clinic, world.patient, world.doctor, world.chen)
    with world.as_user(world.chen):
        note_opening(record)
        note_opening(world.doctor)
    (log,) = accesses(world)
    assert (log.table_name, log.record_id) == ("medical_records", str(record.pk))
    assert log.patient_id == world.patient.pk


@pytest.mark.parametrize("who", ["dana", "bob"])
def test_no_access_is_invented(world: World, who: str) -> None:
    """A patient stands in nobody else's "who viewed me"; failed logins are the door's to note."""
    with world.as_owner():
        other = PatientFactory(clinic=world.clinic, full_name="Zoe Zu")
    user = getattr(world, who)
    with world.as_user(user):
        note_access("READ", "patients", patient_id=world.patient.pk)
        note_access("SEARCH", "patients")
    with pytest.raises(DatabaseError, match="noted at the door"), world.as_user(user):
        note_access("LOGIN_FAIL", "users")  # type: ignore[arg-type]
    if who == "dana":
        with pytest.raises(DatabaseError, match="nobody but themselves"), world.as_user(user):
            note_access("READ", "patients", patient_id=other.pk)
    assert [log.action for log in accesses(world)] == ["READ", "SEARCH"]
