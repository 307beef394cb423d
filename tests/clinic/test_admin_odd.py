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


# Of every list: searches. What its own filters get is in odd_filters.
EVERYWHERE = ["q=%27%22%25_", "q=%00", "nothing__a=1"]
# What one piece of code answers for all lists, and what lists without such a filter get.
ANYWHERE = [
    "p=-1", "p=x&o=-x.1.999&all=1&e=1", "p=99999999999999999999", "q=" + "a" * 8_000, "%00=1",
    "status__exact=nothing", "role__exact=nothing", "doctor__id__exact=nothing",
    "when=nothing", "state=nothing", "is_active__exact=nothing",
    "table=nothing", "who=nothing", "action_done=nothing", "starts_at__year=9999",
    "appointment_type__isnull=x", "employment_type__exact=%F0%9F%92%A9",
    "_facets=1&status__exact=nothing",
]  # fmt: skip
BY_DATE = ["year=9999", "year=0", "year=2026&{date}__month=13", "year=x", "year=%C2%B2"]


def odd_filters(name: str) -> Iterator[str]:
    """Queries with values that the filters of a list do not offer."""
    model_admin: Any = admin.site._registry[MODELS[name]]
    for item in model_admin.list_filter:
        if isinstance(item, type):
            chooser: Any = item
            yield f"{chooser.parameter_name}=nothing"
            continue
        field = item[0] if isinstance(item, tuple) else item
        path = "__id" if MODELS[name]._meta.get_field(field).is_relation else ""
        yield f"{field}{path}__exact=nothing"
        yield f"{field}{path}__exact=%F0%9F%92%A9"
        yield f"{field}__isnull=x"
    if date := model_admin.date_hierarchy:
        yield from (f"{date}__{query.format(date=date)}" for query in BY_DATE)


def unbroken(client: Client, world: World, name: str, queries: list[str]) -> dict[str, int]:
    found = {q: client.get(admin_url(world, f"{name}/?{q}")).status_code for q in queries}
    assert {q: status for q, status in found.items() if status not in (200, 302, 400)} == {}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_odd_queries_never_break_a_list(world: World, alice: Client, name: str) -> None:
    filters = list(odd_filters(name))
    counted = [f"_facets=1&{filters[-1]}"] if filters else []
    statuses = unbroken(alice, world, name, [*EVERYWHERE, *filters, *counted])
    assert statuses["q=%00"] == 400


@pytest.mark.parametrize("name", ["Appointment", "AuditLog", "Doctor", "FeatureFlag"])
def test_odd_queries_of_other_lists_never_break_one(world: World, alice: Client, name: str) -> None:
    assert unbroken(alice, world, name, ANYWHERE)["%00=1"] == 400


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
