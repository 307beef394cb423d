"""Catalogue tests look as an administrator, in transactions that are rolled back."""

from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture
def admin(admin_url: str) -> Iterator[psycopg.Connection]:
    """A superuser's connection to this worker's database; whatever it does is undone."""
    with psycopg.connect(admin_url) as connection:
        yield connection
        connection.rollback()
