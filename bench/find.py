"""make bench ARGS=find: the next free times of 20 doctors, beside a million appointments.

Prints the median and the 95th percentile of each question, the round trip included, the same for
the role of a patient, and the plan of the first. What the index of free slots costs a booking
stands in docs/performance.md: it is measured with and without it by make bench.
"""

import argparse
import hashlib
import os
import statistics
import time
import uuid
from typing import Any

import django
import psycopg

QUESTIONS = {
    "the next five": "p_limit => 5",
    "the next five, packing the day": "p_limit => 5, p_compact => true",
    "twelve, packing the day": "p_limit => 12, p_compact => true",
    "five of one doctor": "p_limit => 5, p_doctor_ids => array[md5('find doctor7')::uuid]",
    "five in dermatology": "p_limit => 5, p_subject => 'Dermatology'",
    "five on Tuesday afternoons": "p_limit => 5, p_weekdays => '{2}', p_part_from => '12:00'",
    "five for a patient": "p_limit => 5, p_patient_id => md5('find patient9')::uuid",
    "five half hours with a room": "p_limit => 5, p_service_id => md5('find service')::uuid",
    "the same, packing the day": "p_limit => 5, p_compact => true,"
    " p_service_id => md5('find service')::uuid",
    "what is not there": "p_limit => 5, p_part_from => '22:00'",
}
FIND = "select slot_id, starts_at from booking.find_slots({})"
# The statement inside: what a definer runs, its caller cannot explain.
PLAN = """
select t.id from booking.free_times(md5('find')::uuid, %s::uuid[], now(),
  now() + interval '9 days', '00:00', '24:00', '{1,2,3,4,5,6,7}', 1, null, null, null) t
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench ARGS=find")
    parser.add_argument("--clinics", type=int, default=100)
    parser.add_argument("--appointments", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--keep", action="store_true", help="the database is filled already")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

    from bench.fill import fill, run_file

    if not options.keep:
        fill(clinics=options.clinics, appointments=options.appointments, todo_days=16)
        with psycopg.connect(os.environ["ADMIN_DATABASE_URL"], autocommit=True) as admin:
            run_file(admin, "find.sql")
    run(rounds=options.rounds)


def named(text: str) -> uuid.UUID:
    return uuid.UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())


def run(*, rounds: int) -> None:
    """Every question in turn, so that none has the cache to itself."""
    for role in ("staff", "patient"):
        times: dict[str, list[float]] = {name: [] for name in QUESTIONS}
        found = dict.fromkeys(QUESTIONS, 0)
        for _ in range(rounds):
            for name, arguments in QUESTIONS.items():
                milliseconds, found[name] = timed(role, FIND.format(arguments))
                times[name].append(milliseconds)
        print(f"\nas {role}:  median and 95th percentile in ms, rows")
        for name, took in times.items():
            p95 = statistics.quantiles(took, n=20)[-1]
            print(f"    {name:32} {statistics.median(took):7.2f} {p95:7.2f} {found[name]:4}")
    first = FIND.format(QUESTIONS["the next five"])
    took = [timed("staff", first, anew=True)[0] for _ in range(rounds)]
    print(f"\nthe next five, every plan made anew, as in a new connection:"
          f" {statistics.median(took):.2f} {statistics.quantiles(took, n=20)[-1]:.2f}")  # fmt: skip
    explain()


def timed(role: str, statement: str, *, anew: bool = False) -> tuple[float, int]:
    """(milliseconds, rows) of one call in a transaction of its own, without its BEGIN."""
    from django.db import connection

    from clinic.tenancy.context import tenant_context

    clinic, user = named("find"), named("find user")
    if anew:
        connection.ensure_connection()
        connection.connection.execute("discard all")
    with (
        tenant_context(clinic=clinic, user=user, role=role, read_only=True),
        connection.cursor() as cursor,
    ):
        started = time.perf_counter()
        cursor.execute(statement)
        rows = len(cursor.fetchall())
        return (time.perf_counter() - started) * 1000, rows


def explain() -> None:
    """The plan of a stretch of nine days, under the role and the policies that it has inside."""
    doctors = [named(f"find doctor{n}") for n in range(1, 21)]
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"]) as admin:
        admin.execute("select set_config('app.entered_clinic_id', %s, true)", [str(named("find"))])
        admin.execute("set local role clinic_booker")
        statement: Any = f"explain (analyze, buffers, costs off, timing off, summary off) {PLAN}"
        for (line,) in admin.execute(statement, [doctors]).fetchall():
            print(f"    {line}")


if __name__ == "__main__":
    main()
