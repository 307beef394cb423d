"""What a worker imports before it works; nothing here connects to anything."""

import os
from importlib import import_module

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
for name in ("config.urls", "jobs.management.commands.jobs_work", "jobs.app"):
    import_module(name)
