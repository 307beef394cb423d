"""Entries of the trail in the words of the forms: field, old value, new value."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.models import AuditLog
from clinic.enums import UserRole

ACTIONS = {
    "INSERT": "Added", "UPDATE": "Changed", "DELETE": "Removed", "TRUNCATE": "Emptied",
    "REVEAL": "Shown in full", "REDACT": "Redacted",
}  # fmt: skip
# Who wrote when it was nobody: jobs, migrations, the login functions.
SYSTEM = {"worker": "Job", "owner": "Set-up", "clinic_app": "Sign-in", "clinic_migrator": "Set-up"}
# Keys, clocks and what is computed from other columns say nothing to people.
UNSAID = {"id", "clinic_id", "created_at", "updated_at", "version"}
ROLES = dict(UserRole.choices)
Ids = dict[type[models.Model], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Change:
    """One field: what it was and what it became, as text; "" is empty. hidden: a secret."""

    label: str
    old: str = ""
    new: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as people read it."""

    when: dt.datetime
    who: str
    role: str
    action: str
    reason: str
    changes: list[Change] = field(default_factory=list)


def model_of(table_name: str) -> type[models.Model] | None:
    """The model that mirrors a table."""
    return _models().get(table_name)


@cache
def _models() -> dict[str, type[models.Model]]:
    return {model._meta.db_table: model for model in apps.get_models()}


def who(log: AuditLog, names: dict[UUID, str]) -> str:
    """The name of who did it; "System" where no person did."""
    if log.user_id is None:
        return _("System")
    return names.get(log.user_id) or _("Somebody of another clinic")


def role_of(log: AuditLog) -> str:
    """The role that it was done in."""
    role = log.actor_role or ""
    return str(ROLES.get(role) or _(SYSTEM.get(role, role)))


def entries(logs: Iterable[AuditLog], names: dict[UUID, str], labels: Any) -> list[Entry]:
    """Entries with their changes. labels(model, ids) -> {id: name} is asked once per model."""
    logs = list(logs)
    named = _named(logs, names, labels)
    return [
        Entry(
            when=log.created_at,
            who=who(log, names),
            role=role_of(log),
            action=_(ACTIONS[log.action]),
            reason=log.reason or "",
            changes=changes(log, named),
        )
        for log in logs
    ]


def changes(log: AuditLog, named: Ids) -> list[Change]:
    """What one entry changed, in the order of the model's fields."""
    model = model_of(log.table_name)
    if model is None:
        return []
    old, new = log.old_values or {}, log.new_values or {}
    columns = log.changed_fields or [*old, *new]
    found = []
    for column in _columns(model):
        name = column.column
        if name not in columns or name in UNSAID or isinstance(column, models.GeneratedField):
            continue
        label = str(capfirst(column.verbose_name))
        if name not in old and name not in new:
            found.append(Change(label, hidden=True))
        elif log.action == "UPDATE" or not _is_default(column, new.get(name, old.get(name))):
            before, after = (_text(column, values.get(name), named) for values in (old, new))
            found.append(Change(label, before, after))
    return found


def _columns(model: type[models.Model]) -> list[Any]:
    return list(model._meta.concrete_fields)


def _is_default(column: Any, value: Any) -> bool:
    """A new row is told by what was said of it, not by what it was born with."""
    default = column.db_default
    default = default.value if isinstance(default, models.Value) else default
    return value in (None, "", [], {}) or value == default


def _named(logs: list[AuditLog], names: dict[UUID, str], labels: Any) -> Ids:
    """Names of all rows that the entries refer to: one question per model."""
    wanted: dict[type[models.Model], set[str]] = defaultdict(set)
    for log in logs:
        model = model_of(log.table_name)
        for column in _columns(model) if model else []:
            if column.is_relation and column.column not in UNSAID:
                for values in (log.old_values, log.new_values):
                    if values and values.get(column.column):
                        wanted[column.related_model].add(str(values[column.column]))
    named = {model: labels(model, sorted(ids)) for model, ids in wanted.items()}
    for model in named:
        if model._meta.db_table == "users":
            named[model] |= {str(key): name for key, name in names.items()}
    return named


def _text(column: Any, value: Any, named: Ids) -> str:
    """A JSON value of a column as its form would show it."""
    if value is None or value == "":
        return ""
    if column.is_relation:
        return str(named.get(column.related_model, {}).get(str(value), value))
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list | dict):
        return _listed(value)
    return _moment(column, str(value))


def _listed(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)


def _moment(column: Any, text: str) -> str:
    """Instants in the clinic's time; days and times as everywhere else."""
    if isinstance(column, models.DateTimeField) and (instant := parse_datetime(text)):
        return date_text(timezone.localtime(instant), "D j M Y, H:i")
    if isinstance(column, models.DateField) and (day := parse_date(text)):
        return date_text(day, "j M Y")
    if isinstance(column, models.TimeField) and (time := parse_time(text)):
        return f"{time:%H:%M}"
    return text
