from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from clinic.management.lookup import clinic_called, member
from clinic.tenancy.backend.base import opening_statement
from clinic.tenancy.context import REQUEST_ROLES, Context


class Command(BaseCommand):
    help = (
        "Print the statement that opens a user's context in a transaction of the site's own login,"
        " for psql: begin; <statement> … rollback;"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--clinic", required=True, help="code, such as GFC-TP")
        parser.add_argument("--user", required=True, help="e-mail address")
        parser.add_argument("--role", choices=REQUEST_ROLES, help="default: the strongest one held")

    def handle(self, *args: Any, **options: Any) -> None:
        clinic = clinic_called(options["clinic"])
        user_id, role = member(options["user"], clinic, options["role"] or "")
        context = Context(
            clinic_id=clinic.id, user_id=user_id, role=role, reason="Operator, by context_sql"
        )
        self.stdout.write(opening_statement(context))
        minutes = settings.CONTEXT_LIFETIME_SECONDS // 60
        self.stderr.write(f"{options['user']} as {role} in {clinic.code}, for {minutes} minutes.")
