"""Booking throughput: the guarded procedure against a bare claim-and-insert, in one run."""

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.fill import SQL, sign_contexts
from tools.binaries import candidates


@dataclass(frozen=True, slots=True)
class Rate:
    """Transactions per second, and the 95th percentile in milliseconds."""

    tps: float
    p95: float


def program(name: str) -> str:
    """A program of the PostgreSQL that the tools would run."""
    found = (folder / name for folder in candidates(os.environ))
    return str(next((path for path in found if path.exists()), name))


CLIENTS = (1, 4, 16, 64)
WARM_SECONDS = 3


def pgbench(script: Path, *options: str, clients: int, seconds: int, log: Path) -> Rate:
    """Run a script as the site's own login; what counts is transactions.

    Statements are prepared, as a busy client's are. The first seconds are left out: a new
    connection compiles and plans what a pooled one has at hand.
    """
    for old in log.parent.glob(f"{log.name}*"):
        old.unlink()
    command = [
        program("pgbench"), "-n", "-M", "prepared", "-f", str(script), "-c", str(clients),
        "-j", "2", "-T", str(WARM_SECONDS + seconds), "-l", f"--log-prefix={log}", *options,
        os.environ["DATABASE_URL"],
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or "ERROR" in done.stderr:
        raise RuntimeError(done.stdout + done.stderr[:2000])
    times = warm_latencies(log)
    return Rate(len(times) / seconds, times[int(len(times) * 0.95)])


def warm_latencies(log: Path) -> list[float]:
    """The latencies that pgbench logged once its connections were warm, sorted, in milliseconds."""
    rows = [
        (int(epoch) + int(micro) / 1e6, int(latency) / 1000)
        for part in log.parent.glob(f"{log.name}*")
        for _, _, latency, _, epoch, micro, *_ in map(str.split, part.read_text().splitlines())
    ]
    start = min(end - latency / 1000 for end, latency in rows) + WARM_SECONDS
    return sorted(latency for end, latency in rows if end >= start)


def book(
    script: str,
    *,
    clients: int,
    seconds: int,
    log: Path,
    source: str,
    offset: int = 0,
    rate: int = 0,
) -> Rate:
    """Run a script of bench/sql on the slots that the table source names, from offset on.

    rate is how many a second to try, 0 for as many as go. Late starts count as waiting.
    """
    text = log.parent / script
    text.write_text((SQL / script).read_text().replace(":source", source))
    options = ["-Di=-1", f"-Dclients={clients}", f"-Doffset={offset}"]
    if rate:
        options.append(f"-R{rate}")
    return pgbench(text, *options, clients=clients, seconds=seconds, log=log)


def run(*, clinics: int, seconds: int, log: Path) -> None:
    """Prints bookings a second, bare and guarded, and what a storm in one clinic does."""
    spread = compared("spread over all clinics", "todo", clinics=clinics, seconds=seconds, log=log)
    hot = compared("all in one clinic", "hot", clinics=clinics, seconds=seconds, log=log)
    most = CLIENTS[-1]
    print(f"one hot clinic at {most} clients: {hot[most].tps / spread[most].tps:.2f} of the spread")
    sign_contexts(clinics=clinics)
    neighbour(seconds=seconds * 5, log=log)
    for clients in CLIENTS:
        rate = book("refused.pgbench", clients=clients, seconds=seconds, log=log, source="hot")
        print(
            f"refusals of a taken slot, {clients} clients: {rate.tps:.0f}/s, p95 {rate.p95:.1f} ms"
        )


def compared(title: str, source: str, *, clinics: int, seconds: int, log: Path) -> dict[int, Rate]:
    """Prints both functions side by side; returns {clients: rate of the guarded one}."""
    offset = {"bare": 0, "guarded": 0}
    found = {}
    print(f"\nBookings a second, {title} (one call, one transaction)")
    print(" clients      bare   guarded  ratio  p95 bare  p95 guarded")
    for clients in CLIENTS:
        sign_contexts(clinics=clinics)
        rates = {}
        for name in offset:
            rates[name] = rate = book(
                f"{name}.pgbench", clients=clients, seconds=seconds, log=log, source=source,
                offset=offset[name],
            )  # fmt: skip
            offset[name] += int(rate.tps * (WARM_SECONDS + seconds) * 1.2) + 100
            # Past the end a transaction that books nothing would count.
            assert offset[name] < places(source), f"{source} has too few slots for {name}"
        bare, guarded = rates["bare"], rates["guarded"]
        found[clients] = guarded
        print(
            f"{clients:>8} {bare.tps:>9.0f} {guarded.tps:>9.0f} {guarded.tps / bare.tps:>6.2f}"
            f" {bare.p95:>7.1f}ms {guarded.p95:>10.1f}ms",
            flush=True,
        )
    return found


def places(source: str) -> int:
    """How many slots a table of bench names."""
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"]) as admin:
        found = admin.execute(f"select count(*) from bench.{source}").fetchall()
    return int(found[0][0])


def neighbour(*, seconds: int, log: Path, calm: int = 3) -> None:
    """Prints what a clinic notices of another one that books a hundred times as much."""
    quiet = book("guarded.pgbench", clients=1, seconds=seconds, log=log, source="calm", rate=calm)
    storm_log = log.parent / "storm" / log.name
    storm_log.parent.mkdir()
    with ThreadPoolExecutor(1) as thread:
        storm = thread.submit(
            book, "guarded.pgbench", clients=8, seconds=seconds + 2, log=storm_log,
            source="storm", rate=100 * calm,
        )  # fmt: skip
        time.sleep(1)
        beside = book(
            "guarded.pgbench", clients=1, seconds=seconds, log=log, source="calm", rate=calm,
            offset=calm * (WARM_SECONDS + seconds) * 2,
        )  # fmt: skip
        storm.result()
    print(
        f"{calm} bookings a second in one clinic: p95 {quiet.p95:.1f} ms alone, {beside.p95:.1f} ms"
        f" beside {100 * calm} a second in another: {beside.p95 / quiet.p95:.2f} times"
    )
