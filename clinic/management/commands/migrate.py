from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from clinic.encryption.keyring import unlock_all
from clinic.tenancy.keys import sync_context_keys


class Command(migrate.Command):
    help = migrate.Command.help + " Runs as clinic_migrator, whatever the site's own login is."

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> Any:
        result = super().handle(*args, **options)
        if not options["plan"] and not options["check_unapplied"]:
            self.after_migrating(options["database"])
        return result

    def after_migrating(self, using: str) -> None:
        """Keys and partitions belong to a deploy; after `migrate clinic zero` there are none."""
        with connections[using].cursor() as cursor:
            cursor.execute(
                "select to_regclass('app.context_keys') is not null,"
                " to_regprocedure('audit.ensure_partitions(int)') is not null,"
                " to_regprocedure('app.destroy_keys(text)') is not null"
            )
            has_keys, has_partitions, encrypts = cursor.fetchone()
            if has_partitions:
                cursor.execute("select audit.ensure_partitions(3)")
        if has_keys:
            sync_context_keys(using)
        if encrypts:
            unlock_all(make=True)
