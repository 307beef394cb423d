"""Other processes: run one to its end, know one again by its id, allow only one of a kind."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tools.console import DISK_FULL, SetupError
from tools.paths import LOCAL, LOGS, ROOT, VENV, relative

# Where the children of this process are noted, while it holds a lock.
_noted: Path | None = None


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
    note(child.pid)
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


def note(pid: int) -> None:
    """Writes down a child of the holder of a lock, for the next holder to end if need be."""
    if _noted:
        with _noted.open("a") as pids:
            pids.write(f"{pid}\n")


def end_leftovers(pids: Path) -> None:
    """Ends the children of a run that was killed; an id that now is another program's is left."""
    if not pids.exists():
        return
    noted = [int(pid) for pid in pids.read_text().split()]
    end([pid for pid in noted if str(VENV) in command_of(pid)])
    pids.unlink()


def end(pids: Sequence[int], seconds: float = 3) -> None:
    """Ends processes, with their groups if they lead one: asks, waits a little, then kills."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in pids:
            with suppress(ProcessLookupError):
                (os.killpg if os.getpgid(pid) == pid else os.kill)(pid, number)
        deadline = time.monotonic() + seconds
        while any(command_of(pid) for pid in pids) and time.monotonic() < deadline:
            time.sleep(0.05)


@contextmanager
def only_one(command: str, advice: str, folder: Path = LOCAL) -> Iterator[None]:
    """Holds the command's lock, and ends what a holder that was killed has left running.

    SetupError with the holder's id and the advice when the lock is taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = command.split()[-1]
    with (folder / f"{name}.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            message = f"{command} already runs here (process {holder}). {advice}"
            raise SetupError(message) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        with _children_in(folder / f"{name}.pids"):
            yield


@contextmanager
def _children_in(pids: Path) -> Iterator[None]:
    global _noted
    end_leftovers(pids)
    before, _noted = _noted, pids
    try:
        yield
    finally:
        _noted = before
        pids.unlink(missing_ok=True)
