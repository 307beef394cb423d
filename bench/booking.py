"""Booking throughput: the guarded procedure against a bare claim-and-insert, in one run."""

import os
import re
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


def pgbench(
    script: str,
    *,
    clients: int,
    seconds: int,
    log: Path,
    source: str,
    offset: int = 0,
    rate: int = 0,
) -> Rate:
    """Run a script of bench/sql as the site's own login; bookings are counted by transactions.

    Statements are prepared, as a busy client's are; source is the table that names the slots; rate
    is how many a second to try, 0 for as many as go. Late starts count as waiting.
    """
    for old in log.parent.glob(f"{log.name}*"):
        old.unlink()
    text = log.parent / script
    text.write_text((SQL / script).read_text().replace(":source", source))
    command = [
        program("pgbench"), "-n", "-M", "prepared", "-f", str(text), "-c", str(clients),
        "-j", "2", "-T", str(seconds), "-l", f"--log-prefix={log}", "-Di=-1",
        f"-Dclients={clients}", f"-Doffset={offset}", *([f"-R{rate}"] if rate else []),
        os.environ["DATABASE_URL"],
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    tps = re.search(r"tps = ([\d.]+)", done.stdout)
    if not tps or done.returncode or "ERROR" in done.stderr:
        raise RuntimeError(done.stdout + done.stderr[:2000])
    return Rate(float(tps[1]), percentile(log))


def percentile(log: Path) -> float:
    """The 95th percentile of the latencies that pgbench logged (third column, microseconds)."""
    times = sorted(
        int(line.split()[2])
        for part in log.parent.glob(f"{log.name}*")
        for line in part.read_text().splitlines()
    )
    return times[int(len(times) * 0.95)] / 1000


CLIENTS = (1, 4, 16, 64)


def run(*, clinics: int, seconds: int, log: Path) -> None:
    """Prints bookings a second, bare and guarded, and what a storm in one clinic does."""
    spread = compared("spread over all clinics", "todo", clinics=clinics, seconds=seconds, log=log)
    hot = compared("all in one clinic", "hot", clinics=clinics, seconds=seconds, log=log)
    most = CLIENTS[-1]
    print(f"one hot clinic at {most} clients: {hot[most].tps / spread[most].tps:.2f} of the spread")
    sign_contexts(clinics=clinics)
    neighbour(seconds=seconds * 5, log=log)
    refused = pgbench("refused.pgbench", clients=most, seconds=seconds, log=log, source="hot")
    print(f"refusals, {most} clients, a taken slot: {refused.tps:.0f}/s, p95 {refused.p95:.1f} ms")


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
            rates[name] = rate = pgbench(
                f"{name}.pgbench", clients=clients, seconds=seconds, log=log, source=source,
                offset=offset[name],
            )  # fmt: skip
            offset[name] += int(rate.tps * seconds * 1.2) + 100
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
    quiet = pgbench(
        "guarded.pgbench", clients=1, seconds=seconds, log=log, source="calm", rate=calm
    )
    storm_log = log.parent / "storm" / log.name
    storm_log.parent.mkdir()
    with ThreadPoolExecutor(1) as thread:
        storm = thread.submit(
            pgbench, "guarded.pgbench", clients=8, seconds=seconds + 2, log=storm_log,
            source="storm", rate=100 * calm,
        )  # fmt: skip
        time.sleep(1)
        beside = pgbench(
            "guarded.pgbench", clients=1, seconds=seconds, log=log, source="calm", rate=calm,
            offset=calm * seconds * 2,
        )  # fmt: skip
        storm.result()
    print(
        f"{calm} bookings a second in one clinic: p95 {quiet.p95:.1f} ms alone, {beside.p95:.1f} ms"
        f" beside {100 * calm} a second in another: {beside.p95 / quiet.p95:.2f} times"
    )
