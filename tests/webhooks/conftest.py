"""A source of events in a clinic, and how its sender delivers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.factories import World
from tests.factories.webhooks import signed_headers, source_of
from tests.webhooks.scene import Probe, ask
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

    def deliver(
        event_id: str = "evt_1", body: bytes = b'{"type": "x.y"}', *, to: Any = None, **changed: Any
    ) -> Any:
        content_type = changed.pop("content_type", "application/json")
        given = signed_headers(event_id, body) | changed.pop("headers", {})
        headers = {name: value for name, value in given.items() if value is not None}
        client = Client(raise_request_exception=False)
        address = f"/webhooks/{to or source.pk}/"
        return client.generic(
            "POST", address, body, content_type=content_type, headers=headers, **changed
        )

    return deliver


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
