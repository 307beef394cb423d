"""What Python says of the database is what the database says: enums, columns, policies."""

import re
from io import StringIO

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django_rls.models import RLSModel

import booking.enums
import clinic.enums
import messaging.enums
import webhooks.enums
from clinic.fields import PgEnumField

APPS = {"clinic", "booking", "messaging", "audit", "webhooks"}
OURS = [model for model in apps.get_models() if model._meta.app_label in APPS]
TENANTS = [model for model in OURS if issubclass(model, RLSModel)]
ENUMS = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): enum
    for module in (clinic.enums, booking.enums, messaging.enums, webhooks.enums)
    for name, enum in vars(module).items()
    if isinstance(enum, type) and enum.__module__ == module.__name__
}
FIELDS = [field for model in OURS for field in model._meta.local_fields]
# Text columns with a list of values: not an enum holds them but a CHECK.
LISTED = [field for field in FIELDS if field.choices and not isinstance(field, PgEnumField)]
PG_ENUMS = {
    name: enum
    for name, enum in ENUMS.items()
    if all(field.choices != enum.choices for field in LISTED)
}
NO_COLUMN_YET = {"document_type"}
SHORT = {"varchar": "character varying", "timestamptz": "timestamp with time zone",
         "time": "time without time zone", "bool": "boolean"}  # fmt: skip


def test_enums_are_classes(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        "select t.typname, array_agg(e.enumlabel::text order by e.enumsortorder)"
        " from pg_enum e join pg_type t on t.oid = e.enumtypid"
        " where t.typnamespace <> 'jobs'::regnamespace group by 1"
    ).fetchall()
    assert dict(rows) == {name: list(enum.values) for name, enum in PG_ENUMS.items()}


def test_fields_offer_the_labels_of_their_type() -> None:
    fields = [field for field in FIELDS if isinstance(field, PgEnumField)]
    wrong = [str(f) for f in fields if f.choices != PG_ENUMS[f.type_name].choices]
    assert wrong == []
    assert {f.type_name for f in fields} | NO_COLUMN_YET == PG_ENUMS.keys()


@pytest.mark.parametrize("field", LISTED, ids=str)
def test_a_check_holds_the_values_of_a_text_column(
    admin: psycopg.Connection, field: models.Field
) -> None:
    table = field.model._meta.db_table
    rows = admin.execute(
        "select pg_get_constraintdef(oid) from pg_constraint"
        " where conrelid = format('clinic.%%I', %s::text)::regclass and conname = %s",
        [table, f"{table}_{field.column}"],
    ).fetchall()
    ((check,),) = rows
    assert re.findall(r"'([^']*)'", check) == [value for value, _ in field.choices or ()]


def columns(admin: psycopg.Connection, table: str) -> dict[str, tuple[str, bool]]:
    """{column: (type, not null)} of a table found by the site's search_path."""
    path = "set local search_path to clinic, booking, audit, webhook, public"
    admin.execute(path)
    rows = admin.execute(
        "select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped",
        [table],
    )
    return {name: (kind, not_null) for name, kind, not_null in rows}


def declared_type(field: models.Field) -> str:
    """The column's type as format_type() writes it."""
    text = (field.db_type(connection) or "").replace(", ", ",")
    name, bracket, rest = text.partition("(")
    return SHORT.get(name, name) + bracket + rest


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_models_are_their_tables(admin: psycopg.Connection, model: type[models.Model]) -> None:
    fields = [f for f in model._meta.local_fields if f.column]
    mirrored = {f.column: (declared_type(f), not f.null) for f in fields}
    live = columns(admin, model._meta.db_table)
    generated = {f.column for f in fields if f.generated}
    for column in generated & live.keys():
        live[column] = (live[column][0], mirrored[column][1])  # null as its expression is
    assert mirrored == live


def test_no_migration_is_owed() -> None:
    report = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=report)
    assert report.getvalue() == "No changes detected\n"


READ_POLICIES = """
select permissive, roles, cmd, qual, with_check from pg_policies
where schemaname = 'clinic' and tablename = %s and policyname in ('declared', 'tenant_isolation')
order by policyname
"""


@pytest.mark.parametrize("model", TENANTS, ids=lambda model: model._meta.label)
def test_the_declared_policy_is_in_force(admin: psycopg.Connection, model: type[RLSModel]) -> None:
    """PostgreSQL itself reads the declared expression: as a policy beside the real one."""
    (policy,) = model._rls_policies
    using, check = policy.get_using_expression(), policy.get_check_expression()
    table = model._meta.db_table
    assert (policy.name, policy.permissive, policy.roles) == ("tenant_isolation", False, "public")
    admin.execute(
        f"create policy declared on clinic.{table} as restrictive to public"
        f" using ({using}) with check ({check})"
    )
    declared, installed = admin.execute(READ_POLICIES, [table]).fetchall()
    assert declared == installed


def test_every_tenant_table_has_a_declared_policy(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        "select tablename from pg_policies where policyname = 'tenant_isolation'"
    ).fetchall()
    mirrored = {model._meta.db_table for model in TENANTS}
    assert {table for (table,) in rows} - mirrored == {
        # Tables that SQL alone writes: their models only read, or there is none.
        "access_logs", "appointment_counters", "audit_logs", "booking_requests", "chains",
        "clinic_keys", "number_counters", "seals", "segments",
        "sources",  # outside schema clinic, where django-rls does not look
    }  # fmt: skip
