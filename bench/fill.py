"""Makes the data of the benchmarks in a database that migrate has prepared."""

import os
import time
from pathlib import Path

import psycopg

from clinic.tenancy.context import Context
from clinic.tenancy.signing import sign

SQL = Path(__file__).resolve().parent / "sql"
APPOINTMENTS_A_DAY = 125  # five doctors, 25 visits each


def run_file(connection: psycopg.Connection, name: str, **values: int) -> None:
    """Run a file of bench/sql, statement by statement: vacuum wants no transaction."""
    text = (SQL / name).read_text()
    for key, value in values.items():
        text = text.replace("{" + key + "}", str(value))
    body, _, last = text.partition("\nvacuum")
    connection.execute(body)
    if last:
        connection.execute("vacuum" + last)


def fill(*, clinics: int, appointments: int, todo_days: int) -> None:
    """clinics × 2,000 patients × (appointments / clinics) visits, and free slots ahead."""
    days = max(2, appointments // clinics // APPOINTMENTS_A_DAY)
    started = time.monotonic()
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("set maintenance_work_mem = '1GB'")
        connection.execute("create schema bench")
        run_file(connection, "fill.sql", clinics=clinics, days=days)
        run_file(connection, "todo.sql", clinics=clinics, todo_days=todo_days)
        counted = connection.execute("select count(*) from clinic.appointments").fetchall()
    print(f"filled {counted[0][0]:,} appointments in {time.monotonic() - started:.0f} s", flush=True)


def sign_contexts(*, clinics: int) -> None:
    """Fresh contexts of every clinic's receptionist, good for a few minutes."""
    import hashlib
    import uuid

    def named(text: str) -> uuid.UUID:
        return uuid.UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())

    rows = [
        (c, sign(Context(clinic_id=named(f"clinic{c}"), user_id=named(f"user{c}"), role="staff")))
        for c in range(1, clinics + 1)
    ]
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("truncate bench.contexts")
        with connection.cursor() as cursor:
            cursor.executemany("insert into bench.contexts values (%s, %s)", rows)
