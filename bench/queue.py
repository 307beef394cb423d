"""make bench ARGS="queue": the queue of events beside procrastinate's, and beside its own history.

Two ratios in one run: events claimed and done a second against procrastinate's jobs that do
nothing, and the time of one claim on a table full of finished events against an empty one. With
--finished 10000000 the filling takes minutes.
"""

import argparse
import asyncio
import os
import statistics
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django
import psycopg

BATCH = 100
SETUP = """
insert into clinic.clinics (id, code, name, registration_number, address, postal_code, phone, email,
  time_zone, currency, country)
values (%(clinic)s, %(code)s, 'Bench', '1', '1 Street', '520001', '+65 6000 0000', 'b@example.test',
  'Asia/Singapore', 'SGD', 'SG');
insert into webhook.sources (id, clinic_id, name, provider)
values (%(source)s, %(clinic)s, 'B', 'b')
"""
FILL = """
insert into clinic.webhook_events (clinic_id, webhook_id, event_id, event_type, payload, status,
  processed_at, received_at)
select %(clinic)s, %(source)s, %(prefix)s || n, 'test.none', '{"type": "test.none"}',
  %(status)s::public.webhook_event_status,
  case when %(status)s::public.webhook_event_status = 'success' then now() end,
  now() - interval '1 day' + n * interval '1 ms'
from generate_series(1, %(count)s) n
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.queue", description=__doc__)
    parser.add_argument("--finished", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=2_000)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    place = {
        "clinic": uuid.uuid4(),
        "source": uuid.uuid4(),
        "code": f"Q{uuid.uuid4().hex[:9].upper()}",
    }
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"], autocommit=True) as admin:
        with admin.transaction():
            for statement in SETUP.split(";"):
                admin.execute(statement, place)
        run(admin, place, options)


def run(admin: Any, place: dict[str, Any], options: Any) -> None:
    """Prints the rates, the latencies and their ratios."""
    jobs = no_op_jobs(options.jobs)
    print(f"procrastinate, one worker, jobs that do nothing: {jobs:,.0f}/s")
    print("events, beside none that are finished")
    report(admin, place, options, jobs, "a")
    fill(admin, place, "finished", "success", options.finished)
    print(f"events, beside {options.finished:,} that are finished")
    report(admin, place, options, jobs, "b")


def fill(admin: Any, place: dict[str, Any], prefix: str, status: str, count: int) -> None:
    with untold(admin):
        admin.execute(FILL, place | {"prefix": prefix, "status": status, "count": count})
    admin.execute("vacuum analyze clinic.webhook_events")


@contextmanager
def untold(admin: Any) -> Iterator[None]:
    """Without the trail, whose triggers fire always, and without looking each source up."""
    admin.execute("set session_replication_role = replica")
    admin.execute("alter table clinic.webhook_events disable trigger audit_insert")
    try:
        yield
    finally:
        admin.execute("reset session_replication_role")
        admin.execute("alter table clinic.webhook_events enable always trigger audit_insert")


def claimed_only(place: dict[str, Any], count: int) -> float:
    """Claims a second of one worker, BATCH at a time."""
    with worker() as site:
        start, had = time.perf_counter(), 0
        while found := claim(site, place, BATCH):
            had += len(found)
        assert had == count, (had, count)
        return count / (time.perf_counter() - start)


def done(count: int) -> float:
    """Events a second that one real worker claims, handles (there is nothing to do) and marks."""
    from webhooks.worker import drain

    start = time.perf_counter()
    assert drain(worker="bench") == count
    return count / (time.perf_counter() - start)


@contextmanager
def worker() -> Iterator[Any]:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as site:
        yield site


def enter(site: Any, place: dict[str, Any]) -> None:
    from clinic.tenancy.backend.base import OPEN, opening_values
    from clinic.tenancy.context import Context

    site.execute(OPEN, opening_values(Context(place["clinic"], None, "worker")))


def claim(site: Any, place: dict[str, Any], count: int) -> list[Any]:
    with site.transaction():
        enter(site, place)
        rows = site.execute("select id from webhook.claim_next_event('bench', %s)", [count])
        return [row[0] for row in rows.fetchall()]


def report(admin: Any, place: dict[str, Any], options: Any, jobs: float, prefix: str) -> None:
    fill(admin, place, f"done-{prefix}", "pending", options.events)
    rate = done(options.events)
    print(f"  claimed, handled, marked: {rate:,.0f}/s, {rate / jobs:.1f} times procrastinate's")
    fill(admin, place, f"claim-{prefix}", "pending", options.events)
    rate = claimed_only(place, options.events)
    print(f"  claimed: {rate:,.0f}/s, {rate / jobs:.1f} times procrastinate's")
    one_by_one(admin, place, prefix)


def one_by_one(admin: Any, place: dict[str, Any], prefix: str, count: int = 300) -> None:
    """Prints the latency of a claim of one event."""
    fill(admin, place, f"one-{prefix}", "pending", count)
    times = []
    with worker() as site:
        for _ in range(count):
            with site.transaction():
                enter(site, place)
                start = time.perf_counter()
                site.execute("select id from webhook.claim_next_event('bench')").fetchall()
                times.append((time.perf_counter() - start) * 1000)
    ordered = statistics.quantiles(times, n=100)
    print(f"  one claim: median {ordered[49]:.2f} ms, p95 {ordered[94]:.2f}, p99 {ordered[98]:.2f}")


def no_op_jobs(count: int) -> float:
    """Jobs a second of one worker of procrastinate, whose tables are emptied before."""
    from jobs.app import queue

    app = queue()

    @app.task(name=f"nothing_{uuid.uuid4().hex}")
    async def nothing() -> None: ...

    async def work() -> float:
        async with app.open_async():
            await nothing.batch_defer_async(*({} for _ in range(count)))
            start = time.perf_counter()
            await app.run_worker_async(
                wait=False, install_signal_handlers=False, delete_jobs="successful", concurrency=4
            )
            return count / (time.perf_counter() - start)

    from procrastinate.periodic import PeriodicRegistry

    app.periodic_registry = PeriodicRegistry()
    return asyncio.run(work())


if __name__ == "__main__":
    main()
