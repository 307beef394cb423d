"""The queue as procrastinate knows it: every app's tasks, under the app's name."""

from functools import cache

from procrastinate import App
from procrastinate.contrib.django import DjangoApp

import audit.tasks
import booking.tasks
import clinic.tasks
import jobs.tasks
import webhooks.tasks
from jobs.connector import worker_connector

BLUEPRINTS = {
    "audit": audit.tasks.tasks,
    "booking": booking.tasks.tasks,
    "clinic": clinic.tasks.tasks,
    "jobs": jobs.tasks.tasks,
    "webhooks": webhooks.tasks.tasks,
}


@cache
def queue() -> App:
    """The one app of this process. Tasks are bound to it on the first call."""
    app = DjangoApp(connector=worker_connector())
    for namespace, blueprint in BLUEPRINTS.items():
        app.add_tasks_from(blueprint, namespace=namespace)
    return app
