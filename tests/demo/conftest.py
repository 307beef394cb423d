"""The demo, made once in each worker's database."""

import json
import time
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from clinic.tenancy.membership import ClinicKey, active_clinics


@dataclass
class Demo:
    """What the first run of seed_demo wrote and said, and the processor time that it took."""

    path: Path
    manifest: dict[str, Any]
    said: str
    seconds: float
    clinics: dict[str, ClinicKey]

    def run(self) -> str:
        return seed(self.path)


def seed(path: Path) -> str:
    output = StringIO()
    call_command("seed_demo", output=path, stdout=output)
    return output.getvalue()


@pytest.fixture(scope="session")
def demo(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    path = tmp_path_factory.mktemp("demo") / "local" / "demo.json"
    start = time.process_time()
    said = seed(path)
    seconds = time.process_time() - start
    clinics = {c.code: c for c in active_clinics() if c.code.startswith("GFC-")}
    return Demo(path, json.loads(path.read_text()), said, seconds, clinics)
