"""A clinic's key rotated online: `python -m bench.keys --values 1000000` on a migrated database.

While it runs, desks read and write encrypted numbers; halfway it is killed and started again. At
the end every value is decrypted and compared with what was written.
"""

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
import uuid
from typing import Any

import django
import psycopg

COLUMNS = ("nric_encrypted", "passport_number_encrypted", "chas_card_number_encrypted",
           "insurance_policy_number_encrypted")  # fmt: skip
BOUND = "app.bound_to(p.clinic_id, 'clinic.patients.{0}:' || p.id)"
KEYS = """
(select u from app.clinic_keys k join app.unlocked_keys u on u.key_id = k.id
 where k.clinic_id = %(clinic)s and k.purpose = 'data' and k.version = {0})
"""
CLINIC = """
insert into clinic.clinics (id, code, name, registration_number, address, postal_code, phone, email,
  time_zone, currency, country)
values (%s, %s, 'Bench', 'x', 'x', '1', '+6560000000', 'a@example.test', 'Asia/Singapore', 'SGD',
  'SG')
"""
PATIENTS = """
insert into clinic.patients (clinic_id, patient_number, full_name, date_of_birth, gender, phone,
  emergency_contact_phone)
select %s, 'B' || n, 'Patient ' || n, '1980-01-01', 'female', '', '' from generate_series(1, %s) n
"""
SEAL = "{0} = app.seal({keys}, 1, '{0}' || p.id, {bound})"
COUNT = """
select count(*) from clinic.patients p where clinic_id = %(clinic)s
  and app.unseal({keys}, app.sealed_bytes({0}), {bound}) in ('{0}' || p.id, 'again' || p.id)
"""
REVEAL = "select app.reveal_secret(%s, %s)"
SET = "select app.set_secret(%s, %s, %s)"


def fill(admin: Any, clinic: uuid.UUID, code: str, patients: int) -> list[uuid.UUID]:
    """A clinic with so many patients, four encrypted numbers each; the ids."""
    from clinic.encryption.keyring import unlock_clinic

    admin.execute(CLINIC, [clinic, code])
    unlock_clinic(clinic, make=True)
    admin.execute(PATIENTS, [clinic, patients])
    sealed = (SEAL.format(name, keys="$keys", bound=BOUND.format(name)) for name in COLUMNS)
    update = f"update clinic.patients p set {', '.join(sealed)} where clinic_id = %(clinic)s"
    admin.execute(update.replace("$keys", KEYS.format(1)), {"clinic": clinic})
    admin.execute("vacuum analyze clinic.patients")
    rows = admin.execute("select id from clinic.patients where clinic_id = %s", [clinic])
    return [pk for (pk,) in rows]


class Desk(threading.Thread):
    """Reads, and writes once in five, one number after another; keeps how long each took in ms."""

    def __init__(self, clinic: uuid.UUID, patients: list[uuid.UUID], seed: int) -> None:
        super().__init__(daemon=True)
        self.clinic, self.patients, self.rng = clinic, patients, random.Random(seed)
        self.stopped = threading.Event()
        self.reads: list[float] = []
        self.writes: list[float] = []
        self.wrong: list[str] = []

    def run(self) -> None:
        from clinic.tenancy.connections import connection_of

        with connection_of() as site:
            while not self.stopped.is_set():
                try:
                    self.once(site)
                except psycopg.Error as error:
                    self.wrong.append(f"{error.sqlstate} {error}")

    def once(self, site: Any) -> None:
        from clinic.tenancy.connections import inside

        patient, column = self.rng.choice(self.patients), self.rng.choice(COLUMNS)
        place, started = f"clinic.patients.{column}", time.perf_counter()
        writes = self.rng.random() < 0.2
        with inside(site, self.clinic, "staff", ""):
            if writes:
                site.execute(SET, [place, patient, f"again{patient}"])
            else:
                found = site.execute(REVEAL, [place, patient]).fetchone()[0]
                if found not in (f"{column}{patient}", f"again{patient}"):
                    self.wrong.append(f"{place} {patient}: {found}")
        took = 1000 * (time.perf_counter() - started)
        (self.writes if writes else self.reads).append(took)


def rotate(admin: Any, clinic: uuid.UUID, code: str, values: int, batch: int, kill: bool) -> float:
    """Seconds of `manage.py rotate_keys`, killed halfway and started again if it is to be."""
    command = [sys.executable, "manage.py", "rotate_keys", "--clinic", code, "--batch", str(batch)]
    started = time.monotonic()
    if kill:
        process = subprocess.Popen(command)
        while moved(admin, clinic) < values // 2:
            time.sleep(10)
        process.send_signal(signal.SIGKILL)
        process.wait()
        print(f"killed at {moved(admin, clinic):,}", flush=True)
    subprocess.run(command, check=True)
    return time.monotonic() - started


def moved(admin: Any, clinic: uuid.UUID) -> int:
    texts = ", ".join(
        f"count(*) filter (where left({c}, 8) = app.sealed_prefix(2))" for c in COLUMNS
    )
    query = f"select {texts} from clinic.patients where clinic_id = %s"
    return sum(admin.execute(query, [clinic]).fetchone())


def told(name: str, took: list[float]) -> str:
    cuts = statistics.quantiles(took, n=100)
    return f"{name}: {len(took):,}, p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.keys")
    parser.add_argument("--values", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=200)
    parser.add_argument("--desks", type=int, default=2)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

    clinic, code = uuid.uuid4(), f"BENCH{uuid.uuid4().hex[:8].upper()}"
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"], autocommit=True) as admin:
        started = time.monotonic()
        patients = fill(admin, clinic, code, options.values // len(COLUMNS))
        values = len(patients) * len(COLUMNS)
        print(f"filled {values:,} values in {time.monotonic() - started:.0f} s", flush=True)
        for quiet in (True, False):
            desks = [Desk(clinic, patients, seed) for seed in range(options.desks)]
            for desk in desks:
                desk.start()
            if quiet:
                time.sleep(10)
            else:
                took = rotate(admin, clinic, code, values, options.batch, kill=True)
                print(f"rotated in {took:.0f} s: {values / took:,.0f} values a second", flush=True)
            for desk in desks:
                desk.stopped.set()
                desk.join()
            print("before" if quiet else "during",
                  told("reads", [t for desk in desks for t in desk.reads]),
                  told("writes", [t for desk in desks for t in desk.writes]), sep="; ")  # fmt: skip
            print(f"wrong: {[text for desk in desks for text in desk.wrong]}", flush=True)
        counts = [
            row[0]
            for name in COLUMNS
            for row in admin.execute(
                COUNT.format(name, keys=KEYS.format(2), bound=BOUND.format(name)),
                {"clinic": clinic},
            )
        ]
    print(f"readable with the new key: {sum(counts):,} of {values:,}")


if __name__ == "__main__":
    main()
