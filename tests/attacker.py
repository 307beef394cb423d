"""What somebody with SQL in hand would try: rows of every tenant table, operations, contexts."""

import datetime as dt
import hashlib
import hmac
import json
import secrets
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

from audit.sealing import seal_all
from booking.models import Appointment, LimitPermit
from booking.services.appointments import book_appointment, change_status, undo_transition
from clinic.encryption.keyring import unlock_clinic
from clinic.models import DoctorLeave, ExtraSession, Holiday
from clinic.tenancy.access import note_opening
from clinic.tenancy.backend.base import SETTINGS, opening_values
from clinic.tenancy.context import Context
from clinic.tenancy.signing import sign, signing_keys
from tests.factories import World
from tests.factories.absences import stock_absences
from tests.factories.records import stock_records
from tests.factories.series import repeated
from tests.factories.services import stock_services
from tests.factories.waiting import stock_waiting
from tests.factories.webhooks import stock_webhooks
from tests.races import Connection

SITE_ROLES = ("patient", "doctor", "nurse", "staff", "admin", "superadmin", "worker")
SCHEMAS = ("app", "audit", "booking", "clinic", "jobs", "public", "webhook")
REFUSED = "42501"
BAD_CONTEXTS = (
    "none", "empty", "junk", "star", "bare clinic id", "quotes", "expired", "later expiry",
    "truncated", "unsigned", "another version", "upper case", "unknown key id",
    "forged signature", "empty key", "another role's", "own signature", "own claims", "huge",
    "one part more", "all zero", "no clinic",
)  # fmt: skip
NOBODY = uuid.UUID(int=0)

TENANT_TABLES = """
select format('%%I.%%I', n.nspname, c.relname),
  array(select a.attname::text from pg_index i join pg_attribute a
        on a.attrelid = c.oid and a.attnum = any (i.indkey)
        where i.indrelid = c.oid and i.indisprimary),
  array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0
        and not attisdropped and attgenerated = '' and attidentity = '')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition and n.nspname = any (%s)
  and (c.relname = 'clinics' or exists (
    select from pg_attribute a where a.attrelid = c.oid and a.attname = 'clinic_id'))
order by 1
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows belong to clinics."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def clinic_column(self) -> str:
        return "id" if self.name == "clinic.clinics" else "clinic_id"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a where clause that finds it alone, and all of it as JSON."""

    where: str
    values: str

    def anew(self) -> str:
        """The row as JSON with another id."""
        values = json.loads(self.values)
        named = isinstance(values.get("id"), str)
        return json.dumps(values | ({"id": str(uuid.uuid4())} if named else {}))


def tenant_tables() -> list[Table]:
    """Every table with a clinic_id, from the live catalogue."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(TENANT_TABLES, [list(SCHEMAS)])
        return [Table(name, tuple(key), tuple(columns)) for name, key, columns in cursor]


def stocked(world: World) -> World:
    """The world with at least one row in every tenant table."""
    world.make_slots(days=1)
    unlock_clinic(world.id, make=True)
    away = dt.datetime.now(dt.UTC) + dt.timedelta(days=200)
    with world.as_owner():
        DoctorLeave.objects.using("owner").create(
            clinic=world.clinic, doctor=world.doctor, starts_at=away,
            ends_at=away + dt.timedelta(days=7),
        )  # fmt: skip
    with world.as_user(world.bob):
        outcome = book_appointment(
            idempotency_key="stock", user_id=world.bob.id, clinic_id=world.id,
            slot_id=world.free_slots(1)[0].id, patient_id=world.patient.id,
        )  # fmt: skip
        assert outcome.ok, outcome
        visit = {"appointment_id": outcome.appointment_id}
        assert change_status(idempotency_key="stock confirm", action="confirm", **visit).ok
        assert undo_transition(idempotency_key="stock undo", version=2, **visit).ok
    with world.as_owner():
        visit = Appointment.objects.using("owner").get(pk=outcome.appointment_id)
    stock_records(world, visit)
    last = world.free_slots()[-1]
    with world.as_owner():
        repeated(world.clinic, visit, world.bob)
        stock_webhooks(world.clinic)
        stock_services(world.clinic, world.doctor, visit)
        stock_hours(world, visit)
        stock_absences(world.clinic, world.doctor, visit, world.bob)
        stock_waiting(world.clinic, world.patient, last, world.bob)
    stock_trail(world)
    return world


def stock_hours(world: World, visit: Appointment) -> None:
    """An extra session, closed days and a permit."""
    far = dt.date(2034, 6, 10)
    ExtraSession.objects.using("owner").create(
        clinic=world.clinic, doctor=world.doctor, day=far, starts=dt.time(18), ends=dt.time(19)
    )
    Holiday.objects.using("owner").create(
        clinic=world.clinic, first_day=far + dt.timedelta(7), last_day=far + dt.timedelta(8),
        name="Closed",
    )  # fmt: skip
    LimitPermit.objects.using("owner").create(
        clinic=world.clinic, slot_id=visit.slot_id, patient=world.patient, reason="Fever",
        permitted_by=world.bob,
    )  # fmt: skip


def stock_trail(world: World) -> None:
    """An opening on record, seals, and a segment: before the first seal, so the chain is whole."""
    with world.as_user(world.bob):
        note_opening(world.patient)
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "insert into audit.segments (clinic_id, position, hash, entries, entries_before)"
            " values (%s, 0, audit.first_hash(), 0, '2001-01-01')", [world.id],
        )  # fmt: skip
    seal_all()


def rows_of(world: World, table: Table, limit: int = 5) -> list[Row]:
    """Some rows of the clinic, as its owner sees them; never none, for that would prove nothing."""
    pairs = ", ".join(f"format('%%I::text = %%L', '{name}', {name}::text)" for name in table.key)
    query = f"select concat_ws(' and ', {pairs}), to_jsonb(t)::text from {table.name} t limit %s"
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(query, [limit])
        found = [Row(*row) for row in cursor]
    assert found, f"{table.name}: no row to attack; let tests.attacker.stocked make one"
    return found


READS = {
    "by key": "select 1 from {t} where {w}",
    "by clinic": "select 1 from {t} where {cc} = '{b}'",
    # A context of no clinic sees the chain of the entries of no clinic.
    "not mine": "select 1 from {t} where {cc} is distinct from '{a}'"
    " and {cc} is distinct from '00000000-0000-0000-0000-000000000000'",
    "count": "select 1 from (select count(*) n from {t} where {cc} = '{b}') x where n > 0",
    "exists": "select 1 where exists (select from {t} where {w})",
    "whole row": "select x::text from {t} x where {w}",
    "for update": "select 1 from {t} where {w} for update",
    "for share": "select 1 from {t} where {w} for key share",
    "sample": "select 1 from {t} tablesample system (100) where {w}",
    "xml": "select 1 from query_to_xml($q$select 1 from {t} where {w}$q$, true, false, '') x"
    " where x::text like '%<row%'",
}
INSERT = "insert into {t} ({cols}) select {cols} from jsonb_populate_record(null::{t},"
WRITES = {
    "update": "update {t} set {c} = {c} where {w}",
    "update clinic": "update {t} set {c} = {c} where {cc} = '{b}'",
    "delete": "delete from {t} where {w}",
    "delete returning": "with x as (delete from {t} where {w} returning 1) select * from x",
    "merge update": "merge into {t} x using (select 1) s on {w}"
    " when matched then update set {c} = x.{c}",
    "merge delete": "merge into {t} x using (select 1) s on {w} when matched then delete",
    "move": "update {t} set {cc} = '{b}' where {own}",
    "insert": f"{INSERT} $q${{new}}$q$)",
    "insert same": f"{INSERT} $q${{row}}$q$)",
    "upsert": f"{INSERT} $q${{row}}$q$) on conflict ({{pk}}) do update set {{c}} = excluded.{{c}}",
}
OPERATIONS = READS | WRITES


def statement(
    name: str, table: Table, *, target: Row, own: Row, mine: Any, theirs: Any, column: str = ""
) -> str:
    """The SQL of an operation by the clinic mine on the row target of the clinic theirs."""
    return OPERATIONS[name].format(
        t=table.name, cc=table.clinic_column, c=column or table.clinic_column,
        cols=", ".join(table.columns), pk=", ".join(table.key), w=target.where, own=own.where,
        row=target.values, new=target.anew(), a=mine, b=theirs,
    )  # fmt: skip


PROBE = """
do $probe$
declare
  v_all jsonb := current_setting('probe.queries');
  v_query text;
  v_rows bigint;
  v_told text[] := '{}';
begin
  for v_query in select * from jsonb_array_elements_text(v_all) loop
    begin
      execute v_query;
      get diagnostics v_rows = row_count;
      raise exception using errcode = 'PRBED', message = v_rows;
    exception when others then
      v_told := v_told || case sqlstate when 'PRBED' then sqlerrm else sqlstate end;
    end;
  end loop;
  perform set_config('probe.told', to_jsonb(v_told)::text, true);
end
$probe$
"""


def attempts(connection: Connection, queries: Sequence[str]) -> list[str]:
    """For each query the number of rows seen or touched, or the SQLSTATE; all of it undone."""
    connection.execute("select set_config('probe.queries', %s, true)", [json.dumps(queries)])
    connection.execute(PROBE)
    row = connection.execute("select current_setting('probe.told')").fetchone()
    told: list[str] = json.loads(row[0]) if row else []
    assert len(told) == len(queries)
    return told


def copied(connection: Connection, query: str) -> int | str:
    """Rows that COPY gives out, or the SQLSTATE."""
    try:
        with (
            connection.transaction(force_rollback=True),
            connection.cursor().copy(f"copy ({query}) to stdout".encode()) as copy,
        ):
            return len(list(copy.rows()))
    except psycopg.Error as error:
        return error.sqlstate or repr(error)


def held_back(outcome: str) -> bool:
    """Whether nothing was seen or done: no row, or refused."""
    return outcome in ("0", REFUSED)


def open_as(connection: Connection, context: Context, **changed: str | None) -> None:
    """Begin with a context, some of its settings changed; None leaves a setting out."""
    values: dict[str, str | None] = dict(zip(SETTINGS, opening_values(context), strict=True))
    values |= {name.replace("__", "."): value for name, value in changed.items()}
    kept = [pair for pair in values.items() if pair[1] is not None]
    calls = ", ".join(["set_config(%s, %s, true)"] * len(kept))
    params = [part for pair in kept for part in pair]
    connection.execute(f"select {calls}".encode(), params)


@dataclass(frozen=True)
class Forger:
    """Contexts that must open nothing; all of them ask for the clinic of target."""

    own: Context
    target: Context

    @cached_property
    def good(self) -> str:
        """What the site itself would sign for the target."""
        return sign(self.target)

    def forged(self) -> Mapping[str, str | None]:
        """{what is wrong with it: app.context}; None is no setting at all."""
        claims, _, signature = self.good.rpartition(".")
        own_claims, _, own_signature = sign(self.own).rpartition(".")
        _, key_id, expiry, role, clinic, user = claims.split(".")
        other_role = "admin" if self.target.role != "admin" else "staff"
        elsewhere = own_claims.replace(str(self.own.clinic_id), clinic)
        past = time.time() - settings.CONTEXT_LIFETIME_SECONDS - 5
        return {
            "none": None,
            "empty": "",
            "junk": "junk",
            "star": "*",
            "bare clinic id": clinic,
            "quotes": f"v1.{key_id}.{expiry}.{role}.{clinic}' or true --.{user}.{signature}",
            "expired": sign(self.target, now=past),
            "later expiry": self.good.replace(expiry, str(int(expiry) + 1)),
            "truncated": self.good[:-1],
            "unsigned": f"{claims}.",
            "another version": f"v2{self.good[2:]}",
            "upper case": f"{claims}.{signature.upper()}",
            "unknown key id": resigned(f"v1.zz9.{expiry}.{role}.{clinic}.{user}"),
            "forged signature": resigned(claims, secrets.token_bytes(32)),
            "empty key": resigned(claims, b""),
            "another role's": sign(replace(self.target, role=other_role)),
            "own signature": f"{elsewhere}.{own_signature}",
            "own claims": f"{own_claims}.{signature}",
            "huge": self.good + "0" * 100_000,
            "one part more": f"{claims}.x.{signature}",
            "all zero": f"v1.{key_id}.{expiry}.{role}.{NOBODY}.{NOBODY}.{'0' * 64}",
            "no clinic": sign(replace(self.target, clinic_id=NOBODY)),
        }


def resigned(claims: str, key: bytes | None = None) -> str:
    """The claims with a signature of the site's key, or of another."""
    key = next(iter(signing_keys().values())) if key is None else key
    return f"{claims}.{hmac.new(key, claims.encode(), hashlib.sha256).hexdigest()}"
