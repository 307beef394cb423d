"""demo.json: where the demo is, who may sign in, which tables belong to no clinic."""

import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections

from demo.clinics import CLINICS, ROVING, TAMPINES
from demo.people import PASSWORD, address

GLOBAL_TABLES = """
select n.nspname || '.' || c.relname
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and c.oid <> 'clinic.clinics'::regclass
  and not exists (
    select from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and a.attname = 'clinic_id' and not a.attisdropped)
order by 1
"""


def global_tables() -> list[str]:
    """schema.table of every table without a clinic, from the catalogue."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(GLOBAL_TABLES)
        return [row[0] for row in cursor.fetchall()]


def accounts() -> list[dict[str, str]]:
    """Everybody with a documented password; the relief receptionist once for each clinic."""
    found = []
    for plan in CLINICS:
        people = [(person.email, person.role) for person in plan.staff]
        people += [(doctor.email, "doctor") for doctor in plan.doctors]
        people.append(("patient", "patient"))
        found += [(address(plan, mailbox), role, plan.code) for mailbox, role in people]
    found += [(address(TAMPINES, ROVING.email), ROVING.role, plan.code) for plan in CLINICS]
    return [
        {"email": email, "password": PASSWORD, "role": role, "clinic_code": code}
        for email, role, code in found
    ]


def manifest(clinics: dict[str, UUID], webhook: dict[str, str]) -> dict[str, Any]:
    """The content of demo.json. clinics: the id of each code; webhook: path and secret.

    Addresses are the environment's.
    """
    url = os.environ.get("DEMO_URL", "http://127.0.0.1:8000")
    return {
        "url": url,
        "database_url": os.environ.get("DATABASE_URL", ""),
        "admin_database_url": os.environ.get("ADMIN_DATABASE_URL", ""),
        "clinics": [
            {"id": str(clinics[p.code]), "code": p.code, "name": p.name, "timezone": p.zone}
            for p in CLINICS
        ],
        "accounts": accounts(),
        "webhook": webhook | {"url": url + webhook["url"]},
        "global_tables": global_tables(),
    }


def known_secret(path: Path) -> str | None:
    """The webhook's secret in a demo.json of before, or None."""
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["webhook"]["secret"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(path: Path, content: dict[str, Any]) -> None:
    """Replace the file at once, readable by its owner only: it holds passwords."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.draft")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)
