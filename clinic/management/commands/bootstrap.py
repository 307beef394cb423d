from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from django.core.management.base import BaseCommand, CommandError
from environ import Env

from clinic.bootstrap import LOGINS, create_database, create_roles, database_name, prepare_database


class Command(BaseCommand):
    help = (
        "Create roles, the database and extensions with ADMIN_DATABASE_URL. Safe to run again;"
        " the passwords of clinic_app and clinic_migrator become those of their URLs."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        env = Env()
        admin_url = env.str("ADMIN_DATABASE_URL", default="")
        if not admin_url:
            raise CommandError("Set ADMIN_DATABASE_URL to a superuser's postgres:// address.")
        urls = {role: urlsplit(env.str(name)) for role, name in LOGINS.items()}
        for role, url in urls.items():
            if url.username != role or not url.password:
                raise CommandError(f"{LOGINS[role]} must log in as {role}, with a password.")
        name = database_name(env.str("DATABASE_URL"))
        try:
            create_roles(admin_url, {r: unquote(u.password or "") for r, u in urls.items()})
            created = create_database(admin_url, name)
            prepare_database(admin_url, name)
        except psycopg.Error as error:
            raise CommandError(f"Bootstrap failed: {error}") from error
        self.stdout.write(f"Roles are ready; database {name} {'created' if created else 'kept'}.")
