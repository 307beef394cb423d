from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from booking.tasks import MOST, extend_slots
from clinic.errors import RowanError
from clinic.management.lookup import clinic_called
from clinic.tenancy.membership import active_clinics


class Command(BaseCommand):
    help = (
        "Make the missing slots of every doctor from today on, by working hours, breaks and leave."
        " Booked ones are never touched. Also a nightly job."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--days",
            type=int,
            help="how far ahead: 0 to 400; as each doctor can be booked, at least 30, unless given",
        )
        parser.add_argument("--clinic", help="only this clinic, by its code")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["days"]
        if days is not None and not 0 <= days <= MOST:
            raise CommandError("--days must be from 0 to 400.")
        chosen = options["clinic"]
        failed = []
        for clinic in [clinic_called(chosen)] if chosen else active_clinics():
            try:
                made = extend_slots(clinic=clinic, days=days)
                self.stdout.write(f"{clinic.code}: {made} new slots.")
            except (DatabaseError, RowanError) as error:
                failed.append(clinic.code)
                self.stderr.write(f"{clinic.code}: {error}")
        if failed:
            raise CommandError(f"No new slots for {', '.join(failed)}; run it again.")
