"""What an error tells: another clinic's id must look exactly like one that does not exist."""

import uuid
from collections.abc import Iterator

import psycopg
import pytest

from clinic.models import DoctorLeave, Staff
from clinic.tenancy.backend.base import OPEN, opening_values
from tests.attacker import stocked
from tests.factories import World, make_world
from tests.races import Connection, connect, context_of


@pytest.fixture(scope="module")
def mine(django_db_setup: None) -> World:
    return stocked(make_world())


@pytest.fixture(scope="module")
def theirs(django_db_setup: None) -> World:
    return stocked(make_world(mallory=True))


@pytest.fixture
def admin(mine: World) -> Iterator[Connection]:
    """A transaction of the administrator of mine."""
    with connect() as site, site.transaction(force_rollback=True):
        site.execute(OPEN, opening_values(context_of(mine, mine.alice)))
        site.execute("set local lock_timeout = '500ms'")
        yield site


Answer = tuple[str | None, ...] | int


def answer(connection: Connection, query: str, params: dict[str, object]) -> Answer:
    """All that the client gets to see: rows, or every part of the error."""
    try:
        with connection.transaction(force_rollback=True):
            return connection.execute(query.encode(), params).rowcount
    except psycopg.Error as error:
        d = error.diag
        parts = (d.sqlstate, d.message_primary, d.message_detail, d.message_hint,
                 d.constraint_name, d.context)  # fmt: skip
        return tuple(part and part.replace(str(params["id"]), "ID") for part in parts)


# Statements that name a row of another table by its id.
LINKS = {
    "preferred doctor": "update clinic.patients set preferred_doctor_id = %(id)s",
    "reporting to": "update clinic.staff set reporting_to = %(id)s",
    "doctor's login": "update clinic.doctors set user_id = %(id)s",
    "staff's login": "update clinic.staff set user_id = %(id)s where user_id = %(bob)s",
    "new staff": "insert into clinic.staff (clinic_id, user_id, full_name, employee_id, start_date)"
    " values (%(clinic)s, %(id)s, 'x', 'x', '2020-01-01')",
    "membership": "insert into clinic.memberships (clinic_id, user_id, role)"
    " values (%(clinic)s, %(id)s, 'staff')",
    "leave": "insert into clinic.doctor_leave (clinic_id, doctor_id, starts_at, ends_at)"
    " values (%(clinic)s, %(id)s, %(from)s, %(to)s)",
    "hours": "insert into clinic.doctor_working_hours (clinic_id, doctor_id, weekday, starts, ends,"
    " effective_from) values (%(clinic)s, %(id)s, 1, '09:00', '10:00', '2026-01-01')",
    "password": "select app.set_password(%(id)s, 'x')",
    "slots": "select booking.generate_slots(%(id)s, '2030-01-01', '2030-01-02')",
}


def target(world: World, link: str) -> uuid.UUID:
    """The id in the world that the statement wants."""
    if link in ("preferred doctor", "leave", "hours", "slots"):
        return world.doctor.id
    if link == "reporting to":
        with world.as_owner():
            return Staff.objects.using("owner").get(user=world.alice).id
    return world.nur.id if link == "password" else world.dana.id


@pytest.mark.parametrize("link", LINKS)
def test_a_foreign_id_is_as_good_as_missing(
    admin: Connection, mine: World, theirs: World, link: str
) -> None:
    """The time asked for is that of their doctor's leave: no overlap may show."""
    with theirs.as_owner():
        away = DoctorLeave.objects.using("owner").get(doctor=theirs.doctor)
    params = {"clinic": mine.id, "bob": mine.bob.id, "from": away.starts_at, "to": away.ends_at}
    told = {
        whose: answer(admin, LINKS[link], {**params, "id": pk})
        for whose, pk in (("theirs", target(theirs, link)), ("missing", uuid.uuid4()))
    }
    assert told["theirs"] == told["missing"]
    assert isinstance(told["missing"], tuple), "nothing was refused"
    assert answer(admin, LINKS[link], {**params, "id": target(mine, link)}) != told["missing"]


# Values that are unique: another clinic's must be free here.
UNIQUES = {
    "e-mail": "insert into clinic.users (clinic_id, email, full_name, role)"
    " select %(id)s, u.email, 'x', 'staff' from (values (%(email)s::citext)) u(email)",
    "patient number": "insert into clinic.patients (clinic_id, patient_number, full_name,"
    " date_of_birth, gender, phone, emergency_contact_phone) values (%(id)s, %(number)s, 'x',"
    " '2000-01-01', 'male', '', '')",
    "employee": "insert into clinic.doctors (clinic_id, full_name, employee_id,"
    " medical_registration_number, license_expiry) values (%(id)s, 'x', %(employee)s,"
    " %(registration)s, '2030-01-01')",
}


def values_of(world: World) -> dict[str, object]:
    with world.as_owner():
        world.patient.refresh_from_db(using="owner")
    return {
        "email": world.nur.email, "number": world.patient.patient_number,
        "employee": world.doctor.employee_id,
        "registration": world.doctor.medical_registration_number,
    }  # fmt: skip


@pytest.mark.parametrize("unique", UNIQUES)
def test_another_clinics_value_is_free(
    admin: Connection, mine: World, theirs: World, unique: str
) -> None:
    free = {**values_of(theirs), "number": "P-77777", "id": mine.id}
    assert answer(admin, UNIQUES[unique], free) == 1
    taken = answer(admin, UNIQUES[unique], {**values_of(mine), "id": mine.id})
    assert isinstance(taken, tuple)
    assert taken[0] == "23505"
    assert taken[2] is None, "DETAIL shows the value"


def test_an_uncommitted_value_elsewhere_does_not_block(
    admin: Connection, mine: World, theirs: World
) -> None:
    """A wait would tell that another clinic is just writing the same value."""
    number = {"number": "P-88888", "id": theirs.id}
    with connect() as other, other.transaction(force_rollback=True):
        other.execute(OPEN, opening_values(context_of(theirs, theirs.alice)))
        other.execute(UNIQUES["patient number"].encode(), number)
        assert answer(admin, UNIQUES["patient number"], {**number, "id": mine.id}) == 1
        with connect() as colleague, colleague.transaction(force_rollback=True):
            colleague.execute(OPEN, opening_values(context_of(theirs, theirs.alice)))
            colleague.execute("set local lock_timeout = '200ms'")
            blocked = answer(colleague, UNIQUES["patient number"], number)
    assert isinstance(blocked, tuple)
    assert blocked[0] == "55P03", "the control: within the clinic it does block"
