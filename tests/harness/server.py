"""Faults of the whole server. Only a server that this project itself started is touched."""

import os
import random
import signal
import time
from contextlib import suppress
from urllib.parse import urlsplit

import psycopg

from tools.paths import LOCAL
from tools.postgres import Cluster


def own_cluster(admin_url: str) -> Cluster | None:
    """The benchmarks' cluster, if that is what the address leads to."""
    cluster = Cluster(LOCAL / "bench-postgres", durable=True)
    if not (cluster.directory / "port").exists() or not cluster.running():
        return None
    ours = urlsplit(cluster.url("postgres"))
    theirs = urlsplit(admin_url)
    same = (ours.hostname, ours.port) == (theirs.hostname, theirs.port)
    return cluster if same else None


def postmaster(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])


def restart(cluster: Cluster) -> None:
    """pg_ctl stop -m immediate, by its signal; then a start that recovers."""
    pid = postmaster(cluster)
    os.kill(pid, signal.SIGQUIT)
    deadline = time.monotonic() + 30
    while cluster.running() and time.monotonic() < deadline:
        time.sleep(0.05)
    cluster.start()


def kill_backend(admin_url: str) -> None:
    """kill -9 of one of the site's backends: the server drops all of them and recovers."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        found = admin.execute(
            "select pid from pg_stat_activity where usename = 'clinic_app' and state = 'active'"
            " or usename = 'clinic_app' and state like 'idle in%'"
        ).fetchall()
        if found:
            os.kill(random.choice(found)[0], signal.SIGKILL)
    wait_until_ready(admin_url)


def wait_until_ready(admin_url: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(psycopg.OperationalError):
            time.sleep(0.3)
            psycopg.connect(admin_url).close()
            return
    raise TimeoutError("the server did not come back")
