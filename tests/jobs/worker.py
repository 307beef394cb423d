"""The real worker, in a process of its own, for as long as a test lasts."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings

WORK = (sys.executable, "manage.py", "jobs_work")


def start(*options: str, **environ: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*WORK, *options], cwd=settings.BASE_DIR, env=os.environ | environ, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@contextmanager
def worker(*options: str, **environ: str) -> Iterator["subprocess.Popen[str]"]:
    """A worker that works; killed at the end unless it ended by itself."""
    process = start(*options, **environ)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("Working"):
                break
        assert process.poll() is None, "the worker did not start"
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)
        ask("delete from jobs.procrastinate_jobs")  # what was due just then, for every clinic


def run_once() -> str:
    """Work until the queue is empty; returns what the worker said."""
    done = subprocess.run(
        [*WORK, "--once"], cwd=settings.BASE_DIR, env=dict(os.environ), text=True, timeout=60,
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def until(ask: Callable[[], Any], seconds: float = 20) -> Any:
    """The first answer that is true."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return answer


def ask(query: str, *params: Any) -> list[tuple[Any, ...]]:
    """Rows of the queue as an administrator sees them."""
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"]) as admin:
        cursor = admin.execute(query, params)
        return cursor.fetchall() if cursor.description else []


def queue_up(task: str, args: str = "{}", status: str = "todo") -> int:
    """A job as the worker would find it; returns its id."""
    rows = ask(
        "insert into jobs.procrastinate_jobs (queue_name, task_name, args, status)"
        " values ('default', %s, %s, %s) returning id", task, args, status,
    )  # fmt: skip
    return int(rows[0][0])


def no_pulse() -> None:
    """As if every worker had died long ago."""
    ask("update jobs.procrastinate_workers set last_heartbeat = now() - interval '1 hour'")
