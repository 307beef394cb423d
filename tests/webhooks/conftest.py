"""A source of events in a clinic, and how its sender delivers."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.factories import World
from tests.factories.webhooks import source_of
from tests.webhooks.scene import Probe, ask, deliver
from webhooks import handlers
from webhooks.models import Source

Send = Callable[..., Any]


@pytest.fixture
def source(world: World) -> Source:
    with world.as_owner():
        return source_of(world.clinic)


@pytest.fixture
def send(source: Source) -> Send:
    """send(event_id, body, **headers) -> the response; headers replace what would be sent."""
    return partial(deliver, source.pk)


@pytest.fixture
def no_events() -> None:
    """Events of other tests are done with: a claim takes those of every clinic."""
    ask("delete from clinic.webhook_events")


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Probe:
    """probe(handler) makes it the handler of test.probe."""

    def use(handler: Any) -> None:
        monkeypatch.setitem(handlers.HANDLERS, "test.probe", handler)

    return use
