"""The site's connections with other settings, for as long as a test lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections


@contextmanager
def site_with(**changed: Any) -> Iterator[None]:
    """The default alias with other settings, for every thread."""
    config: Any = connections.settings["default"]
    before = dict(config)
    forget_connections()
    config.update(changed)
    try:
        yield
    finally:
        forget_connections()
        config.clear()
        config.update(before)


def forget_connections() -> None:
    site: Any = connections["default"]
    site.close()
    site.close_pool()
    del connections["default"]


def options(**pool: Any) -> dict[str, Any]:
    kept = {k: v for k, v in connections.settings["default"]["OPTIONS"].items() if k != "pool"}
    return kept | ({"pool": pool} if pool else {})
