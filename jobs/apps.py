from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The job queue: procrastinate's tables in a schema of their own, and the worker."""

    name = "jobs"
