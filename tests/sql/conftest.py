"""Catalogue tests look as an administrator, in transactions that are rolled back."""

from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture(scope="module")
def line(admin_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(admin_url) as connection:
        yield connection


@pytest.fixture
def admin(line: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A superuser's connection to this worker's database; whatever it does is undone."""
    yield line
    line.rollback()
