"""What an administrator does once: roles per cluster, extensions and rights per database."""

from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from config.sqlfiles import SQL_DIR

LOGINS = {"clinic_app": "DATABASE_URL", "clinic_migrator": "MIGRATION_DATABASE_URL"}


def on_database(url: str, name: str) -> str:
    """The same server and login, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def database_name(url: str) -> str:
    return urlsplit(url).path.lstrip("/")


def create_database(admin_url: str, name: str, *, template: str = "template0") -> bool:
    """Create a database in UTF-8 unless it is there; returns whether it is new."""
    with psycopg.connect(on_database(admin_url, "postgres"), autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            return False
        connection.execute(
            sql.SQL("create database {} template {} encoding 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return True


def create_roles(admin_url: str, passwords: dict[str, str]) -> None:
    """Every role of Rowan; the two logins get their passwords as SCRAM verifiers."""
    with psycopg.connect(on_database(admin_url, "postgres")) as connection:
        connection.execute((SQL_DIR / "bootstrap/roles.sql").read_text())
        for role, password in passwords.items():
            verifier = connection.pgconn.encrypt_password(
                password.encode(), role.encode(), b"scram-sha-256"
            )
            connection.execute(
                sql.SQL("alter role {} login password {}").format(
                    sql.Identifier(role), sql.Literal(verifier.decode())
                )
            )


def prepare_database(admin_url: str, name: str) -> None:
    """Extensions and database rights. Run it on every copy too: a copy loses its rights."""
    with psycopg.connect(on_database(admin_url, name)) as connection:
        connection.execute((SQL_DIR / "bootstrap/database.sql").read_text())
