"""The operators' commands that enter a clinic."""

import os
import subprocess
import sys
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from clinic.models import User
from clinic.tenancy.context import tenant_context
from tests.factories import World
from tests.factories.people import MembershipFactory


def statement(world: World, user: User, role: str = "") -> str:
    output = StringIO()
    options = {"role": role} if role else {}
    call_command("context_sql", clinic=world.clinic.code, user=user.email, stdout=output,
                 stderr=StringIO(), **options)  # fmt: skip
    return output.getvalue()


def test_the_statement_opens_the_users_context(world: World) -> None:
    sql = statement(world, world.bob)
    assert sql.count(";") == 1
    with psycopg.connect(os.environ["DATABASE_URL"]) as site:
        site.execute(sql)
        row = site.execute(
            "select public.get_my_role(), app.current_clinic_id(), app.current_user_id(),"
            " (select count(*) from clinic.patients)"
        ).fetchone()
        assert row == ("clinic_staff", world.id, world.bob.id, 1)
        site.rollback()
        assert site.execute("select app.current_clinic_id()").fetchone() == (None,)


def test_the_strongest_role_unless_one_is_chosen(world: World) -> None:
    with world.as_owner():
        MembershipFactory(clinic=world.clinic, user=world.alice, role="staff")
    assert "'clinic_admin'" in statement(world, world.alice)
    assert "'clinic_staff'" in statement(world, world.alice, "staff")


def test_a_guest_from_another_clinic_is_a_member_too(world: World, other_world: World) -> None:
    with world.as_owner():
        MembershipFactory(clinic=world.clinic, user=other_world.bob, role="nurse")
    assert "'clinic_nurse'" in statement(world, other_world.bob)


def test_one_address_two_people(world: World, other_world: World) -> None:
    """The same e-mail in two clinics: membership tells who is meant."""
    with other_world.as_owner():
        User.objects.using("owner").filter(id=other_world.bob.id).update(email=world.bob.email)
    assert str(world.bob.id) in statement(world, world.bob)
    other_world.bob.email = world.bob.email
    assert str(other_world.bob.id) in statement(other_world, other_world.bob)


@pytest.mark.parametrize(
    ("who", "role", "complaint"),
    [
        ("nobody@example.test", "", "Nobody signs in as nobody@example.test"),
        ("stranger", "", "is no member of"),
        ("bob", "admin", "is not admin in .*, but staff"),
    ],
)
def test_who_may_not(world: World, other_world: World, who: str, role: str, complaint: str) -> None:
    known = {"stranger": other_world.alice, "bob": world.bob}
    user = known.get(who) or User(email=who)
    with pytest.raises(CommandError, match=complaint):
        statement(world, user, role)


def test_an_unknown_clinic(world: World) -> None:
    with pytest.raises(CommandError, match="There is no active clinic NOWHERE"):
        call_command("context_sql", clinic="NOWHERE", user=world.bob.email)


def test_a_clinic_that_closed(world: World) -> None:
    with world.as_owner():
        world.clinic.is_active = False
        world.clinic.save(using="owner")
    with pytest.raises(CommandError, match="no active clinic"):
        statement(world, world.bob)


def shell(world: World, role: str, lines: str, *options: str) -> str:
    """What the shell says to lines typed into it."""
    command = [sys.executable, "manage.py", "tenant_shell", "--clinic", world.clinic.code,
               "--role", role, *options]  # fmt: skip
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=dict(os.environ), input=lines,
                          text=True, capture_output=True, timeout=60, check=True)  # fmt: skip
    return done.stdout + done.stderr


def patients_named(world: World, name: str) -> int:
    from clinic.models import Patient

    with world.as_owner():
        return Patient.objects.using("owner").filter(clinic_id=world.id, full_name=name).count()


RENAME = "Patient.objects.update(full_name='Renamed')\n"


def test_the_shell_is_in_one_clinic_and_keeps_nothing(world: World, other_world: World) -> None:
    said = shell(world, "staff", f"[p.full_name for p in Patient.objects.all()]\n{RENAME}")
    assert f"{world.clinic.code} (Asia/Singapore), role clinic_staff, user nobody." in said
    assert "['Dana Doe']" in said
    assert "Undone." in said
    assert patients_named(world, "Renamed") == 0


def test_what_a_member_commits_is_kept_but_for_lines_that_failed(world: World) -> None:
    who = "connection.cursor().execute('select app.current_user_id()').fetchone()\n"
    lines = f"{who}{RENAME}1/0\nconnection.cursor().execute('x')\ncommit()\nexit()\n"
    said = shell(world, "staff", lines, "--user", world.bob.email)
    assert repr(world.bob.id) in said
    assert "ZeroDivisionError" in said
    assert "Committed." in said
    assert patients_named(world, "Renamed") == 1


def test_the_shell_has_the_rights_of_its_role(world: World) -> None:
    assert "permission denied" in shell(world, "worker", "Patient.objects.count()\n")
    assert ">>> 1\n" in shell(world, "owner", "Patient.objects.using('owner').count()\n")


def test_the_shells_patience_ends_with_it(world: World) -> None:
    before = settings.CONTEXT_LIFETIME_SECONDS
    with pytest.raises(CommandError):
        call_command("tenant_shell", clinic=world.clinic.code, role="admin", user=world.bob.email)
    assert before == settings.CONTEXT_LIFETIME_SECONDS
    with tenant_context(clinic=world.id, role="owner", using="owner"):
        pass


def test_roles_that_there_are(world: World) -> None:
    arguments: Any = {"clinic": world.clinic.code, "user": world.bob.email}
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("context_sql", *(f"--{k}={v}" for k, v in arguments.items()), "--role=worker")
