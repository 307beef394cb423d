"""Neither the site nor this suite runs on a connection that the policies do not bind."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest
from django.conf import settings
from django.test import override_settings

from clinic.tenancy import checks
from tests.clinic.site import options, site_with
from tests.races import connect


def found(url: str, **more: str) -> list[str]:
    """The errors of a site that logs in with this address; the engine's age is another matter."""
    user, password = urlsplit(url).username, unquote(urlsplit(url).password or "")
    with site_with(OPTIONS={**options(), **more}, USER=user, PASSWORD=password):
        messages = checks.tenant_connection(databases=["default"])
    return [str(message.id) for message in messages if message.id != "rowan.W004"]


def run(*arguments: str, url: str = "") -> "subprocess.CompletedProcess[str]":
    """A command of ours in a process of its own; url is what the site logs in with."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))}
    environ = {**kept, "DATABASE_URL": url or os.environ["DATABASE_URL"]}
    return subprocess.run(
        [sys.executable, *arguments], cwd=settings.BASE_DIR, env=environ, text=True,
        capture_output=True, timeout=120,
    )  # fmt: skip


@pytest.fixture
def other_login(admin_url: str) -> Iterator[str]:
    """A login that has nothing yet."""
    name = f"rowan_test_{uuid.uuid4().hex[:8]}"
    with connect(admin_url) as admin:
        admin.execute(f"create role {name} login password 'x' noinherit".encode())
        admin.execute(f"grant connect on database {admin.info.dbname} to {name}".encode())
        yield name
        admin.execute(f"drop owned by {name}".encode())
        admin.execute(f"drop role {name}".encode())


def test_the_sites_own_login_is_fine() -> None:
    assert found(os.environ["DATABASE_URL"]) == []


@pytest.mark.parametrize(
    ("power", "code"),
    [
        ("alter role {} bypassrls", "rowan.E002"),
        ("grant clinic_owner to {}", "rowan.E003"),
        ("grant clinic_migrator to {}", "rowan.E003"),
        ("create schema s authorization {0}; set role {0}; create table s.t (); reset role",
         "rowan.E003"),
    ],
)  # fmt: skip
def test_a_login_with_power_is_refused(
    admin_url: str, other_login: str, power: str, code: str
) -> None:
    url = urlsplit(os.environ["DATABASE_URL"])
    address = url._replace(netloc=f"{other_login}:x@{url.hostname}:{url.port}").geturl()
    assert found(address) == []
    with connect(admin_url) as admin:
        admin.execute(power.format(other_login).encode())
    assert found(address) == [code]


def test_the_migrators_login_is_refused() -> None:
    assert found(os.environ["MIGRATION_DATABASE_URL"]) == ["rowan.E003"]


def test_a_mask_does_not_hide_a_superuser(admin_url: str) -> None:
    """assume_role is one RESET ROLE away from the login."""
    assert found(admin_url, assume_role="clinic_app")[0] == "rowan.E001"


def test_manage_check_refuses_a_superuser(admin_url: str) -> None:
    result = run("manage.py", "check", "--database", "default", url=admin_url)
    assert result.returncode == 1
    assert "(rowan.E001) DATABASE_URL logs in as" in result.stderr
    assert run("manage.py", "check", "--database", "default").returncode == 0


def test_this_suite_refuses_a_superuser(admin_url: str) -> None:
    """At once, before a database is made, and it says why."""
    arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_connection.py"]
    result = run(*arguments, url=admin_url)
    assert result.returncode == 3
    assert "can become one" in result.stdout + result.stderr
    assert "prove nothing" in result.stdout + result.stderr
    assert "passed" not in result.stdout


@pytest.mark.parametrize(
    ("version", "below"),
    [
        (140022, True), (150019, True), (150020, False), (160015, True), (160016, False),
        (170011, True), (170012, False), (180005, True), (180006, False), (190000, False),
    ],
)  # fmt: skip
def test_engines_with_known_holes(version: int, below: bool) -> None:
    assert checks.below_floor(version) is below


@pytest.mark.parametrize("production", [True, False])
def test_an_old_engine_stops_production_and_warns_elsewhere(
    monkeypatch: pytest.MonkeyPatch, production: bool
) -> None:
    monkeypatch.setattr(checks, "FLOOR", dict.fromkeys(checks.FLOOR, 990000))
    with override_settings(PRODUCTION=production):
        (message,) = checks.tenant_connection(databases=["default"])
    assert (message.id, message.is_serious()) == (
        ("rowan.E004", True) if production else ("rowan.W004", False)
    )
