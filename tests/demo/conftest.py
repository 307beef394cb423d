"""The demo, made once in each worker's database, and ways to look into it."""

import datetime as dt
import json
import time
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone

from clinic.tenancy.context import tenant_context
from clinic.tenancy.membership import ClinicKey, active_clinics

CODES = ("GFC-TP", "GFC-LDN")


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


def inside(clinic: ClinicKey) -> Any:
    return tenant_context(clinic=clinic.id, role="owner", using="owner")


def all_of(model: Any, clinic: ClinicKey) -> Any:
    return model.objects.using("owner").filter(clinic_id=clinic.id)


def today_in(clinic: ClinicKey) -> dt.date:
    return timezone.localdate(timezone=ZoneInfo(clinic.time_zone))


@pytest.fixture(scope="session")
def demo(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    path = tmp_path_factory.mktemp("demo") / "local" / "demo.json"
    start = time.process_time()
    said = seed(path)
    seconds = time.process_time() - start
    clinics = {c.code: c for c in active_clinics() if c.code.startswith("GFC-")}
    return Demo(path, json.loads(path.read_text()), said, seconds, clinics)
