"""Room for the frames of a test.

CPython 3.11 keeps frames in chunks of 16 kB and gives each back as soon as it is left. A request
calls as deeply as such a chunk ends: some 1,500 times a test it got and gave back one, which was a
seventh of the suite's Python. A frame that asks for more than a chunk gets the next power of two,
and what it calls has the rest.
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

import pytest
from _pytest.runner import pytest_runtest_protocol as run_test

HALF_A_MEGABYTE = 70_000  # in places of 8 bytes, of which none is touched


Function = TypeVar("Function", bound=Callable[..., Any])


def with_room(function: Function) -> Function:
    """The function, whose frame brings room for what it calls."""
    assert isinstance(function, FunctionType)
    function.__code__ = function.__code__.replace(co_stacksize=HALF_A_MEGABYTE)
    return function


@with_room
def run_with_room(item: pytest.Item, nextitem: pytest.Item | None) -> Any:
    return run_test(item, nextitem)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Any:
    return run_with_room(item, nextitem)
