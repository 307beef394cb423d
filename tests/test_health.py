"""Alive is the process; ready is the database, every migration and a worker's heartbeat."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.test import Client, override_settings

from audit.sealing import seal_all
from clinic import health
from clinic.tenancy.connections import connection_of
from tests.factories import World
from tests.jobs.worker import ask, no_pulse, until, worker
from tools.env import key

ALL = {"database": "ok", "migrations": "ok", "keys": "ok", "worker": "ok"}
UNKNOWN = dict.fromkeys(ALL, "unknown")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """No worker of another test is seen, and what was found migrated is asked again."""
    no_pulse()
    health.migrated.yes = False
    yield
    no_pulse()


@pytest.fixture
def _beating() -> None:
    ask("insert into jobs.procrastinate_workers default values")


@pytest.fixture
def _gone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The database's address leads nowhere."""
    site: Any = connections["default"]
    site.close()
    site.close_pool()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # never listens
        monkeypatch.setitem(site.settings_dict, "PORT", str(taken.getsockname()[1]))
        yield
    site.close()


def ready() -> tuple[int, dict[str, str]]:
    """The answer; how far the trail is sealed is another test's."""
    response = Client().get("/readyz")
    assert "no-cache" in response["Cache-Control"]
    found = json.loads(response.content)
    assert found.pop("trail")
    return response.status_code, found


def trail() -> str:
    return str(json.loads(Client().get("/readyz").content)["trail"])


@pytest.mark.usefixtures("_beating")
def test_a_trail_that_is_sealed_late_is_told_and_no_more() -> None:
    seal_all()
    assert trail() == "ok"
    ask(
        "insert into audit.audit_logs (table_schema, table_name, action, created_at)"
        " values ('clinic', 'x', 'INSERT', now() - interval '2 minutes')"
    )
    assert trail() == "1 entries unsealed, for 120 s"
    assert ready()[0] == 200
    seal_all()
    assert trail() == "ok"


@pytest.mark.usefixtures("_beating")
def test_ready() -> None:
    assert ready() == (200, ALL)


def test_without_a_worker() -> None:
    assert ready() == (503, ALL | {"worker": "no heartbeat"})


@pytest.mark.usefixtures("_beating")
def test_a_migration_is_missing() -> None:
    applied = ask("delete from public.django_migrations where app = 'jobs' returning app, name")
    try:
        assert ready() == (503, UNKNOWN | {"database": "ok", "migrations": "pending"})
    finally:
        for app, name in applied:
            ask(
                "insert into public.django_migrations (app, name, applied)"
                " values (%s, %s, now())", app, name,
            )  # fmt: skip
    assert ready()[0] == 200


def test_an_empty_database_has_nothing_applied(admin_url: str) -> None:
    with psycopg.connect(admin_url) as connection:
        connection.execute("alter table public.django_migrations rename to away")
        assert health.applied(connection) == set()
        connection.rollback()


@pytest.mark.usefixtures("_beating")
def test_migrations_are_asked_about_once() -> None:
    assert ready()[0] == 200
    with connection_of() as closed:
        pass
    assert health.migrated(closed)


@pytest.mark.usefixtures("_beating")
@pytest.mark.parametrize(
    "wrong", [{"CONTEXT_SIGNING_KEYS": key("c1")}, {"CONTEXT_LIFETIME_SECONDS": -60}]
)
def test_with_other_keys_or_another_clock_than_the_database(wrong: dict[str, Any]) -> None:
    """Such a site served its pages, and let nobody sign in."""
    with override_settings(**wrong):
        assert ready() == (503, ALL | {"keys": "not those of the database"})


@pytest.mark.usefixtures("_gone")
def test_without_a_database() -> None:
    assert ready() == (503, UNKNOWN | {"database": "failed"})


@pytest.mark.usefixtures("_gone")
def test_alive_without_a_database() -> None:
    response = Client().get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_who_is_signed_in_does_not_matter(world: World, login: Any, request: Any) -> None:
    client = login(world.alice)
    request.getfixturevalue("_gone")
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_only_ask(path: str) -> None:
    assert Client().head(path).status_code in (200, 503)
    assert Client().post(path).status_code == 405


def test_a_killed_worker_is_missed_and_another_one_seen() -> None:
    with worker():
        until(lambda: ready()[0] == 200)
    assert ready()[0] == 200  # for a minute nobody knows
    ask("update jobs.procrastinate_workers set last_heartbeat = now() - interval '61 seconds'")
    assert ready()[1]["worker"] == "no heartbeat"
    with worker():
        until(lambda: ready()[0] == 200)
