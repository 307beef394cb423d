"""Booking throughput: the guarded procedure against a bare claim-and-insert, in one run."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

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
    script: str, *, clients: int, seconds: int, log: Path, source: str = "todo", offset: int = 0
) -> Rate:
    """Run a script of bench/sql as the site's own login; bookings are counted by transactions.

    Statements are prepared, as a busy client's are; source is the table that names the slots.
    """
    for old in log.parent.glob(f"{log.name}*"):
        old.unlink()
    text = log.parent / script
    text.write_text((SQL / script).read_text().replace(":source", source))
    command = [
        program("pgbench"), "-n", "-M", "prepared", "-f", str(text), "-c", str(clients),
        "-j", "2", "-T", str(seconds), "-l", f"--log-prefix={log}", "-Di=-1",
        f"-Dclients={clients}", f"-Doffset={offset}", os.environ["DATABASE_URL"],
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


def run(*, clinics: int, seconds: int, log: Path) -> None:
    """Prints bookings a second, bare and guarded, at 1, 4, 16 and 64 clients."""
    offset = {"bare": 0, "guarded": 0}
    print("\nBookings a second, spread over all clinics (one call, one transaction)")
    print(" clients      bare   guarded  ratio  p95 bare  p95 guarded")
    spread = {}
    for clients in (1, 4, 16, 64):
        sign_contexts(clinics=clinics)
        rates = {}
        for name in ("bare", "guarded"):
            rate = pgbench(
                f"{name}.pgbench", clients=clients, seconds=seconds, log=log,
                offset=offset[name],
            )  # fmt: skip
            offset[name] += int(rate.tps * seconds * 1.2) + 100
            rates[name] = rate
        bare, guarded = rates["bare"], rates["guarded"]
        spread[clients] = guarded
        print(
            f"{clients:>8} {bare.tps:>9.0f} {guarded.tps:>9.0f} {guarded.tps / bare.tps:>6.2f}"
            f" {bare.p95:>7.1f}ms {guarded.p95:>10.1f}ms",
            flush=True,
        )
    hot = pgbench("guarded.pgbench", clients=64, seconds=seconds, log=log, source="hot")
    print(
        f"one hot clinic, 64 clients: {hot.tps:.0f}/s, p95 {hot.p95:.0f} ms,"
        f" {hot.tps / spread[64].tps:.2f} of the same load spread out"
    )
    refused = pgbench("refused.pgbench", clients=64, seconds=seconds, log=log)
    print(f"refusals, 64 clients on one taken slot: {refused.tps:.0f}/s, p95 {refused.p95:.1f} ms")
