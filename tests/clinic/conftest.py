"""What several modules of the admin's tests start from."""

from typing import Any

import pytest

from tests.adminrows import fill
from tests.factories import World, make_world


@pytest.fixture(scope="module")
def filled(django_db_setup: None) -> tuple[World, dict[str, Any]]:
    """A clinic with a row of everything, {model's name: id}: one for all tests of a module."""
    world = make_world()
    return world, fill(world)


@pytest.fixture
def rows(filled: tuple[World, dict[str, Any]]) -> dict[str, Any]:
    return filled[1]
