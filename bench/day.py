"""The day page's queries with and without row-level security, interleaved in one run."""

import statistics
import time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from django.db import connection
from django.utils import timezone

from booking.queries.day import day_schedule
from clinic.tenancy.context import tenant_context


def recorded(clinic: UUID, user: UUID) -> list[tuple[str, Any]]:
    """The statements that day_schedule sends, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    zone = ZoneInfo("Asia/Singapore")
    today = timezone.localdate(timezone=zone)
    with tenant_context(clinic=clinic, user=user, role="staff"), connection.execute_wrapper(note):
        day_schedule(clinic_id=clinic, day=today, zone=zone, step_minutes=15)
    return sent


def timed(cursor: Any, statements: list[tuple[str, Any]]) -> tuple[float, int]:
    """(milliseconds, rows) of running all statements once; rows arrive but are not decoded."""
    rows = 0
    started = time.perf_counter()
    for sql, params in statements:
        cursor.execute(sql, params)
        rows += cursor.rowcount
    return (time.perf_counter() - started) * 1000, rows


def run(*, admin_url: str, clinic: UUID, user: UUID, rounds: int = 300) -> None:
    """Prints the median of both and their ratio; both must return the same number of rows."""
    statements = recorded(clinic, user)
    without, guarded = [], []
    connection.ensure_connection()
    # The same adapters on both sides, and neither prepares: what Python makes of the rows, or
    # saves by knowing a statement, is no part of the question.
    with psycopg.connect(
        admin_url,
        context=connection.connection,
        cursor_factory=connection.connection.cursor_factory,
        prepare_threshold=None,
    ) as admin:
        admin.execute("set search_path to clinic, booking, public")
        admin.execute("set timezone to 'UTC'")
        bare = admin.cursor()
        for _ in range(rounds):
            ms_bare, rows_bare = timed(bare, statements)
            with (
                tenant_context(clinic=clinic, user=user, role="staff", read_only=True),
                connection.connection.cursor() as cursor,
            ):
                ms_rls, rows_rls = timed(cursor, statements)
            assert rows_bare == rows_rls > 0, (rows_bare, rows_rls)
            without.append(ms_bare)
            guarded.append(ms_rls)
    a, b = statistics.median(without), statistics.median(guarded)
    print(f"\nDay page, {len(statements)} queries, {rows_rls} rows: {a:.2f} ms without row-level"
          f" security, {b:.2f} ms with: ratio {b / a:.2f}")  # fmt: skip
    for sql, params in statements:
        explain(clinic, user, sql, params)


def explain(clinic: UUID, user: UUID, sql: str, params: Any) -> None:
    with (
        tenant_context(clinic=clinic, user=user, role="staff", read_only=True),
        connection.connection.cursor() as cursor,
    ):
        cursor.execute(f"explain (analyze, costs off, timing off, summary off) {sql}", params)
        print("\n".join(f"    {line}" for (line,) in cursor.fetchall()))
