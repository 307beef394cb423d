"""The settings of this test run, with the static files where the run put them."""

import importlib
import os

base = importlib.import_module(os.environ["ROWAN_TEST_SETTINGS"])
globals().update({name: getattr(base, name) for name in dir(base) if name.isupper()})
STATIC_ROOT = os.environ["ROWAN_TEST_STATIC"]
