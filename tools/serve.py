"""The demo's running parts: started, watched, started again when one dies, stopped together."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from tools.console import SetupError, say
from tools.paths import LOGS, PYTHON, ROOT, relative
from tools.postgres import Cluster
from tools.processes import last_words, note

READY_SECONDS = 60
DEATHS, WITHIN = 5, 60.0
GRACE = 10.0


class Part(Protocol):
    name: str
    log: Path

    def alive(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


class Child:
    """A process of ours in a group of its own, so that Ctrl-C reaches it through us, in order."""

    def __init__(self, name: str, command: Sequence[str | Path], values: Mapping[str, str]) -> None:
        self.name, self.command, self.values = name, command, values
        self.log = LOGS / f"{name.lower()}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb" if self.process is None else "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(self.values),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        note(self.process.pid)

    def stop(self) -> None:
        """Asks, waits, and then kills what is left of the group."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Database:
    """Our own cluster as a part that is watched."""

    name = "PostgreSQL"

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.log = cluster.log

    def alive(self) -> bool:
        return self.cluster.running()

    def start(self) -> None:
        if not self.cluster.data.exists():
            raise SetupError(f"The database's folder {relative(self.cluster.directory)} is gone.")
        self.cluster.start()

    def stop(self) -> None:
        self.cluster.stop()


def server(port: int, values: Mapping[str, str]) -> Child:
    command = [str(PYTHON), "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "8"]
    command += ["--timeout", "60", "--graceful-timeout", "5", "--no-control-socket"]
    return Child("Server", command, values)


def worker(values: Mapping[str, str]) -> Child:
    return Child("Worker", [PYTHON, "manage.py", "jobs_work"], values)


def wait_until_ready(url: str, parts: Sequence[Part]) -> None:
    """Returns once /readyz answers 200; SetupError when that takes long, or a part keeps dying."""
    watch = Watch(parts)
    deadline = time.monotonic() + READY_SECONDS
    while (answer := ask(f"{url}/readyz")) != "200":
        watch.look()
        if time.monotonic() > deadline:
            raise SetupError(f"{url}/readyz does not get ready: {answer}\nSee {relative(LOGS)}/.")
        time.sleep(0.2)


def ask(url: str) -> str:
    """What an address of ours answers: its status, then (unless 200) what it says."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as response:
            return str(response.status)
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read(300).decode(errors='replace')}"
    except OSError as error:
        return str(error)


class Watch:
    """Starts parts that died again, until one dies too often to hope."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.deaths: dict[str, deque[float]] = {part.name: deque(maxlen=DEATHS) for part in parts}

    def look(self) -> None:
        for part in self.parts:
            if not part.alive():
                self._revive(part)

    def _revive(self, part: Part) -> None:
        deaths = self.deaths[part.name]
        deaths.append(time.monotonic())
        if len(deaths) == DEATHS and deaths[-1] - deaths[0] < WITHIN:
            said = last_words(part.log)
            raise SetupError(f"{part.name} keeps stopping: {said}\nSee {relative(part.log)}.")
        say(f"{part.name} stopped; starting it again.")
        part.start()

    def forever(self) -> None:
        while True:
            self.look()
            time.sleep(0.5)
