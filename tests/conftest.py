"""The database of the suite: each worker has its own copy of the migrated template.

Tests arrange and assert as the owner, inside one clinic, and act as the site's own login. Every
test makes its own clinics, so nothing is cleaned up and everything is committed for real.
"""

import gc
import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.test import Client, override_settings

from clinic.auth import find_user
from clinic.bootstrap import create_database, database_name, on_database, prepare_database
from clinic.tenancy.checks import ROLE_SQL, WRONGS
from tests.factories import World, make_world
from tests.factories.people import CODES
from tests.frames import pytest_runtest_protocol as pytest_runtest_protocol
from tests.races import Connection, close_desks

LONG = 3_000  # entries, some of which wait for the sealer: it takes half a second
ADMIN_URL = os.environ.get("ADMIN_DATABASE_URL", "")


def pytest_configure(config: pytest.Config) -> None:
    if not ADMIN_URL:
        raise pytest.UsageError(
            "Run the suite with `make test`: it starts PostgreSQL and migrates."
        )


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded by now stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def refuse_a_login_that_proves_nothing() -> None:
    """A superuser, an owner, or whoever may become one, passes every test of isolation."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as site:
        row = site.execute(ROLE_SQL).fetchone()
    role, *wrongs, _ = row or ("nobody", True, 0)
    told = [what for (_, what), wrong in zip(WRONGS, wrongs, strict=True) if wrong]
    if told:
        pytest.exit(
            f"DATABASE_URL logs in as {role}, which {', '.join(told)}: row-level security does not"
            " bind it, so the suite would prove nothing. Run it as clinic_app.", returncode=3,
        )  # fmt: skip


@pytest.fixture(scope="session")
def database(worker_id: str) -> str:
    """The name of this worker's database, copied from the template."""
    refuse_a_login_that_proves_nothing()
    template = database_name(os.environ["DATABASE_URL"])
    name = f"{template}_{worker_id}"
    with psycopg.connect(on_database(ADMIN_URL, "postgres"), autocommit=True) as admin:
        admin.execute(f'drop database if exists "{name}" with (force)')
    create_database(ADMIN_URL, name, template=template)
    prepare_database(ADMIN_URL, name)
    return name


@pytest.fixture(scope="session")
def django_db_setup(database: str, django_db_blocker: Any) -> Iterator[None]:
    """Point every alias, and every child process, at this worker's database."""
    for url in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "ADMIN_DATABASE_URL"):
        os.environ[url] = on_database(os.environ[url], database)
    for alias in connections:
        connections.settings[alias]["NAME"] = database
    with django_db_blocker.unblock():
        yield
        close_desks()
        for connection in connections.all():
            connection.close()
            connection.close_pool()


@pytest.fixture(scope="session", autouse=True)
def _settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Pages under the test client name static files that nobody collected; hashes are quick."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    folder = tmp_path_factory.mktemp("static")
    storages = settings.STORAGES | {"staticfiles": plain}
    hashers = ["tests.hashers.QuickHasher"]
    with override_settings(STATIC_ROOT=folder, STORAGES=storages, PASSWORD_HASHERS=hashers):
        yield


@pytest.fixture(autouse=True)
def _database(django_db_setup: None) -> Iterator[None]:
    yield
    for connection in connections.all(initialized_only=True):
        assert not connection.in_atomic_block, "a test left a transaction open"


@pytest.fixture(scope="module", autouse=True)
def _others_are_closed(django_db_setup: None) -> None:
    """Clinics of modules that are done with, and a trail that has grown long: whatever goes over
    all active clinics or all entries, each start of a worker above all, is as quick at the end of a
    run as at its beginning.
    """
    with superuser() as admin:
        close_clinics(admin)
        cut_trail(admin)


@pytest.fixture
def _alone(django_db_setup: None) -> None:
    """No clinic is open but those that the test makes: what it starts goes over all that are."""
    with superuser() as admin:
        close_clinics(admin)


def superuser() -> Connection:
    options = "-c lock_timeout=10s"  # what a module left open should be heard of
    return psycopg.connect(os.environ["ADMIN_DATABASE_URL"], options=options)


def close_clinics(admin: Connection) -> None:
    admin.execute(
        "update clinic.clinics set is_active = false where is_active and starts_with(code, %s)",
        [CODES],
    )


def cut_trail(admin: Connection) -> None:
    """Entries, seals and chains, all at once: what is left is whole."""
    waiting = "select last_value - sealed_below from audit.audit_logs_id_seq, audit.sealing"
    (entries,) = admin.execute(waiting).fetchone() or (0,)
    if entries > LONG:
        admin.execute("truncate audit.segments")  # which leaves an entry
        admin.execute("truncate audit.audit_logs, audit.access_logs, audit.seals, audit.chains")
        admin.execute(
            "update audit.sealing set (sealed_below, next_below) ="
            " (select last_value, last_value from audit.audit_logs_id_seq)"
        )


@pytest.fixture(scope="session")
def admin_url(django_db_setup: None) -> str:
    """A superuser's address of this worker's database, for catalogue tests only."""
    return os.environ["ADMIN_DATABASE_URL"]


@pytest.fixture
def world() -> World:
    """A clinic with its cast: Alice, Bob, Dr Chen, Nur and Dana."""
    return make_world()


@pytest.fixture
def other_world() -> World:
    """Another clinic, where Mallory works."""
    return make_world(mallory=True)


@pytest.fixture(scope="module")
def still_world(django_db_setup: None) -> World:
    """A clinic that tests of a module share: they leave it as it is."""
    return make_world()


@pytest.fixture(scope="module")
def still_other_world(django_db_setup: None) -> World:
    """Another one of that kind."""
    return make_world(mallory=True)


@pytest.fixture
def login() -> Any:
    """login(user) -> a Client signed in as that user."""

    def sign_in(user: Any) -> Client:
        client = Client()
        client.force_login(find_user(user.pk), backend="clinic.auth.LoginBackend")
        return client

    return sign_in
