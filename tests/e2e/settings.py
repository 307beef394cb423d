"""The settings of this test run, with the static files where the run put them."""

import importlib
import os

base = importlib.import_module(os.environ["ROWAN_TEST_SETTINGS"])
globals().update({name: getattr(base, name) for name in dir(base) if name.isupper()})
# Hashed names as in production, without the minutes of compression.
HASHED = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
STORAGES = base.STORAGES | {"staticfiles": {"BACKEND": HASHED}}
STATIC_ROOT = os.environ["ROWAN_TEST_STATIC"]
