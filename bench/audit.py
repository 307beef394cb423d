"""What the trail costs: one hot clinic, single and bulk writes, and other packages beside it.

    python -m bench.audit [--seconds 10] [--peers /tmp/venv/bin/python]

on a database that migrate has prepared (make bench makes one; any with ADMIN_DATABASE_URL will do,
durable for the first part). --peers is the Python of a throw-away virtual environment with

    pip install "django==5.2.19" "psycopg[binary]" django-pghistory django-auditlog \
        django-simple-history

They are for this comparison only, so they stand in no requirements file.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import django
import psycopg

WRITERS = 32
SQL = Path(__file__).resolve().parent / "sql"
# Of clinic.patients, as types that every package can mirror.
COLUMNS = """
select attname, case when format_type(atttypid, null) in
    ('uuid', 'date', 'boolean', 'timestamp with time zone', 'integer', 'jsonb')
    then format_type(atttypid, null) else 'text' end
from pg_attribute where attrelid = 'clinic.patients'::regclass and attnum > 0
  and not attisdropped and attgenerated = '' order by attnum
"""
SOURCE = """
create table bench_audit.source as
select %s from clinic.patients where false;
insert into bench_audit.source (id, clinic_id, full_name, notes, address, created_at, updated_at)
select gen_random_uuid(), md5('audit1')::uuid, 'Patient ' || n, 'Came with a cough, twice.',
  n || ' Test Street', now(), now() from generate_series(1, 10000) n
"""


def named(text: str) -> uuid.UUID:
    return uuid.UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())


def prepare(admin: Any) -> None:
    admin.execute("drop schema if exists bench_audit cascade")
    admin.execute((SQL / "audit.sql").read_text().replace("{clinics}", str(WRITERS)))


def sign_contexts(admin: Any) -> None:
    from clinic.tenancy.context import Context
    from clinic.tenancy.signing import sign

    admin.execute("truncate bench_audit.contexts")
    for c in range(1, WRITERS + 1):
        context = Context(clinic_id=named(f"audit{c}"), user_id=named("user"), role="staff")
        admin.execute("insert into bench_audit.contexts values (%s, %s)", [c, sign(context)])


# --- one clinic or many -------------------------------------------------------------------------


def writing(admin: Any, *, hot: bool, seconds: int, folder: Path) -> tuple[float, float]:
    """(transactions a second, p95 in ms) of 32 writers, in one clinic or each in its own."""
    from bench.booking import pgbench

    sign_contexts(admin)
    rate = pgbench(
        SQL / "hot.pgbench", f"-Dhot={int(hot)}", clients=WRITERS, seconds=seconds,
        log=folder / f"hot{int(hot)}-{time.monotonic_ns()}",
    )  # fmt: skip
    return rate.tps, rate.p95


def hot_clinic(admin: Any, seconds: int, rounds: int) -> None:
    """32 writers on one clinic against 32 clinics, with the sealer at work in both."""
    from audit.sealing import keep_sealing, seal_all, unsealed

    deadlocks = "select deadlocks from pg_stat_database where datname = current_database()"
    before = admin.execute(deadlocks).fetchone()[0]
    stop, waits = threading.Event(), []
    sealer = threading.Thread(target=keep_sealing, args=[stop], daemon=True)
    sealer.start()
    rates: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    try:
        with tempfile.TemporaryDirectory() as folder:
            for hot in (False, True) * rounds:
                rates[hot].append(writing(admin, hot=hot, seconds=seconds, folder=Path(folder)))
                waits.append(unsealed().entries)
    finally:
        stop.set()
        sealer.join()
    seal_all()
    spread, one = (max(rates[hot]) for hot in (False, True))
    print(
        f"{WRITERS} writers, each in its own clinic: {spread[0]:.0f}/s, p95 {spread[1]:.1f} ms;"
        f" all in one clinic: {one[0]:.0f}/s, p95 {one[1]:.1f} ms: ratio {one[0] / spread[0]:.2f}"
    )
    print(f"unsealed when the writers stopped: {max(waits)} entries at most")
    broken, count = whole(admin)
    dead = admin.execute(deadlocks).fetchone()[0] - before
    print(f"{count} seals in {WRITERS} chains, {broken} broken, {dead} deadlocks", flush=True)


def whole(admin: Any) -> tuple[int, int]:
    """(what verify_chain finds, seals) in the chains that were written."""
    broken = seals = 0
    for c in range(1, WRITERS + 1):
        clinic = named(f"audit{c}")
        query = "select count(*) from audit.verify_chain(%s)"
        broken += admin.execute(query, [clinic]).fetchone()[0]
        query = "select count(*) from audit.seals where clinic_id = %s"
        seals += admin.execute(query, [clinic]).fetchone()[0]
    return broken, seals


# --- one table, many ways -----------------------------------------------------------------------


def one_table(admin: Any, python: str, rounds: int) -> None:
    """Ratios to the plain table, one by one and in bulk; and what sealing adds afterwards."""
    from audit.sealing import seal_all
    from clinic.tenancy.backend.base import opening_statement
    from clinic.tenancy.context import Context

    columns = admin.execute(COLUMNS).fetchall()
    as_text = ", ".join(n if kind != "text" else f"{n}::text" for n, kind in columns)
    admin.execute(SOURCE % as_text)
    context = Context(clinic_id=named("audit1"), user_id=named("user"), role="staff")
    given = {
        "url": os.environ["ADMIN_DATABASE_URL"], "columns": columns, "rounds": rounds,
        "opening": opening_statement(context).rstrip(";"),
    }  # fmt: skip
    seal_all()
    script = [python, str(SQL.parent / "peers.py")]
    done = subprocess.run(
        script, input=json.dumps(given), text=True, stdout=subprocess.PIPE, check=True
    )
    found: dict[str, list[float]] = json.loads(done.stdout)
    started = time.perf_counter()
    sealed = seal_all()
    chain = (time.perf_counter() - started) / max(sealed, 1)
    report(found, chain)
    print(f"sealed behind their backs: {sealed} entries, {chain * 1e6:.0f} µs each", flush=True)


LABELS = {
    "plain": "no audit, no row-level security", "rls": "row-level security",
    "audited": "our audit", "guarded": "our audit, row-level security",
    "by_row": "our audit by row, row-level security",
}  # fmt: skip


def report(found: dict[str, list[float]], chain: float) -> None:
    """A line a way: microseconds a row and ratios, then those with the sealing counted in."""
    single, bulk = found["plain"]
    print(f"{'':40} {'µs single':>9} {'ratio':>6} {'µs bulk':>9} {'ratio':>6}")
    for name, (one, many) in found.items():
        ways = [(LABELS.get(name, name), 0.0)]
        if name in ("guarded", "by_row"):
            ways.append((f"{LABELS[name]}, chain", chain))
        for label, more in ways:
            a, b = one + more, many + more
            print(f"{label:40} {a * 1e6:9.1f} {a / single:6.2f} {b * 1e6:9.1f} {b / bulk:6.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.audit")
    parser.add_argument("--seconds", type=int, default=10, help="of each turn of the writers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default=sys.executable, help="see above")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"], autocommit=True) as admin:
        prepare(admin)
        hot_clinic(admin, options.seconds, options.rounds)
        one_table(admin, options.peers, options.rounds)
        admin.execute("drop schema bench_audit cascade")


if __name__ == "__main__":
    main()
