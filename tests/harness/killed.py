"""Clients that die by SIGKILL: a process that forks one for each wish that it reads.

It reads a wish as one line of JSON and writes {"pid", "port"} of a client that is connected, waits
for a line, and writes {"status"} when the client has ended.
"""

import json
import os
import subprocess
import sys
import uuid
from typing import Any

from tests.harness.client import Heard, Wish, once, perform
from tests.harness.proxy import Fault, Proxy
from tests.harness.rounds import Round

POINTS: dict[str, tuple[str | int, str]] = {
    "client killed before commit": ("commit", "before"),
    "client killed after commit": ("commit", "after"),
    "client killed in the middle": (3, "after"),
}
SERVE = "import django; django.setup(); from tests.harness.killed import serve; serve()"
IDS = ("slot_id", "patient_id", "appointment_id")


def dumped(wish: Wish) -> bytes:
    line = [wish.clinic, wish.user, wish.role, wish.operation, wish.given, wish.key]
    return json.dumps(line, default=str).encode() + b"\n"


def loaded(line: bytes) -> Wish:
    clinic, user, role, operation, given, key = json.loads(line)
    given = {k: uuid.UUID(v) if k in IDS else v for k, v in given.items()}
    return Wish(uuid.UUID(clinic), uuid.UUID(user), role, operation, given, key)


def tell(**what: Any) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def client(wish: Wish) -> None:
    from django.db import connection

    from tests.harness.faults import local_port

    connection.ensure_connection()
    tell(pid=os.getpid(), port=local_port())
    os.read(0, 100)
    once(wish, Heard(wish), None)


def serve() -> None:
    while line := os.read(0, 65536):
        child = os.fork()
        if child == 0:
            try:
                client(loaded(line))
            finally:
                os._exit(0)
        tell(status=os.waitpid(child, 0)[1])


class Mortals:
    """A running `serve`; each kill asks for one wish and then asks anew from here."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        command = [sys.executable, "-c", SERVE]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close(self) -> None:
        self.process.communicate(timeout=20)

    def kill(self, name: str, round_: Round, wish: Wish) -> None:
        """One client dies at the point; another asks the same under the same key."""
        assert self.process.stdin
        self.process.stdin.write(dumped(wish))
        self.process.stdin.flush()
        born = self.read()
        fault = Fault(*POINTS[name], pid=born["pid"])
        self.proxy.arm(born["port"], fault)
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()
        ended = self.read()
        assert (ended["status"] == 9) == fault.happened, (ended, fault)
        heard = perform(wish)
        round_.figures.injected[name] += fault.happened
        # It was committed if it was done at all: then the second client finds it done.
        late = fault.happened and name == "client killed after commit"
        if late and heard.outcome and heard.won and not heard.outcome.idempotent:
            round_.figures.broken["done twice"] += 1
        round_.note(heard)

    def read(self) -> dict[str, Any]:
        assert self.process.stdout
        return dict(json.loads(self.process.stdout.readline()))
