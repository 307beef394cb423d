"""The worker does what is due, keeps what failed, comes back to what was broken off."""

import signal
from pathlib import Path

import pytest
from django.conf import settings

from tests.factories import World
from tests.jobs.worker import (
    ask,
    queue_up,
    run_once,
    start,
    until,
    worker,
    worker_elsewhere,
)
from tests.pooler import pgbouncer

MINE = (
    "from pg_stat_activity where application_name = 'rowan worker' and datname = current_database()"
)


def state(job_id: int) -> str:
    """The state of a job; "" when it is done and gone."""
    rows = ask("select status from jobs.procrastinate_jobs where id = %s", job_id)
    return str(rows[0][0]) if rows else ""


def slots(world: World) -> int:
    query = "select count(*) from clinic.appointment_slots where clinic_id = %s"
    return int(ask(query, world.id)[0][0])


def test_a_job_is_done_in_its_clinic_and_forgotten(world: World, other_world: World) -> None:
    job = queue_up("booking:extend_slots", f'{{"clinic_id": "{world.id}"}}')
    run_once()
    assert state(job) == ""
    assert slots(world) > 500
    assert slots(other_world) == 0


def test_a_clinic_that_is_gone_needs_no_slots() -> None:
    job = queue_up("booking:extend_slots", '{"clinic_id": "00000000-0000-0000-0000-000000000001"}')
    run_once()
    assert state(job) == ""


def test_what_time_asks_for_can_all_be_done() -> None:
    tasks = ("audit:ensure_partitions", "clinic:purge_sessions", "booking:extend_slots_tonight",
             "webhooks:work")  # fmt: skip
    jobs = [queue_up(task, '{"timestamp": 1795272600}') for task in tasks]
    run_once()
    assert [state(job) for job in jobs] == [""] * len(tasks)


def test_a_job_that_fails_stays_to_be_seen() -> None:
    job = queue_up("booking:no_such_task", '{"id": 1}')
    said = run_once()
    assert state(job) == "failed"
    assert "no_such_task" in said
    ask("delete from jobs.procrastinate_jobs where id = %s", job)


def test_what_a_killed_worker_had_begun_is_begun_again() -> None:
    (dead,) = ask(
        "insert into jobs.procrastinate_workers (last_heartbeat)"
        " values (now() - interval '1 hour') returning id"
    )[0]
    job = queue_up("clinic:purge_sessions", '{"timestamp": 1}', "doing")
    ask("update jobs.procrastinate_jobs set worker_id = %s where id = %s", dead, job)
    queue_up("jobs:revive", '{"timestamp": 1}')
    run_once()
    assert state(job) == ""


def test_it_is_told_of_a_job_at_once() -> None:
    with worker():
        job = queue_up("clinic:purge_sessions", '{"timestamp": 1}')
        until(lambda: state(job) == "", seconds=3)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_and_takes_its_leave(number: int) -> None:
    with worker() as process:
        mine = ask("select max(id) from jobs.procrastinate_workers")[0][0]
        process.send_signal(number)
        assert process.wait(15) == 0
    assert ask("select from jobs.procrastinate_workers where id = %s", mine) == []


# Listening, and past what it does at its start: every connection idle for a second.
QUIET = f"""
select 1 {MINE} having bool_or(query like 'LISTEN%%')
  and bool_and(state = 'idle' and state_change < clock_timestamp() - interval '1 second')
"""


def test_it_outlives_its_connections() -> None:
    with worker() as process:
        until(lambda: ask(QUIET))
        assert ask(f"select pg_terminate_backend(pid) {MINE}")
        job = queue_up("clinic:purge_sessions", '{"timestamp": 1}')
        until(lambda: state(job) == "")
        assert process.poll() is None


def test_it_ends_in_error_when_it_can_show_no_heartbeat() -> None:
    with worker() as process:
        ask("alter table jobs.procrastinate_workers rename to away")
        try:
            assert process.wait(30) == 1
        finally:
            ask("alter table jobs.away rename to procrastinate_workers")


def test_it_says_so_when_there_is_no_database() -> None:
    nowhere = "postgres://clinic_app:x@127.0.0.1:9/rowan"
    process = start(DATABASE_URL=nowhere, DATABASE_POOL="false")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "CommandError: The queue cannot be reached" in said


def test_it_works_through_a_pooler_by_polling(tmp_path: Path) -> None:
    with (
        pgbouncer(tmp_path, size=4) as address,
        worker_elsewhere("--no-listen", DATABASE_URL=address),
    ):
        job = queue_up("clinic:purge_sessions", '{"timestamp": 1}')
        until(lambda: state(job) == "")


def test_its_own_connections_are_the_site_s_login() -> None:
    login = settings.DATABASES["default"]["USER"]
    with worker():
        rows = ask(f"select distinct usename {MINE}")
    assert rows == [(login,)]
