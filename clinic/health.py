"""What supervisors and balancers ask: is it alive, is it ready."""

import psycopg
from django.db import transaction
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic.errors import NotAllowed
from clinic.tenancy.connections import Connection, connection_of
from clinic.tenancy.context import NO_CLINIC
from clinic.tenancy.signing import door_pass

OK = "ok"
LATE_SECONDS = 60
NEEDED = ("database", "migrations", "keys", "worker")


@require_safe
@never_cache
@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
@transaction.non_atomic_requests
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when a request would be served in full, else 503; the JSON says what is missing."""
    found = readiness()
    ready = all(found[part] == OK for part in NEEDED)
    return JsonResponse(found, status=200 if ready else 503)


def readiness() -> dict[str, str]:
    """{part: "ok", or in a few words what is wrong}, of NEEDED and "trail".

    A trail that is sealed late is no reason to serve nobody: it is told, and that is all.
    """
    found = dict.fromkeys((*NEEDED, "trail"), "unknown") | {"database": OK}
    try:
        with connection_of() as connection:
            found["migrations"] = OK if migrated(connection) else "pending"
            if found["migrations"] == OK:
                found["keys"] = OK if keys_agree(connection) else "not those of the database"
                found["worker"] = OK if worker_alive(connection) else "no heartbeat"
            if found["keys"] == OK:
                found["trail"] = sealed(connection)
    except psycopg.Error:
        found["database"] = "failed"
    return found


class Migrated:
    """Whether every migration on disk has been applied. A yes holds as long as the process."""

    def __init__(self) -> None:
        self.yes = False

    def __call__(self, connection: Connection) -> bool:
        if not self.yes:
            on_disk = MigrationLoader(None).graph.nodes.keys()
            self.yes = on_disk <= applied(connection)
        return self.yes


migrated = Migrated()


def applied(connection: Connection) -> set[tuple[str, str]]:
    """(app, name) of what has been migrated; empty on an empty database."""
    try:
        rows = connection.execute("select app, name from public.django_migrations")
        return {(app, name) for app, name in rows}
    except psycopg.errors.UndefinedTable:
        return set()


def keys_agree(connection: Connection) -> bool:
    """Whether the database takes what the site signs; if not, nobody can sign in."""
    try:
        connection.execute("select from app.session_user(%s, %s)", [door_pass(), NO_CLINIC])
    except psycopg.Error as error:
        if error.sqlstate != NotAllowed.sqlstate:
            raise
        return False
    return True


def worker_alive(connection: Connection) -> bool:
    (alive,) = connection.execute("select app.worker_alive()").fetchone() or (False,)
    return bool(alive)


def sealed(connection: Connection) -> str:
    """Whether the sealer is no more than LATE_SECONDS behind, and else by how much."""
    entries, seconds = connection.execute(
        "select entries, extract(epoch from now() - oldest)::int from audit.unsealed(%s)",
        [door_pass()],
    ).fetchone() or (0, None)
    late = seconds is not None and seconds > LATE_SECONDS
    return f"{entries} entries unsealed, for {seconds} s" if late else OK
