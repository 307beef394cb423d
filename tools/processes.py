"""Other processes: run one to its end, know one again by its id, allow only one of a kind."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.console import DISK_FULL, SetupError
from tools.paths import LOCAL, LOGS, ROOT, relative


def command_of(pid: int) -> str:
    """The command line of a running process; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        if Path("/proc/self").exists():
            return ""
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
    return shown.stdout.strip()


def exists(pid: int) -> bool:
    """Whether the id is taken, be it by a dead process that its parent has not collected."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def last_words(log: Path, since: int = 0) -> str:
    """The last line in a log after byte `since` that says something."""
    if not log.exists():
        return ""
    text = log.read_bytes()[since:].decode(errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


def run_logged(
    name: str, command: Sequence[str | Path], env: Mapping[str, str] | None = None
) -> None:
    """Runs a command with its output in .local/log/<name>.log; SetupError when it fails."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name.replace(' ', '-')}.log"
    with log.open("wb") as output:
        code = run_to_end(command, env=env, output=output.fileno())
    if code == 0:
        return
    if b"No space left on device" in log.read_bytes():
        raise SetupError(DISK_FULL)
    raise SetupError(f"{name} failed: {last_words(log)}\nAll it said is in {relative(log)}.")


def run_to_end(
    command: Sequence[str | Path],
    env: Mapping[str, str] | None = None,
    output: int | None = None,
) -> int:
    """The exit code of a command; an interruption ends the command before it is passed on."""
    error = None if output is None else subprocess.STDOUT
    child = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=error)
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.terminate()
        _wait_or_kill(child)
        raise


def _wait_or_kill(child: "subprocess.Popen[bytes]", seconds: float = 10) -> None:
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def end_group(leader: int, seconds: float = 10) -> None:
    """Ends a process group: asks, waits, then kills."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(leader, number)
        except (ProcessLookupError, PermissionError):
            return
        _wait_for_group(leader, seconds)


def _wait_for_group(leader: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not command_of(leader):
            return
        time.sleep(0.05)


@contextmanager
def only_one(command: str, advice: str, folder: Path = LOCAL) -> Iterator[None]:
    """Holds the command's lock; SetupError with the holder's id and the advice when it is taken."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{command.split()[-1]}.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise SetupError(f"{command} already runs here (process {holder}). {advice}") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
