"""What no form or link of the admin sends, sent: refused or ignored, and never a fault of ours."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from tests.adminrows import MODELS, NAMES, admin_url
from tests.factories import World


@pytest.fixture
def world(filled: Any) -> World:
    return filled[0]


@pytest.fixture
def alice(world: World, login: Any) -> Client:
    client: Client = login(world.alice)
    return client


# What one piece of code answers for all lists, and what lists without such a filter get.
ANYWHERE = [
    "q=%00", "nothing__a=1", "p=-1", "p=x&o=-x.1.999&all=1&e=1", "p=99999999999999999999",
    "q=" + "a" * 8_000, "%00=1",
    "status__exact=nothing", "role__exact=nothing", "doctor__id__exact=nothing",
    "when=nothing", "state=nothing", "is_active__exact=nothing",
    "table=nothing", "who=nothing", "action_done=nothing", "starts_at__year=9999",
    "appointment_type__isnull=x", "employment_type__exact=%F0%9F%92%A9",
    "_facets=1&status__exact=nothing",
]  # fmt: skip
BY_DATE = ["year=9999", "year=0", "year=2026&{date}__month=13", "year=x", "year=%C2%B2"]


def odd_filters(name: str) -> Iterator[tuple[Any, list[str]]]:
    """What kind of filter a list has, and queries with values that it does not offer."""
    model_admin: Any = admin.site._registry[MODELS[name]]
    for item in model_admin.list_filter:
        if isinstance(item, type):
            chooser: Any = item
            yield chooser, [f"{chooser.parameter_name}=nothing"]
            continue
        name_of, chooser = item if isinstance(item, tuple) else (item, None)
        field = MODELS[name]._meta.get_field(name_of)
        path = "__id" if field.is_relation else ""
        yield (
            (chooser, type(field), field.null, bool(field.choices)),
            [
                f"{name_of}{path}__exact=nothing",
                f"{name_of}{path}__exact=%F0%9F%92%A9",
                f"{name_of}__isnull=x",
            ],
        )
    if date := model_admin.date_hierarchy:
        kind = type(MODELS[name]._meta.get_field(date))
        yield kind, [f"{date}__{query.format(date=date)}" for query in BY_DATE]


def unbroken(client: Client, world: World, name: str, queries: list[str]) -> dict[str, int]:
    found = {q: client.get(admin_url(world, f"{name}/?{q}")).status_code for q in queries}
    assert {q: status for q, status in found.items() if status not in (200, 302, 400)} == {}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_odd_queries_never_break_a_list(world: World, alice: Client, name: str) -> None:
    """Its own search, one query of each of its filters, all of those of no earlier list."""
    queries = ["q=%27%22%25_"]
    for kind, values in odd_filters(name):
        queries += values[:1] if kind in FILTERED else values
        FILTERED.add(kind)
    counted = [f"_facets=1&{queries[-1]}"] if len(queries) > 1 else []
    unbroken(alice, world, name, [*queries, *counted])


# Kinds of filters that were asked everything, on lists that were tried before.
FILTERED: set[Any] = set()


@pytest.mark.parametrize("name", ["Appointment", "AuditLog", "Doctor", "FeatureFlag"])
def test_odd_queries_of_other_lists_never_break_one(world: World, alice: Client, name: str) -> None:
    statuses = unbroken(alice, world, name, ANYWHERE)
    assert (statuses["q=%00"], statuses["%00=1"]) == (400, 400)


ODD_IDS = ["x", "0", "-1", "%00", "..", "9" * 400, "add", str(uuid.uuid4()).upper()]


@pytest.mark.parametrize("name", NAMES)
def test_odd_ids_never_break_a_page(world: World, alice: Client, name: str) -> None:
    """All pages look for the row in the same way."""
    for page in ("x/change", "%00/change", "x/history", "x/delete"):
        assert alice.get(admin_url(world, f"{name}/{page}/")).status_code in (404, 400), page


@pytest.mark.parametrize("name", ["AuditLog", "Clinic", "Patient"])
@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_very_odd_ids_never_break_a_page_either(
    world: World, alice: Client, name: str, page: str
) -> None:
    for pk in ODD_IDS:
        assert alice.get(admin_url(world, f"{name}/{pk}/{page}/")).status_code in (404, 400), pk


@pytest.mark.parametrize("name", NAMES)
def test_odd_initial_values_never_break_a_form(world: World, alice: Client, name: str) -> None:
    values = ("x", "%F0%9F%92%A9", "9" * 40)
    keys = [field.name for field in MODELS[name]._meta.concrete_fields]
    turns = range(3 if name in ("Doctor", "Patient") else 1)
    for turn in turns:
        query = "&".join(f"{key}={values[(n + turn) % 3]}" for n, key in enumerate(keys))
        assert alice.get(admin_url(world, f"{name}/add/?{query}")).status_code in (200, 403)


ODD_VALUES = ("💩\ud7ff[", "", "-1", "9" * 60, "2026-99-99")


@pytest.mark.parametrize("name", NAMES)
def test_odd_posts_never_break_a_form(
    world: World, alice: Client, rows: dict[str, Any], name: str
) -> None:
    """Each kind of field reads every value, each field one at least."""
    for page in ("add", f"{rows[name]}/change"):
        url, new = admin_url(world, f"{name}/{page}/"), set()
        for turn in range(len(ODD_VALUES)):
            response = alice.post(url, odd_data(name, turn))
            assert response.status_code in (302, 403, 409, 422), (page, turn)
            kinds = kinds_of(response)
            if kinds is not None and kinds <= READ:
                break
            new |= kinds or set()
        READ.update(new)
        assert alice.post(url, {"full_name": "a\x00b"}).status_code in (400, 403)
        assert alice.post(url, {"_saveasnew": "1"}).status_code in (400, 403)


# Kinds of fields that have read all odd values, on forms that were tried before.
READ: set[tuple[str, ...]] = set()


def odd_data(name: str, turn: int) -> dict[str, str]:
    """A value in each field of the model and in its parts, another one each turn."""
    found: dict[str, str] = {}
    for n, field in enumerate(MODELS[name]._meta.concrete_fields, start=turn):
        keys = (field.name, f"{field.name}_0", f"{field.name}_1")
        found |= dict.fromkeys(keys, ODD_VALUES[n % len(ODD_VALUES)])
    return found


def kinds_of(response: Any) -> set[tuple[str, ...]] | None:
    """Class, widget and validators of the fields that a post came back with; None if taken."""
    if response.status_code == 302:
        return None
    if response.status_code == 403:
        return set()
    fields = response.context["adminform"].form.fields.values()
    return {
        tuple(type(part).__name__ for part in (field, field.widget, *field.validators))
        for field in fields
    }
