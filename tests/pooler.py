"""PgBouncer in transaction mode between the site and its database, for as long as a test lasts."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from clinic.bootstrap import on_database
from tools.postgres import HOST, free_port
from tools.runas import choose_account, place, remove

CONFIG = """
[databases]
{databases}
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 100
server_lifetime = 3600
logfile = {folder}/log
"""


def server(name: str) -> str:
    """A line of [databases]: the site's own database and login, under another name."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return (
        f"{name} = host={url.hostname} port={url.port or 5432} dbname={url.path.lstrip('/')}"
        f" user={url.username} password={unquote(url.password or '')}\n"
    )


@contextmanager
def pgbouncer(folder: Path, *, size: int) -> Iterator[str]:
    """The address of the site's database through a pool of so many server connections.

    A database called control is the same one through connections that nobody else shares.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    if not program:
        pytest.skip("pgbouncer is not installed")
    url = urlsplit(os.environ["DATABASE_URL"])
    name, port, account = url.path.lstrip("/"), free_port(), choose_account(folder / "none")
    here = place(folder, account)
    databases = server(name) + server("control")
    config = CONFIG.format(databases=databases, host=HOST, port=port, size=size, folder=here)
    (here / "pgbouncer.ini").write_text(config)
    account.give(here)
    ids: Any = {} if account.uid is None else {"user": account.uid, "group": account.gid}
    command = [*account.prefix, program, "--quiet", str(here / "pgbouncer.ini")]
    process = subprocess.Popen(command, cwd="/", **ids)
    try:
        address = url._replace(netloc=f"{url.username}:x@{HOST}:{port}").geturl()
        wait_for(process, address, here / "log")
        yield address
    finally:
        process.terminate()
        process.wait(10)
        remove(folder)


def wait_for(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    """Until the database answers through the pool."""
    deadline = time.monotonic() + 15
    while True:
        try:
            psycopg.connect(on_database(address, "control")).close()
            return
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text() if log.exists() else ""
                raise AssertionError(f"pgbouncer: {error}\n{said}") from error
            time.sleep(0.05)
