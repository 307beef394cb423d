"""PostgreSQL refuses to run as root: who runs it instead, and where that account can write."""

import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.console import SetupError

MAPPED = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
REACHABLE = Path("/var/lib/rowan")


@dataclass(frozen=True)
class Account:
    """How to start a program as someone who is not root."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def run(
        self, command: Sequence[str | Path], **options: Any
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a command with its output captured; from /, for uid may not see our folder."""
        if self.uid is not None:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        options |= {"capture_output": True, "text": True, "cwd": "/"}
        options["env"] = {**os.environ, "LC_ALL": "C"}
        return subprocess.run([*self.prefix, *command], **options)

    def give(self, path: Path) -> None:
        """Makes path, and all below it, this account's."""
        if self.uid is None or self.gid is None:
            return
        for each in [path, *path.rglob("*")]:
            os.chown(each, self.uid, self.gid, follow_symlinks=False)

    def reaches(self, folder: Path, access: str = "-w") -> bool:
        """Whether this account may enter the folder, and write (-w) or read (-r) there."""
        test = 'cd "$1" && test "$2" .'
        return self.run(["sh", "-c", test, "sh", str(folder), access]).returncode == 0


def choose_account(data: Path) -> Account:
    """The account for a data directory: the one that owns it, or what this machine allows."""
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise SetupError(f"{data} belongs to another user. Run as that user, or remove it.")
        return Account()
    if owner:
        return Account(uid=owner, gid=data.stat().st_gid)
    return Account(prefix=MAPPED) if _can_map() else _unprivileged()


def _can_map() -> bool:
    """Whether root may put a process into a user namespace; many containers refuse."""
    if not shutil.which(MAPPED[0]):
        return False
    return subprocess.run([*MAPPED, "true"], capture_output=True).returncode == 0


def _unprivileged() -> Account:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise SetupError("PostgreSQL does not run as root. Run this as an ordinary user.")


def place(folder: Path, account: Account) -> Path:
    """Makes folder the account's; one it cannot reach becomes a link to a folder that it can."""
    if not folder.is_symlink():
        folder.mkdir(parents=True, exist_ok=True)
    here = folder.resolve()
    here.mkdir(parents=True, exist_ok=True)
    account.give(here)
    if account.reaches(here):
        return here
    here = move_where_reachable(folder)
    account.give(here)
    return here


def move_where_reachable(folder: Path) -> Path:
    """Moves the folder out of a place that only root can enter, and leaves a link to it."""
    if folder.is_symlink():
        raise SetupError(f"{folder.resolve()} cannot be entered by the account of PostgreSQL.")
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    elsewhere = REACHABLE / f"{folder.name}-{digest}"
    shutil.rmtree(elsewhere, ignore_errors=True)  # of a folder that is gone: nothing links to it
    REACHABLE.mkdir(parents=True, exist_ok=True)
    REACHABLE.chmod(0o755)
    shutil.move(folder, elsewhere)
    folder.symlink_to(elsewhere)
    return elsewhere


def remove(folder: Path) -> None:
    """Removes what place() made, at either end of the link."""
    target = folder.resolve()
    if target.exists():
        shutil.rmtree(target)
    if folder.is_symlink():
        folder.unlink()
