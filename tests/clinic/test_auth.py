"""Who may come in: passwords, mailboxes of several clinics, and slowing down a guesser."""

import time
from functools import partial
from statistics import median
from typing import Any

import psycopg
import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.db import ProgrammingError
from django.test import RequestFactory, override_settings
from django.utils import timezone

from audit.models import AuditLog
from clinic.auth import find_user, login_blocked
from clinic.models import User
from clinic.tenancy.signing import door_pass
from config import settings
from tests.factories import PASSWORD, UserFactory, World
from tests.races import at_once, connect

IP = "203.0.113.9"


def attempt(email: str, password: str = PASSWORD, ip: str = IP) -> Any:
    """The user that this login would be, or None."""
    request = RequestFactory().post("/login/", REMOTE_ADDR=ip)
    return authenticate(request, username=email, password=password)


def failed(email: str, times: int, ip: str = IP) -> None:
    """So many failures, without the cost of hashing."""
    with connect() as site:
        for _ in range(times):
            site.execute("select app.record_login(%s, %s, %s, null)", [door_pass(), email, ip])


def change(world: World, user: Any, **values: Any) -> None:
    with world.as_owner():
        User.objects.using("owner").filter(pk=user.pk).update(**values)


def test_the_right_password_opens(world: World) -> None:
    user = attempt(world.bob.email)
    assert user == world.bob
    assert (user.email, user.role) == (world.bob.email, "staff")


@pytest.mark.parametrize("change_email", [str.upper, str.title, str.swapcase])
def test_mailboxes_have_no_case(world: World, change_email: Any) -> None:
    assert attempt(change_email(world.bob.email)) == world.bob


WRONG = ["", PASSWORD + " ", PASSWORD.upper(), PASSWORD[:-1], PASSWORD + "\x00", "x" * 1000]


def test_any_other_password_does_not(world: World) -> None:
    assert [attempt(world.bob.email, password) for password in WRONG] == [None] * len(WRONG)
    assert attempt(world.bob.email) == world.bob


@pytest.mark.parametrize("email", ["", "%", "_@_", "nobody@example.test", "' or true --", "\x00",
                                   "a@b\x00.c", "x" * 100_000, "\u0130@example.test"])  # fmt: skip
def test_nobody_is_nobody(email: str) -> None:
    assert attempt(email) is None


CLOSED: list[dict[str, Any]] = [
    {"is_active": False}, {"deleted_at": timezone.now()}, {"password": None}, {"password": ""},
    {"password": "!unusable"}, {"password": PASSWORD}, {"password": "md5$x$" + "0" * 32},
]  # fmt: skip


def test_a_login_that_is_closed(world: World) -> None:
    with world.as_owner():
        before = User.objects.using("owner").values(*{k for v in CLOSED for k in v})
        good = before.get(pk=world.bob.pk)
    for values in CLOSED:
        change(world, world.bob, **good | values)
        assert attempt(world.bob.email) is None, values
    change(world, world.bob, **good)
    assert attempt(world.bob.email) == world.bob


@pytest.mark.parametrize("same_password", [False, True])
def test_one_mailbox_in_two_clinics(world: World, other_world: World, same_password: bool) -> None:
    """The password decides; where both are the same it is the older login, always."""
    theirs = PASSWORD if same_password else "quite another one"
    with other_world.as_owner():
        twin: Any = UserFactory(
            clinic=other_world.clinic, email=world.bob.email.upper(),
            password=make_password(theirs),
        )  # fmt: skip
    assert attempt(world.bob.email) == world.bob
    assert attempt(world.bob.email, theirs) == (world.bob if same_password else twin)
    assert attempt(world.bob.email, "neither") is None


def test_the_hash_never_leaves_the_door(world: World) -> None:
    user = find_user(world.bob.pk)
    assert user
    with pytest.raises(ProgrammingError, match="permission denied"):
        _ = user.password
    for role in ("bob", "alice", "chen", "dana"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            world.as_user(getattr(world, role)),
        ):
            list(User.objects.values_list("password"))


def test_hashes_are_argon2(world: World) -> None:
    with world.as_owner():
        encoded = str(User.objects.using("owner").values_list("password", flat=True).first())
    assert encoded.startswith("argon2$argon2id$")
    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_a_login_is_noted(world: World) -> None:
    before = timezone.now()
    assert attempt(world.bob.email, ip="2001:db8::7")
    with world.as_owner():
        world.bob.refresh_from_db(using="owner")
        logs = AuditLog.objects.using("owner").filter(record_id=str(world.bob.pk), action="UPDATE")
        entry = logs.get()
    assert world.bob.last_login_ip == "2001:db8::7"
    assert world.bob.last_login_at
    assert world.bob.last_login_at >= before
    assert entry.changed_fields == ["last_login_at", "last_login_ip"]
    assert (entry.actor_role, entry.clinic_id) == ("clinic_app", world.id)


def test_ten_failures_close_the_door_for_that_address(world: World) -> None:
    failed(world.bob.email, 9)
    assert not login_blocked(world.bob.email, IP)
    failed(world.bob.email, 1)
    assert login_blocked(world.bob.email, IP)
    assert not login_blocked(world.bob.email, "203.0.113.10"), "others are locked out"
    assert not login_blocked(world.nur.email, IP)


def test_a_wrong_password_counts_and_a_right_one_clears(world: World) -> None:
    failed(world.bob.email, 9)
    assert attempt(world.bob.email, "wrong") is None
    assert login_blocked(world.bob.email, IP)
    assert attempt(world.bob.email) == world.bob
    assert not login_blocked(world.bob.email, IP)


def test_a_mailbox_that_does_not_exist_closes_too() -> None:
    """Else the closed door would tell who has a login."""
    email = f"{time.monotonic_ns()}@example.test"
    failed(email, 9)
    assert attempt(email) is None
    assert login_blocked(email, IP)


def test_no_spelling_gets_round_it(world: World) -> None:
    """The form strips what was typed, so the door must too."""
    failed(world.bob.email, 10)
    for around in ("{}", " {}", "{} ", "\t{}\n", "\u00a0{}", "{}\u3000"):
        for email in (world.bob.email, world.bob.email.upper()):
            assert login_blocked(around.format(email), IP), repr(around)


@pytest.mark.parametrize("email", ["", "\x00", "a\x00b@c.d", "x" * 100_000])
def test_junk_is_not_blocked_and_not_an_error(email: str) -> None:
    assert login_blocked(email, IP) is False


@pytest.mark.parametrize(("email", "status"), [("a\x00b@c.d", 422), ("x" * 5000, 422)])
def test_junk_in_the_form_is_not_an_error(client: Any, email: str, status: int) -> None:
    response = client.post("/login/", {"email": email, "password": "x"})
    assert response.status_code == status


def aged(email: str, admin_url: str, minutes: int) -> None:
    with connect(admin_url) as admin:
        admin.execute(
            "update app.login_failures set last_at = last_at - make_interval(mins => %s)"
            " where email = lower(%s)", [minutes, email]
        )  # fmt: skip


def test_the_door_opens_again_after_15_minutes(world: World, admin_url: str) -> None:
    failed(world.bob.email, 12)
    aged(world.bob.email, admin_url, 14)
    assert login_blocked(world.bob.email, IP)
    aged(world.bob.email, admin_url, 2)
    assert not login_blocked(world.bob.email, IP)
    failed(world.bob.email, 9)
    assert not login_blocked(world.bob.email, IP), "the count did not begin anew"
    failed(world.bob.email, 1)
    assert login_blocked(world.bob.email, IP)


def test_failures_at_once_are_all_counted(world: World, admin_url: str) -> None:
    at_once([partial(failed, world.bob.email, 5) for _ in range(8)])
    with connect(admin_url) as admin:
        row = admin.execute(
            "select failures from app.login_failures where email = lower(%s)", [world.bob.email]
        ).fetchone()
    assert row == (40,)


def test_the_failures_are_nobodys_to_read(world: World) -> None:
    with connect() as site, pytest.raises(psycopg.errors.InsufficientPrivilege):
        site.execute("select * from app.login_failures")


def took(email: str, password: str) -> float:
    started = time.perf_counter()
    assert attempt(email, password) is None
    return time.perf_counter() - started


def test_a_mailbox_that_does_not_exist_takes_as_long(world: World) -> None:
    """Roughly: a machine under test is no clock. Without the hash it would be a twentieth."""
    with override_settings(PASSWORD_HASHERS=settings.PASSWORD_HASHERS):  # not those of tests
        with world.as_owner():
            world.bob.password = make_password(PASSWORD)
            world.bob.save(using="owner", update_fields=["password"])
        known = median(took(world.bob.email, "wrong") for _ in range(3))
        unknown = median(took(f"{n}@nowhere.test", "wrong") for n in range(3))
    assert 0.3 < unknown / known < 3
