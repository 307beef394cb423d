"""What is left of a round, read as the clinic's owner, against what its clients were told."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from django.db import connections

from tests.factories import World
from tests.harness.client import Heard

Row = dict[str, Any]

# The life of an appointment, written a second time and on purpose not read from the database.
LEGAL = {
    "confirm": {("scheduled", "confirmed")},
    "check_in": {("scheduled", "scheduled"), ("confirmed", "confirmed")},
    "start": {("scheduled", "in_progress"), ("confirmed", "in_progress")},
    "finish": {("in_progress", "completed")},
    "no_show": {("scheduled", "no_show"), ("confirmed", "no_show")},
    "leave": {("scheduled", "cancelled"), ("confirmed", "cancelled")},
    "cancel": {("scheduled", "cancelled"), ("confirmed", "cancelled")},
    "reschedule": {("scheduled", "scheduled"), ("confirmed", "scheduled")},
}
BOOKS = ("book", "overbook", "book_overlapping")
DEAD = ("cancelled", "rescheduled", "no_show")
TRAILED = (
    "appointments", "appointment_slots", "appointment_transitions", "queue_entries",
    "appointment_resources",
)  # fmt: skip
ROWS = "select to_jsonb(t) - 'updated_at' as row from clinic.{} t where clinic_id = %s"
TRAIL = """
select record_id, action, old_values, new_values from audit.audit_logs
where clinic_id = %s and table_name = %s order by id
"""


def fetch(query: str, *params: Any) -> list[Row]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(query, params)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class History:
    """The rows of one clinic, as jsonb says them."""

    def __init__(self, world: World) -> None:
        self.clinic = world.id
        with world.as_owner():
            tables = {table: self._rows(table) for table in TRAILED}
            self.trail = {t: fetch(TRAIL, self.clinic, t) for t in (*TRAILED, "booking_requests")}
            self.requests = fetch(
                "select user_id::text, operation, idempotency_key as key, appointment_id::text"
                " from booking.booking_requests where clinic_id = %s", self.clinic,
            )  # fmt: skip
            self.needs = [row for row in self._rows("service_needs") if row["is_active"]]
            self.pools = {row["id"]: row["pool_id"] for row in self._rows("resources")}
        self.tables = tables
        self.visits = {row["id"]: row for row in tables["appointments"]}
        self.changes: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(tables["appointment_transitions"], key=lambda r: r["version"]):
            self.changes[row["appointment_id"]].append(row)

    def _rows(self, table: str) -> list[Row]:
        found = fetch(ROWS.format(table), self.clinic)
        return [r["row"] if isinstance(r["row"], dict) else json.loads(r["row"]) for r in found]


def check(world: World, heard: list[Heard]) -> Counter[str]:
    """How often each promise was broken: an empty Counter is what is wanted."""
    return judge(History(world), heard)


def judge(history: History, heard: list[Heard]) -> Counter[str]:
    """The same for rows that were read already."""
    found: Counter[str] = Counter()
    for name, told in (
        ("doubles", doubles(history)),
        ("duplicate numbers", numbers(history)),
        ("slot and appointment disagree", places(history)),
        ("covered slots disagree", covers(history)),
        ("resources disagree", resources(history)),
        ("illegal states", states(history)),
        ("effects without a key", effects(history)),
        ("lost confirmations", lost(history, heard)),
        ("trail incomplete", trail(history)),
    ):
        for what in told:
            found[name] += 1
            if found[name] <= 3:
                print(f"  {name}: {what}", flush=True)
    raw = [error for each in heard for error in each.raw]
    for error in raw[:3]:
        print(f"  raw error: {error}", flush=True)
    found["raw errors"] = len(raw)
    return +found


def doubles(history: History) -> Iterator[str]:
    """Live visits of one person at work or one patient that overlap, and not on purpose."""
    for one, other in combinations(filter(live, history.visits.values()), 2):
        times = (one["starts_at"], one["ends_at"], other["starts_at"], other["ends_at"])
        if (
            shared(one, other, "practitioner_id", "overbooked_reason") and meet(*busy(one, other))
        ) or (shared(one, other, "patient_id", "overlap_reason") and meet(*times)):
            yield f"{one['id']} and {other['id']}"


def shared(one: Row, other: Row, who: str, meant: str) -> bool:
    """Whether both have the same doctor or patient, and neither says that it is meant to."""
    return one[who] == other[who] and not (one[meant] or other[meant])


def live(visit: Row) -> bool:
    return visit["status"] not in DEAD and not visit["deleted_at"]


def busy(*rows: Row) -> list[str]:
    """From and to of each row, with its buffers if it has any."""
    return [
        row.get(column) or row[unbuffered]
        for row in rows
        for column, unbuffered in (("busy_from", "starts_at"), ("busy_to", "ends_at"))
    ]


def meet(one_from: str, one_to: str, other_from: str, other_to: str) -> bool:
    return max(one_from, other_from) < min(one_to, other_to)


def numbers(history: History) -> Iterator[str]:
    counted = Counter(row["appointment_number"] for row in history.visits.values())
    yield from (number for number, times in counted.items() if times > 1)


def places(history: History) -> Iterator[str]:
    """A slot that is taken names the visit that takes it, and the visit names the slot."""
    slots = {row["id"]: row for row in history.tables["appointment_slots"]}
    for slot in slots.values():
        visit = history.visits.get(slot["appointment_id"])
        taken = slot["appointment_id"] or slot["covered_by"]
        if slot["is_available"] != (taken is None):
            yield f"slot {slot['id']} is neither free nor taken"
        elif visit and (visit["slot_id"], visit["starts_at"]) != (slot["id"], slot["starts_at"]):
            yield f"slot {slot['id']} names {visit['id']}, which is elsewhere"
    for visit in history.visits.values():
        if visit["status"] in DEAD or visit["overbooked_reason"]:
            continue  # an overbooked one leaves the slot to the first
        if slots[visit["slot_id"]]["appointment_id"] != visit["id"]:
            yield f"{visit['id']} is {visit['status']}, its slot names another"


def covers(history: History) -> Iterator[str]:
    """A visit of a service covers its doctor's other slots that it touches; nothing else does.

    An overbooked one covers none: they stay with whoever has them.
    """
    slots = history.tables["appointment_slots"]
    for visit in history.visits.values():
        found = {slot["id"] for slot in slots if slot["covered_by"] == visit["id"]}
        wanted = {
            slot["id"] for slot in slots
            if live(visit) and visit["service_id"] and not visit["overbooked_reason"]
            and slot["doctor_id"] == visit["doctor_id"]
            and slot["id"] != visit["slot_id"]
            and meet(*busy(visit), slot["starts_at"], slot["ends_at"])
        }  # fmt: skip
        if found != wanted:
            yield f"{visit['id']} ({visit['status']}) covers {found}, not {wanted}"


def resources(history: History) -> Iterator[str]:
    """A live visit has one resource for each need, for its time; no other visit has any."""
    rows = history.tables["appointment_resources"]
    for one, other in combinations(rows, 2):
        if one["resource_id"] == other["resource_id"] and meet(*busy(one, other)):
            yield f"{one['resource_id']} is kept twice"
    for visit in history.visits.values():
        mine = [row for row in rows if row["appointment_id"] == visit["id"]]
        needs = [n for n in history.needs if live(visit) and n["service_id"] == visit["service_id"]]
        wanted = Counter(need["resource_id"] or need["pool_id"] for need in needs)
        fixed = {need["resource_id"] for need in needs}
        has = [row["resource_id"] for row in mine]
        found = Counter(pk if pk in fixed else history.pools.get(pk) for pk in has)
        if found != wanted or any(busy(row) != busy(visit) for row in mine):
            yield f"{visit['id']} ({visit['status']}) has {found}, not {wanted}"


def states(history: History) -> Iterator[str]:
    """Every change follows from the one before, by the table or by taking it back."""
    for visit in history.visits.values():
        status, before = "scheduled", None
        changes = history.changes[visit["id"]]
        if [row["version"] for row in changes] != list(range(2, visit["version"] + 1)):
            yield f"{visit['id']}: gaps in its versions"
        for row in changes:
            step = (row["from_status"], row["to_status"])
            if row["action"] == "undo":
                legal = before and before["action"] != "undo" and step[1] == before["from_status"]
            else:
                legal = step in LEGAL[row["action"]]
            if step[0] != status or not legal:
                yield f"{visit['id']}: {row['action']} {step} after {status}"
            status, before = step[1], row
        if status != visit["status"]:
            yield f"{visit['id']} is {visit['status']}, its history ends with {status}"


def effects(history: History) -> Iterator[str]:
    """As many appointments and changes as keys, one each."""
    keys = Counter(
        ("book" if r["operation"] in BOOKS else r["operation"], r["appointment_id"])
        for r in history.requests
    )
    done = Counter(("book", visit) for visit in history.visits)
    for visit, rows in history.changes.items():
        done.update((row["action"], visit) for row in rows)
    yield from (f"{what}: {n} effects, {keys[what]} keys" for what, n in done.items()
                if keys[what] != n)  # fmt: skip
    yield from (f"{what}: a key without an effect" for what in keys if what not in done)


def lost(history: History, heard: list[Heard]) -> Iterator[str]:
    """Who heard success has its row; who heard a refusal has none, unless a twin won later."""
    rows = {(r["user_id"], r["operation"], r["key"]): r["appointment_id"] for r in history.requests}
    won = {each.wish.key for each in heard if each.won}
    for each in heard:
        wish, outcome = each.wish, each.outcome
        row = rows.get((str(wish.user), wish.operation, wish.key))
        if outcome and outcome.ok:
            visit = history.visits.get(str(outcome.appointment_id))
            if row != str(outcome.appointment_id) or visit is None:
                yield f"{wish.operation} {wish.key}: success, and no row"
            elif visit["appointment_number"] != outcome.appointment_number:
                yield f"{wish.operation} {wish.key}: another number"
        elif outcome and row and wish.key not in won:
            yield f"{wish.operation} {wish.key}: done, and told {outcome.code}"


def trail(history: History) -> Iterator[str]:
    """Each row as it is follows from its entries alone, and so does that there is no other."""
    for table in TRAILED:
        built = retold(history.trail[table])
        rows = {row["id"]: row for row in history.tables[table]}
        for key in rows.keys() | built.keys():
            if rows.get(key) != built.get(key):
                yield f"{table} {key}"
    kept: Counter[str] = Counter()
    for entry in history.trail["booking_requests"]:
        kept[entry["record_id"]] += {"INSERT": 1, "DELETE": -1}[entry["action"]]
    if +kept != Counter(row["key"] for row in history.requests):
        yield "booking_requests"


def retold(entries: list[Row]) -> dict[str, Row]:
    """The rows of a table by its entries."""
    built: dict[str, Row] = {}
    for entry in entries:
        if entry["action"] == "DELETE":
            built.pop(entry["record_id"], None)
        else:
            built.setdefault(entry["record_id"], {}).update(plain(entry["new_values"]))
    for each in built.values():
        each.pop("updated_at", None)
    return built


def plain(values: Any) -> Row:
    return values if isinstance(values, dict) else json.loads(values or "{}")
