"""make demo: from a bare tree to a running site, and the same again in seconds."""

import datetime
import json
import os
import shutil
from collections.abc import Mapping
from typing import Any

from tools import env, stamps, venv
from tools.console import SetupError, ignore_signals, run_main, say, step
from tools.paths import DEMO_JSON, DOTENV, LOCAL, PYTHON, ROOT
from tools.postgres import Cluster, port_is_free
from tools.prepare import SCHEMA, manage
from tools.processes import only_one, run_logged
from tools.serve import Database, Part, Watch, server, wait_until_ready, worker

CLUSTER = LOCAL / "postgres"
SEEDED = CLUSTER / "seeded.stamp"
SEEDS = (*SCHEMA, "demo/**/*.py", "booking/tasks.py", "*/management/commands/seed_system.py")
STATIC = ("static/**/*", "*/static/**/*", "config/settings.py", "requirements.txt")
# The first start installs packages; later ones only need room for the database to work.
FIRST_MB, LATER_MB = 500, 50


def main() -> int:
    advice = "Stop it with Ctrl-C there; .local/demo.json has its address."
    with only_one("make demo", advice):
        port = check_machine()
        venv.ensure("requirements.txt")
        chosen = env.chosen_server(os.environ, env.read(DOTENV))
        cluster = None if chosen else Cluster(CLUSTER, durable=True)
        parts: list[Part] = [] if cluster is None else [Database(cluster)]
        try:
            values = settings(cluster, chosen or {}, f"http://127.0.0.1:{port}")
            fill_database(values, cluster)
            collect_static(values)
            serve(port, values, parts)
        except KeyboardInterrupt:
            say("\nStopping.")
        finally:
            ignore_signals()
            for part in reversed(parts):
                part.stop()
    return 0


def check_machine() -> int:
    """The port to serve on, once it is free, and the disk has room."""
    wish = os.environ.get("PORT") or "8000"
    if not wish.isdecimal() or not 0 < int(wish) < 65536:
        raise SetupError(f"PORT is {wish!r}: it must be a number from 1 to 65535.")
    if not port_is_free(int(wish)):
        raise SetupError(port_taken(int(wish)))
    check_room()
    return int(wish)


def check_room() -> None:
    needed = LATER_MB if DEMO_JSON.exists() else FIRST_MB
    free = min(shutil.disk_usage(place).free for place in (ROOT, LOCAL)) // 2**20
    if free < needed:
        raise SetupError(
            f"The disk is nearly full: {free} MB free, and {needed} MB are needed. "
            "Make room, then run make demo again."
        )


def port_taken(port: int) -> str:
    other = port + 1 if port < 65535 else port - 1
    return (
        f"Port {port} is in use, or not ours to use. "
        f"Stop what uses it, or take another: make demo PORT={other}"
    )


def settings(cluster: Cluster | None, chosen: env.Values, url: str) -> env.Values:
    """The site's environment, with what was missing written to .env; our cluster is started."""
    if cluster is not None:
        with step("PostgreSQL"):
            cluster.start()
        keep_keys()
    values = env.add_missing(DOTENV, env.fresh("development"), os.environ)
    if cluster is not None:
        chosen = env.own_urls(DOTENV, cluster.url("rowan"))
    return env.merged(values | chosen) | chosen | {"DEMO_URL": url}


def keep_keys() -> None:
    """Refuses to put fresh keys beside data that only the lost ones can read."""
    lost = "FIELD_ENCRYPTION_KEYS"
    known = env.read(DOTENV).get(lost) or os.environ.get(lost)
    if SEEDED.exists() and not known:
        raise SetupError(
            f"{lost} is gone from .env, and with it what the demo database holds encrypted.\n"
            "Put it back, or forget the data with: make reset"
        )


def fill_database(values: env.Values, cluster: Cluster | None) -> None:
    """Roles, tables and demo data; what stamps in our cluster's folder show as done is skipped."""
    today = datetime.date.today().isoformat()
    keys = [values[name] for name in ("FIELD_ENCRYPTION_KEYS", "CONTEXT_SIGNING_KEYS")]
    value = stamps.fingerprint(ROOT, SEEDS, today, *keys)
    if not (cluster and DEMO_JSON.exists() and stamps.is_current(SEEDED, value)):
        manage(values, "bootstrap")
        manage(values, "migrate")
        if cluster and SEEDED.exists():
            warn_of_drift(values)
        manage(values, "seed_system")
        manage(values, "seed_demo")
        if cluster:
            stamps.put(SEEDED, value)
        elif SEEDED.exists():
            stamps.put(SEEDED, "")  # demo.json now tells of the other server
    refresh_demo_json(values)


def warn_of_drift(values: Mapping[str, str]) -> None:
    """A migration that was edited after it ran here does not run again; a person has to know."""
    try:
        run_logged("manage.py checksql", [PYTHON, "manage.py", "checksql"], values)
    except SetupError:
        say("The demo database is not as the tree declares it (manage.py checksql tells where).")
        say("make reset, then make demo, makes it anew.")


def refresh_demo_json(values: Mapping[str, str]) -> None:
    """Tells scripts where the demo is today; the rest of the file is seed_demo's."""
    demo = json.loads(DEMO_JSON.read_text())
    path = demo["webhook"]["url"].removeprefix(demo["url"])
    now = {
        "url": values["DEMO_URL"],
        "webhook": demo["webhook"] | {"url": values["DEMO_URL"] + path},
        "database_url": values[env.SITE],
        "admin_database_url": values[env.ADMINISTRATOR],
    }
    env.write(DEMO_JSON, json.dumps(demo | now, indent=2) + "\n")


def collect_static(values: Mapping[str, str]) -> None:
    stamp = LOCAL / "static.stamp"
    value = stamps.fingerprint(ROOT, STATIC)
    if (ROOT / "staticfiles").exists() and stamps.is_current(stamp, value):
        return
    stamp.unlink(missing_ok=True)
    manage(values, "collectstatic", "--noinput", "--clear", name="static files")
    stamps.put(stamp, value)


def serve(port: int, values: Mapping[str, str], parts: list[Part]) -> None:
    """Starts the site and its worker beside the parts that run, and watches all of them."""
    served = {n: v for n, v in values.items() if n != env.ADMINISTRATOR} | {"ENV_FILE": os.devnull}
    with step("site"):
        for child in (server(port, served), worker(served)):
            child.start()
            parts.append(child)
        wait_until_ready(values["DEMO_URL"], parts)
    introduce(json.loads(DEMO_JSON.read_text()))
    Watch(parts).forever()


def introduce(demo: Mapping[str, Any]) -> None:
    """Prints where the demo is and who can log in."""
    say(f"\nRowan is at {demo['url']}/ (front desk) and {demo['url']}/admin/\n")
    for account in sorted(demo["accounts"], key=lambda each: str(each["clinic_code"])):
        who = f"{account['email']:<36} {account['password']:<20}"
        say(f"  {account['clinic_code'] or '':<10} {account['role']:<12} {who}")
    say("\nLogs are in .local/log/. Ctrl-C stops all of it; the data stays.")


if __name__ == "__main__":
    run_main(main)
