"""What a person sees: one line for each step, and plain messages when something is wrong."""

import errno
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

DISK_FULL = "The disk is full. Make room, then run the same command again."


class SetupError(Exception):
    """Something a person has to mend; the text says what, and how, in a line or two."""


def supports_utf8(encoding: str | None) -> bool:
    return (encoding or "").lower().replace("-", "") == "utf8"


def plain(text: str, encoding: str | None) -> str:
    """text with its ornaments in ASCII where the terminal has no UTF-8."""
    if supports_utf8(encoding):
        return text
    for mark, ascii_mark in (("✓", "ok"), ("✗", "--"), ("…", "...")):
        text = text.replace(mark, ascii_mark)
    return text.encode("ascii", "replace").decode()


def say(text: str, *, end: str = "\n") -> None:
    print(plain(text, sys.stdout.encoding), end=end, flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Prints the step with its seconds once it is done (on a terminal also while it runs)."""
    started = time.monotonic()
    if sys.stdout.isatty():
        say(f"  {name} …", end="\r")
    yield
    say(f"✓ {name} … {time.monotonic() - started:.1f} s")


def interrupt_on_signals() -> None:
    """SIGTERM, and a terminal that closes, stop everything just as Ctrl-C does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup keeps its meaning
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def ignore_signals() -> None:
    """For the way out: a second Ctrl-C must not leave half of it running."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def os_trouble(error: OSError) -> str:
    """An operating system's error in words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}."


def run_main(main: Callable[[], int]) -> NoReturn:
    """Runs main and exits: its own code, 1 after a SetupError, 130 when interrupted early."""
    interrupt_on_signals()
    try:
        sys.exit(main())
    except SetupError as trouble:
        text = str(trouble)
    except KeyboardInterrupt:
        say("\nStopped.")
        sys.exit(130)
    except OSError as error:
        text = os_trouble(error)
    print(plain(f"✗ {text}", sys.stderr.encoding), file=sys.stderr)
    sys.exit(1)
