"""The real worker, in a process of its own, for as long as a test lasts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import execute_from_command_line

WORK = (sys.executable, "manage.py", "jobs_work")
# A server of processes that have started already, each a fork of one that holds no connection: a
# start costs more than what most tests let a worker do.
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.jobs.loaded"])


class Worker:
    """manage.py jobs_work in a process of its own."""

    def __init__(self, *options: str) -> None:
        ours, its = os.pipe()
        self.said = os.fdopen(ours)
        self.process = FORKS.Process(target=work, args=(Connection(its), *options))
        self.process.start()

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self, seconds: float) -> int | None:
        self.process.join(seconds)
        return self.poll()

    def send_signal(self, number: int) -> None:
        assert self.process.pid
        os.kill(self.process.pid, number)

    def end(self) -> str:
        """Kill it unless it ended by itself; returns the rest of what it said."""
        self.process.kill()
        self.process.join(10)
        with self.said:
            rest = self.said.read()
        self.process.close()
        return rest


def work(said: "Connection[Any, Any]", *options: str) -> None:
    """What the process does; both outputs go to the one who started it."""
    for number in (1, 2):
        os.dup2(said.fileno(), number)
    sys.stdout = sys.stderr = os.fdopen(1, "w", buffering=1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    execute_from_command_line(["manage.py", "jobs_work", *options])


def start(*options: str, **environ: str) -> "subprocess.Popen[str]":
    """A worker with another environment than the suite's, from the command line."""
    return subprocess.Popen(
        [*WORK, *options], cwd=settings.BASE_DIR, env=os.environ | environ, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@contextmanager
def worker(*options: str) -> Iterator[Worker]:
    """A worker that works; killed at the end unless it ended by itself."""
    process = Worker(*options)
    try:
        wait_until_it_works(process.said, process)
        yield process
    finally:
        process.end()
        ask("delete from jobs.procrastinate_jobs")  # what was due just then, for every clinic


@contextmanager
def worker_elsewhere(*options: str, **environ: str) -> Iterator["subprocess.Popen[str]"]:
    """The same with another environment."""
    process = start(*options, **environ)
    assert process.stdout is not None
    try:
        wait_until_it_works(process.stdout, process)
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)
        ask("delete from jobs.procrastinate_jobs")


def wait_until_it_works(said: Iterable[str], process: "Worker | subprocess.Popen[str]") -> None:
    for line in said:
        if line.startswith("Working"):
            break
    assert process.poll() is None, "the worker did not start"


def run_once() -> str:
    """Work until the queue is empty; returns what the worker said."""
    process = Worker("--once")
    code = process.wait(60)
    said = process.end()
    assert code == 0, said
    return said


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
