"""make reset: forgets the demo's database. What .env holds stays, and so does any other server."""

from tools.console import run_main, say
from tools.demo import CLUSTER
from tools.paths import DEMO_JSON
from tools.postgres import Cluster
from tools.processes import only_one
from tools.runas import remove


def main() -> int:
    with only_one("make demo", "Stop it with Ctrl-C first, then: make reset"):
        Cluster(CLUSTER, durable=True).stop()
        remove(CLUSTER)
        DEMO_JSON.unlink(missing_ok=True)
        say("The demo database is forgotten. make demo makes a new one.")
    return 0


if __name__ == "__main__":
    run_main(main)
