"""A real PostgreSQL, started, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tools.console import SetupError
from tools.postgres import Cluster, explain, free_port, port_is_free
from tools.processes import command_of
from tools.runas import choose_account, remove


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path / "cluster", durable=False, settings={"shared_buffers": "16MB"})
    yield made
    made.stop()
    remove(made.directory)


@pytest.fixture
def durable(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path / "durable", durable=True)
    yield made
    made.stop()
    remove(made.directory)


def ask(cluster: Cluster, statement: str) -> object:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
        return row and row[0]


def postmaster(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split("\n")[0])


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while command_of(pid) and time.monotonic() < deadline:
        time.sleep(0.05)


def test_it_starts_stops_and_keeps_its_data(cluster: Cluster) -> None:
    cluster.start()
    with psycopg.connect(cluster.url("postgres")) as connection:
        connection.execute("create table kept as select 7 as n")
    url = cluster.url("postgres")
    cluster.stop()
    assert not cluster.running()
    cluster.start()
    assert (cluster.url("postgres"), ask(cluster, "select n from kept")) == (url, 7)


def test_it_is_private_and_asks_for_a_password(cluster: Cluster) -> None:
    cluster.start()
    assert ask(cluster, "show listen_addresses") == "127.0.0.1"
    assert ask(cluster, "show unix_socket_directories") == ""
    assert ask(cluster, "show data_checksums") == "on"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(cluster.url("postgres"), password="not it")


def test_a_killed_server_recovers_by_itself(durable: Cluster) -> None:
    durable.start()
    with psycopg.connect(durable.url("postgres")) as connection:
        connection.execute("create table kept as select 7 as n")
    pid = postmaster(durable)
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)
    assert not durable.running()
    durable.start()
    assert ask(durable, "select n from kept") == 7


def test_an_id_that_now_is_another_programs_does_not_stop_it(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        pid_file = cluster.data / "postmaster.pid"
        pid_file.write_text(f"{sleeper.pid}\n{cluster.data}\n")
        choose_account(cluster.data).give(pid_file)
        assert not cluster.running()
        cluster.start()
        assert postmaster(cluster) != sleeper.pid
    finally:
        sleeper.kill()
        sleeper.wait()


def test_one_that_runs_is_left_running(cluster: Cluster) -> None:
    cluster.start()
    pid = postmaster(cluster)
    Cluster(cluster.directory, durable=False).start()
    assert postmaster(cluster) == pid


def test_a_half_made_one_is_made_again(cluster: Cluster) -> None:
    draft = cluster.directory / "draft"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("15\n")
    cluster.start()
    assert ask(cluster, "select 1") == 1
    assert not draft.exists()


def test_a_taken_port_is_changed(cluster: Cluster) -> None:
    cluster.start()
    port = int((cluster.directory / "port").read_text())
    cluster.stop()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        assert not port_is_free(port)
        cluster.start()
    assert int((cluster.directory / "port").read_text()) != port
    assert ask(cluster, "select 1") == 1


def test_data_of_another_version_is_kept_when_it_matters(durable: Cluster) -> None:
    durable.data.mkdir(parents=True)
    (durable.data / "PG_VERSION").write_text("14\n")
    choose_account(durable.data).give(durable.data)
    with pytest.raises(SetupError, match=r"made by PostgreSQL 14.*\n.*make reset"):
        durable.start()
    assert (durable.data / "PG_VERSION").read_text() == "14\n"


def test_data_of_another_version_is_made_anew_for_tests(cluster: Cluster) -> None:
    cluster.data.mkdir(parents=True)
    (cluster.data / "PG_VERSION").write_text("14\n")
    cluster.start()
    assert ask(cluster, "select 1") == 1


def test_a_free_port_is_free() -> None:
    assert port_is_free(free_port())


def test_a_full_disk_is_named() -> None:
    said = "PANIC: could not write to file: No space left on device"
    assert explain(said, "PostgreSQL did not start").startswith("The disk is full.")


def test_the_telling_line_is_shown() -> None:
    said = "LOG: starting\nFATAL: no such thing\nLOG: shut down\n"
    assert explain(said, "It did not start") == "It did not start: FATAL: no such thing"
