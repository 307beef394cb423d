"""Databases of a server: looked up, dropped. Run by .venv's Python, for it needs psycopg.

ADMIN_DATABASE_URL=… python -m tools.databases exists|drop
"""

import os
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[object, ...]]


def named(connection: Connection, name: str) -> list[str]:
    """The database of that name, and the copies that test runs made of it."""
    rows = connection.execute(
        "select datname from pg_database where datname = %s or starts_with(datname, %s)",
        [name, f"{name}_"],
    )
    return [str(row[0]) for row in rows]


def drop(connection: Connection, name: str) -> None:
    for each in named(connection, name):
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(each)))


def main(verb: str) -> int:
    url = urlsplit(os.environ["ADMIN_DATABASE_URL"])
    name = url.path.lstrip("/")
    server = urlunsplit(url._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True, connect_timeout=10) as connection:
        if verb == "exists":
            return 0 if name in named(connection, name) else 1
        drop(connection, name)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except psycopg.Error as error:
        sys.exit(str(error).splitlines()[0])
