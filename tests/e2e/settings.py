"""The settings of this test run, with the static files where the run put them, and axe's script."""

import importlib
import os
from importlib.util import find_spec

base = importlib.import_module(os.environ["ROWAN_TEST_SETTINGS"])
globals().update({name: getattr(base, name) for name in dir(base) if name.isupper()})
# Hashed names as in production, without the minutes of compression.
HASHED = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
STORAGES = base.STORAGES | {"staticfiles": {"BACKEND": HASHED}}
axe = find_spec("axe_playwright_python")
assert axe
STATICFILES_DIRS = [*base.STATICFILES_DIRS, ("axe", axe.submodule_search_locations[0])]
STATIC_ROOT = os.environ["ROWAN_TEST_STATIC"]
