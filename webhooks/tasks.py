"""What time asks of webhooks: events that are due, where no worker of their own runs."""

import time

from procrastinate import Blueprint

from webhooks.worker import drain, worker_name

SECONDS = 50
tasks = Blueprint()


@tasks.periodic(cron="* * * * * */10")
@tasks.task(name="work", queueing_lock="webhooks_work")
def work(timestamp: int) -> None:
    """Every ten seconds, for less than a minute."""
    end = time.monotonic() + SECONDS
    drain(worker=worker_name(), stop=lambda: time.monotonic() > end)
