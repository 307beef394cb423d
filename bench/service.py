"""Booking through Django's service: context, pool and all, as a page does it."""

import threading
import time

import psycopg
from django.conf import settings
from django.db import connection

from booking.services.appointments import book_appointment
from clinic.tenancy.context import tenant_context


def todo(url: str, first: int, count: int) -> list[tuple]:
    """(clinic, user, slot, patient) of free slots, from position first on."""
    with psycopg.connect(url) as admin:
        return admin.execute(
            "select clinic_id, user_id, slot_id, patient_id from bench.todo"
            " where n >= %s order by n limit %s",
            [first, count],
        ).fetchall()


def work(rows: list[tuple], outcomes: list[str]) -> None:
    for number, (clinic, user, slot, patient) in enumerate(rows):
        with tenant_context(clinic=clinic, user=user, role="staff"):
            outcome = book_appointment(
                idempotency_key=f"service-{slot}-{number}", user_id=user, clinic_id=clinic,
                slot_id=slot, patient_id=patient,
            )  # fmt: skip
        outcomes.append(outcome.code or outcome.status)
    connection.close()


def run(*, admin_url: str, first: int, count: int = 6000, threads: int = 4) -> None:
    """Prints bookings a second through the service with the pool, in threads of one process."""
    assert settings.DATABASES["default"]["OPTIONS"].get("pool"), "the pool is off"
    rows = todo(admin_url, first, count)
    outcomes: list[str] = []
    workers = [
        threading.Thread(target=work, args=(rows[part::threads], outcomes))
        for part in range(threads)
    ]
    started = time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    rate = len(rows) / (time.monotonic() - started)
    booked = outcomes.count("success")
    print(f"through Django's service, {threads} threads: {rate:.0f}/s, {booked} of {count} booked")
