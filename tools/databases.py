"""Databases of a server: made, made anew, looked up. Run by .venv's Python, for it needs psycopg.

ADMIN_DATABASE_URL=… python -m tools.databases exists|ensure|recreate
"""

import os
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


def exists(connection: "psycopg.Connection[tuple[object, ...]]", name: str) -> bool:
    return bool(connection.execute("select from pg_database where datname = %s", [name]).rowcount)


def create(connection: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    statement = sql.SQL("create database {} encoding 'UTF8' template template0")
    connection.execute(statement.format(sql.Identifier(name)))


def drop(connection: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    """Drops the database and the copies that test runs made of it."""
    copies = connection.execute(
        "select datname from pg_database where datname = %s or starts_with(datname, %s)",
        [name, f"{name}_"],
    )
    for (each,) in copies.fetchall():
        statement = sql.SQL("drop database {} with (force)")
        connection.execute(statement.format(sql.Identifier(str(each))))


def main(verb: str) -> int:
    url = urlsplit(os.environ["ADMIN_DATABASE_URL"])
    name = url.path.lstrip("/")
    server = urlunsplit(url._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True, connect_timeout=10) as connection:
        if verb == "exists":
            return 0 if exists(connection, name) else 1
        if verb == "recreate":
            drop(connection, name)
        if not exists(connection, name):
            create(connection, name)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except psycopg.Error as error:
        sys.exit(f"{str(error).splitlines()[0]}")
