"""make bench ARGS="harness --rounds 40 --attempts 2000": races and faults, then figures."""

import argparse
import json
import os
import sys
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import django

from tests.harness.proxy import Proxy


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='make bench ARGS="harness …"')
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--attempts", type=int, default=2000, help="of all rounds together")
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--share", type=float, default=0.3, help="of attempts that meet a fault")
    parser.add_argument("--each", type=int, default=0, help="so many more of each fault, alone")
    parser.add_argument("--kills", type=int, default=0, help="of clients, at each of three points")
    parser.add_argument("--restarts", type=int, default=0, help="and kills of a backend, each;"
                        " only on a server of our own")  # fmt: skip
    return parser.parse_args()


def through(proxy: Proxy, url: str) -> None:
    """The site's address leads through the proxy from here on; Django is not set up yet."""
    parts = urlsplit(url)
    login = parts.netloc.rpartition("@")[0]
    os.environ["DIRECT_DATABASE_URL"] = url
    os.environ["DATABASE_URL"] = parts._replace(netloc=f"{login}@127.0.0.1:{proxy.port}").geturl()
    os.environ["DATABASE_POOL"] = "false"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main() -> int:
    chosen, url = options(), os.environ["DATABASE_URL"]
    parts = urlsplit(url)
    with Proxy(parts.hostname or "127.0.0.1", parts.port or 5432) as proxy:
        through(proxy, url)
        django.setup()
        figures = run(chosen, proxy)
    print(json.dumps(vars(figures), sort_keys=True))
    return 1 if figures.broken or figures.gave_up else 0


def run(chosen: argparse.Namespace, proxy: Proxy) -> Any:
    from tests.harness.faults import Faults
    from tests.harness.rounds import FAULTS, Figures, Round

    faults, figures = Faults(proxy, os.environ["ADMIN_DATABASE_URL"]), Figures()
    for number in range(chosen.rounds):
        Round(faults, figures, chosen.share).run(
            attempts=chosen.attempts // chosen.rounds, workers=chosen.workers
        )
        progress(f"round {number + 1} of {chosen.rounds}", figures)
    for name in FAULTS if chosen.each else ():
        wanted = figures.injected[name] + chosen.each
        # Most of what is cancelled was booked first, by attempts that nothing happens to.
        share = 0.3 if name == "deadlock" else 1
        while figures.injected[name] < wanted:
            Round(faults, figures, share, {name: 1}).run(attempts=40, workers=8)
        progress(name, figures)
    if chosen.kills:
        kills(chosen.kills, proxy, faults, figures)
    if chosen.restarts:
        restarts(chosen, faults, figures)
    return figures


def kills(count: int, proxy: Proxy, faults: Any, figures: Any) -> None:
    from tests.harness.killed import POINTS, Mortals
    from tests.harness.rounds import Round

    mortals = Mortals(proxy)
    try:
        for name in POINTS:
            wanted = figures.injected[name] + count
            while figures.injected[name] < wanted:
                each = Round(faults, figures, 0)
                for _ in range(min(12, wanted - figures.injected[name])):
                    mortals.kill(name, each, each.wish())
                each.finish()
            progress(name, figures)
    finally:
        mortals.close()


def restarts(chosen: argparse.Namespace, faults: Any, figures: Any) -> None:
    """In the middle of a storm, from a thread beside it."""
    from django.db import connections

    from tests.harness.rounds import Round
    from tests.harness.server import kill_backend, own_cluster, restart

    cluster = own_cluster(faults.admin_url)
    if cluster is None:
        raise SystemExit("--restarts wants the server that make bench starts")
    for name in ("server restarted", "backend killed") * chosen.restarts:
        storm = Round(faults, figures, 0)

        def strike(name: str = name) -> None:
            time.sleep(0.4)
            if name == "server restarted":
                restart(cluster)
            else:
                kill_backend(faults.admin_url)
            figures.injected[name] += 1

        beside = threading.Thread(target=strike)
        beside.start()
        storm.storm(attempts=30 * chosen.workers, workers=chosen.workers)
        beside.join()
        connections.close_all()  # they died with the server
        storm.finish()
        progress(name, figures)


def progress(what: str, figures: Any) -> None:
    broken = dict(figures.broken) or "nothing broken"
    print(f"{time.strftime('%H:%M:%S')} {what}: {figures.attempts} attempts, {broken}",
          file=sys.stderr, flush=True)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
