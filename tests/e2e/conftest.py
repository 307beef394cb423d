"""A real browser on a real server: gunicorn as in production, on this worker's own database."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.scene import Scene, make_scene
from tools.test import BROWSERS

# Playwright keeps an event loop in this thread; our ORM calls still are what they seem.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
ROOT = Path(__file__).resolve().parents[2]
# Milliseconds on a machine that is busy with something else; a quick one never waits for them.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
# In the others the lists under the address bar are two pages of scripts in each context: half a
# second of work.
# Naming a feature replaces those that Playwright switches off, hence they are here again.
NO_FEATURES = [
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades",
    "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints",
    "PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning",
]  # fmt: skip
FLAGS = ["--no-sandbox", f"--disable-features={','.join(NO_FEATURES)}"]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_until_up(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/login/", timeout=5).close()  # noqa: S310
            return
        except OSError:  # refused, reset, or slower than the timeout on a busy machine
            time.sleep(0.1)
    raise RuntimeError(f"the site did not answer at {url}; its exit code is {process.poll()}")


@pytest.fixture(scope="session")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the running site."""
    folder = tmp_path_factory.mktemp("site")
    port = free_port()
    values = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.e2e.settings",
        "ROWAN_TEST_SETTINGS": os.environ["DJANGO_SETTINGS_MODULE"],
        "ROWAN_TEST_STATIC": str(folder / "static"),
        "ALLOWED_HOSTS": "127.0.0.1",
    }
    python = [sys.executable, "-m"]
    subprocess.run(
        [*python, "django", "collectstatic", "--noinput", "-v0"], cwd=ROOT, env=values, check=True
    )
    command = ["gunicorn", "config.wsgi", "-b", f"127.0.0.1:{port}", "--threads", "4"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*python, *command, "--no-control-socket"], cwd=ROOT, env=values, stdout=log, stderr=log
        )
        try:
            wait_until_up(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Trouble:
    """What a page complained of: script errors, console errors, breaches of the CSP."""

    def __init__(self, context: BrowserContext) -> None:
        self.seen: list[str] = []
        self.expected: tuple[str, ...] = ()
        context.on("weberror", lambda error: self.seen.append(str(error.error)))
        context.on("console", lambda m: self.seen.append(m.text) if m.type == "error" else None)

    def expect(self, *statuses: int) -> None:
        """Chromium writes a line for each 4xx answer: these are wanted."""
        self.expected = tuple(f"status of {status} " for status in statuses)

    def unexpected(self) -> list[str]:
        return [text for text in self.seen if not any(line in text for line in self.expected)]


@pytest.fixture
def scene() -> Scene:
    """A clinic with five doctors and a full day tomorrow."""
    return make_scene()


class Profile:
    """A browser context with its cache, taken by one test after the other; nobody is signed in."""

    def __init__(self, browser: Browser, server: str, **options: Any) -> None:
        self.context = browser.new_context(
            base_url=server, locale="en-GB", timezone_id="Europe/Lisbon", **options
        )
        self.context.set_default_timeout(PATIENCE)
        self.trouble = Trouble(self.context)
        self.keeper = self.context.new_page()
        self.keeper.goto("/login/")

    def leave(self) -> None:
        """Forget the test: its pages, its cookies and what its pages have stored."""
        for page in self.context.pages:
            if page is not self.keeper:
                page.close()
        self.context.clear_cookies()
        self.keeper.evaluate("localStorage.clear()")


@pytest.fixture(scope="session")
def profiles() -> dict[Any, list[Profile]]:
    """Those that no test has, by their options."""
    return defaultdict(list)


@pytest.fixture
def visit(
    server: str, browser: Browser, login: Any, profiles: dict[Any, list[Profile]]
) -> Iterator[Callable[..., Page]]:
    """visit(user) -> a page signed in as user; page.trouble must end empty but for the expected.

    With fresh=True in a profile of its own, which nothing is kept of.
    """
    taken: list[tuple[Any, Profile]] = []

    def open_page(
        user: Any = None, *, size: tuple[int, int] = (1440, 900), fresh: bool = False, **more: Any
    ) -> Page:
        key = None if fresh else tuple(sorted(more.items()))
        free = profiles[key]
        profile = free.pop() if free else Profile(browser, server, **more)
        taken.append((key, profile))
        profile.trouble.seen, profile.trouble.expected = [], ()
        if user:
            cookie = login(user).cookies[settings.SESSION_COOKIE_NAME]
            profile.context.add_cookies(
                [{"name": cookie.key, "value": cookie.value, "url": server}]
            )
        page = profile.context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.trouble = profile.trouble  # type: ignore[attr-defined]
        return page

    yield open_page
    troubles = [trouble for _, profile in taken for trouble in profile.trouble.unexpected()]
    for key, profile in taken:
        profile.leave()
        if key is None:
            profile.context.close()
        else:
            profiles[key].append(profile)
    assert troubles == []
