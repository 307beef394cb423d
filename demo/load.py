"""Writes many rows at once: one JSON document a table, which costs a third of bulk_create."""

import json
from collections.abc import Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections
from django.db.models import Field, JSONField, Model, Value
from django.db.models.expressions import DatabaseDefault

OWNER = "owner"
INSERT = """
insert into {table} ({columns}) select {columns}
from jsonb_populate_recordset(null::{table}, %s::jsonb)
"""


def save(rows: Sequence[Model]) -> None:
    """Insert rows of one model, in their order. A default of the database holds for all or none."""
    if not rows:
        return
    fields = [f for f in rows[0]._meta.local_concrete_fields if not f.generated]
    records = [{f.column: plain(f, row) for f in fields} for row in rows]
    left = {name for name, value in records[0].items() if value is DatabaseDefault}
    for record in records:
        if {name for name, value in record.items() if value is DatabaseDefault} != left:
            raise ValueError(f"{rows[0]._meta.db_table}: defaults for some rows only")
    sent = [{k: v for k, v in record.items() if k not in left} for record in records]
    connection = connections[OWNER]
    quoted: Any = connection.ops.quote_name
    query = INSERT.format(
        table=quoted(rows[0]._meta.db_table), columns=", ".join(map(quoted, sent[0]))
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [json.dumps(sent, cls=DjangoJSONEncoder, ensure_ascii=False)])
    for row in rows:
        row._state.adding, row._state.db = False, OWNER


def plain(field: Field, row: Model) -> Any:
    """The value as JSON has it; DatabaseDefault where only the database can give it."""
    value = getattr(row, field.attname)
    if isinstance(value, DatabaseDefault):
        default: Any = field.db_default
        default = default.value if isinstance(default, Value) else default
        known = isinstance(default, str | int | bool | list | dict)
        return default if known else DatabaseDefault
    return value if isinstance(field, JSONField) else field.get_prep_value(value)
