import code
from contextlib import suppress
from functools import partial
from types import CodeType
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections, transaction

from clinic.management.lookup import clinic_called, member
from clinic.tenancy.context import REQUEST_ROLES, ROLES, tenant_context

# A person thinks longer than a request does.
PATIENCE = "select set_config('idle_in_transaction_session_timeout', '0', true)"


class Console(code.InteractiveConsole):
    """Each line is a savepoint: one that fails is undone by itself."""

    def __init__(self, names: dict[str, Any], using: str) -> None:
        super().__init__(names)
        self.using = using

    def runcode(self, compiled: CodeType) -> None:
        try:
            with transaction.atomic(self.using):
                exec(compiled, self.locals)  # noqa: S102
        except SystemExit:
            raise
        except BaseException:
            self.showtraceback()


class Command(BaseCommand):
    help = (
        "Python inside one clinic: one transaction, which is undone unless you call commit()."
        " Models are there by name; owner works through .using('owner')."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--clinic", required=True, help="code, such as GFC-TP")
        parser.add_argument("--role", required=True, choices=ROLES)
        parser.add_argument("--user", help="e-mail address of a member who holds the role")
        parser.add_argument("--minutes", type=int, default=30, help="how long the context holds")

    def handle(self, *args: Any, **options: Any) -> None:
        clinic, role = clinic_called(options["clinic"]), options["role"]
        user_id = self.user_id(options, role)
        using = "owner" if role == "owner" else "default"
        usual = settings.CONTEXT_LIFETIME_SECONDS
        settings.CONTEXT_LIFETIME_SECONDS = options["minutes"] * 60
        try:
            with tenant_context(
                clinic=clinic.id, user=user_id, role=role, using=using, reason="Operator's shell"
            ):
                who = options["user"] or "nobody"
                title = f"{clinic.code} ({clinic.time_zone}), role clinic_{role}, user {who}."
                self.converse(title, using, options["minutes"])
        finally:
            settings.CONTEXT_LIFETIME_SECONDS = usual

    def user_id(self, options: dict[str, Any], role: str) -> UUID | None:
        if not options["user"] or role not in REQUEST_ROLES:
            return None
        return member(options["user"], clinic_called(options["clinic"]), role)[0]

    def converse(self, title: str, using: str, minutes: int) -> None:
        """Read and run until Ctrl-D, then undo or keep what was done."""
        keep: list[bool] = []
        with connections[using].cursor() as cursor:
            cursor.execute(PATIENCE)
        names: dict[str, Any] = {model.__name__: model for model in apps.get_models()}
        names["connection"] = connections[using]
        names["commit"] = partial(keep.append, True)
        banner = f"{title}\nUndone at the end unless you call commit(). Holds {minutes} minutes."
        with suppress(SystemExit):
            Console(names, using).interact(banner, exitmsg="")
        if not keep:
            transaction.set_rollback(True, using=using)
        self.stdout.write("Committed." if keep else "Undone.")
