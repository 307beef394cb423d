"""make bench: fills a database and prints the ratios. ARGS="--appointments 100000 --seconds 5"."""

import argparse
import hashlib
import os
import tempfile
import uuid
from pathlib import Path

import django


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--clinics", type=int, default=100)
    parser.add_argument("--appointments", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=8, help="of each throughput measurement")
    parser.add_argument("--keep", action="store_true", help="the database is filled already")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

    from bench import booking, day, service
    from bench.fill import fill

    admin_url = os.environ["ADMIN_DATABASE_URL"]
    if not options.keep:
        fill(clinics=options.clinics, appointments=options.appointments, todo_days=24)

    def named(text: str) -> uuid.UUID:
        return uuid.UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())

    day.run(admin_url=admin_url, clinic=named("clinic1"), user=named("user1"))
    with tempfile.TemporaryDirectory() as folder:
        booking.run(clinics=options.clinics, seconds=options.seconds, log=Path(folder) / "latency")
    service.run(admin_url=admin_url, first=200_000)


if __name__ == "__main__":
    main()
