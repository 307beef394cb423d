"""Another clinic's row gets what a random id gets: on every page, in lists, forms and pickers."""

import re
import uuid
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client

from clinic.auth import find_user
from tests.adminrows import (
    MODELS,
    NAMES,
    FormReader,
    admin_url,
    bare,
    errors,
    fill,
    form_data,
    shown_fields,
    stored,
)
from tests.factories import World, make_world

CANARY = "Zqxcanary"
# {model: its foreign keys that the form shows}
FOREIGN_KEYS = {
    name: keys
    for name in NAMES
    if (keys := [
        field.name
        for field in MODELS[name]._meta.concrete_fields
        if field.is_relation and field.editable and field.name in shown_fields(name)
    ])
}  # fmt: skip


@pytest.fixture(scope="module")
def scene(django_db_setup: None) -> Any:
    """A clinic and another one, with a row of everything each; read by all tests here."""
    world, other = make_world(), make_world(mallory=True)
    return world, fill(world), fill(other, CANARY), other


@pytest.fixture
def world(scene: Any) -> World:
    return scene[0]


@pytest.fixture
def rows(scene: Any) -> dict[str, Any]:
    return scene[1]


@pytest.fixture
def foreign(scene: Any) -> dict[str, Any]:
    """Rows of the other clinic, marked in every column that a list shows."""
    return scene[2]


@pytest.fixture(scope="module")
def session(scene: Any) -> Any:
    """Alice's cookie: signing in is not what is tested here."""
    client = Client()
    client.force_login(find_user(scene[0].alice.pk), backend="clinic.auth.LoginBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def alice(session: str) -> Client:
    """A browser of its own for each test."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


def target_of(name: str, field: str) -> str:
    """The model that a foreign key leads to."""
    column: Any = MODELS[name]._meta.get_field(field)
    target: str = column.related_model.__name__
    return target


def random_id(name: str) -> Any:
    return 9_000_000_000 if name == "AuditLog" else uuid.uuid4()


def pages_of(name: str) -> list[str]:
    """What stands after a row's id in the addresses of its pages."""
    patterns = [str(url.pattern) for url in admin.site._registry[MODELS[name]].get_urls()]
    return [found[1] for p in patterns if (found := re.fullmatch(r"<(?:path|uuid):\w+>/(.*)", p))]


def test_a_row_has_the_pages_that_are_tried_here() -> None:
    pages = {page for name in NAMES for page in pages_of(name)}
    assert pages == {"change/", "history/", "delete/", "password/", "numbers/", "secret/"}


@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_id_is_a_random_id(
    world: World, alice: Client, foreign: dict[str, Any], name: str
) -> None:
    for page in pages_of(name):
        answers = []
        for pk in (foreign[name], random_id(name)):
            url = admin_url(world, f"{name}/{pk}/{page}")
            got = [alice.get(url), alice.post(url, {"full_name": "Mallory", "post": "yes"})]
            answers.append([bare(response, pk) for response in got])
        assert answers[0] == answers[1], page
        statuses = [status for status, _, _ in answers[0]]
        assert statuses in ([404, 404], [404, 403]), page  # 403: nobody may post there at all


@pytest.mark.parametrize("name", NAMES)
def test_lists_pages_and_pickers_never_show_another_clinic(
    world: World, alice: Client, rows: dict[str, Any], foreign: dict[str, Any], name: str
) -> None:
    """All rows at once, whatever order they have on pages, and every count beside a filter."""
    part = CANARY[:-2]  # the page repeats what was asked
    urls = [
        admin_url(world, f"{name}/{page}") for page in ("add/", "?all=&_facets=1", f"?q={part}")
    ]
    urls += [admin_url(world, f"{name}/{rows[name]}/{page}/") for page in ("change", "history")]
    clean(alice, urls)
    model_admin: Any = admin.site._registry[MODELS[name]]
    picker = {
        "app_label": MODELS[name]._meta.app_label,
        "model_name": MODELS[name]._meta.model_name,
    }
    for field in model_admin.autocomplete_fields:
        for term in ("", part):
            query = {**picker, "field_name": field, "term": term}
            found = alice.get(admin_url(world, "autocomplete/"), query)
            assert found.status_code == 200
            assert CANARY not in found.content.decode()


@pytest.mark.parametrize("name", ["Appointment", "AuditLog", "Patient"])
def test_no_order_and_no_popup_shows_another_clinic(
    world: World, alice: Client, foreign: dict[str, Any], name: str
) -> None:
    clean(alice, [admin_url(world, f"{name}/{page}") for page in ("", "?o=1.-2", "?_popup=1")])


def clean(client: Client, urls: list[str]) -> None:
    """None of the pages has the mark of the other clinic's rows."""
    for url in urls:
        response = client.get(url)
        assert response.status_code in (200, 302, 403, 404), url
        assert CANARY not in response.content.decode(), url


def test_the_index_never_shows_another_clinic(
    world: World, alice: Client, foreign: dict[str, Any]
) -> None:
    page = alice.get(admin_url(world))
    assert page.status_code == 200
    assert CANARY not in page.content.decode()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "AuditLog"])
def test_the_other_clinic_sees_its_own_mark(scene: Any, login: Any, name: str) -> None:
    """The probe above would find something if it were there."""
    other = scene[3]
    page = login(other.alice).get(admin_url(other, f"{name}/"), follow=True)
    assert CANARY in page.content.decode()


@pytest.mark.parametrize("name", FOREIGN_KEYS)
def test_forged_keys_are_refused_like_missing_ones(
    world: World, alice: Client, foreign: dict[str, Any], name: str
) -> None:
    """In the form of a new row, all of them; for keys that it has not the post changes nothing."""
    url = admin_url(world, f"{name}/add/")
    page = alice.get(url)
    if page.status_code == 403:
        return
    data = FormReader(page.content.decode()).data
    seen = []
    for key in (lambda field: foreign[target_of(name, field)], lambda _: uuid.uuid4()):
        response = alice.post(url, data | {field: str(key(field)) for field in FOREIGN_KEYS[name]})
        assert response.status_code == 422
        assert CANARY not in response.content.decode()
        seen.append(errors(response))
    assert seen[0] == seen[1]
    choice = ["Select a valid choice. That choice is not one of the available choices."]
    offered = page.context["adminform"].form.fields
    for field in FOREIGN_KEYS[name]:
        assert seen[0].get(field) == (choice if field in offered else None), field


@pytest.mark.parametrize("name", FOREIGN_KEYS)
def test_a_forged_key_changes_no_row(
    world: World, alice: Client, rows: Any, foreign: dict[str, Any], name: str
) -> None:
    """One at a time: what refuses one would hide that another is taken."""
    url = admin_url(world, f"{name}/{rows[name]}/change/")
    before = stored(world, name, rows[name])
    data = form_data(alice, url)
    for field in FOREIGN_KEYS[name]:
        for key in (foreign[target_of(name, field)], uuid.uuid4()):
            alice.post(url, data | {field: str(key), f"{field}_id": str(key)})
            after = stored(world, name, rows[name])
            assert {k: v for k, v in after.items() if k != "updated_at"} == {
                k: v for k, v in before.items() if k != "updated_at"
            }


LOOKUPS = [
    "clinic__id__exact={clinic}", "clinic={clinic}", "clinic_id={clinic}", "id__in={foreign}",
    "pk={foreign}", "id={foreign}", "id__exact={foreign}", "patient__clinic={clinic}",
    "user__email__contains=a", "doctor__full_name__startswith=Z", "password__startswith=a",
    "password_hash__startswith=a", "nric_hash__gt=a", "created_by__password__startswith=p",
    "full_name__contains=Z", "_to_field=password", "_popup=1&_to_field=password",
]  # fmt: skip


def is_about(name: str, lookup: str) -> bool:
    """What begins with a column that a model has not is refused as any nonsense is."""
    head = re.split("__|_id|=", lookup)[0]
    columns = {field.name for field in MODELS[name]._meta.get_fields()}
    return head in columns | {"clinic", "pk", "_to_field", "_popup"}


@pytest.mark.parametrize("name", NAMES)
def test_lookups_that_would_answer_guesses_are_refused(
    world: World, alice: Client, foreign: dict[str, Any], name: str
) -> None:
    for lookup in filter(partial(is_about, name), LOOKUPS):
        query = lookup.format(clinic=foreign["Clinic"], foreign=foreign[name])
        response = alice.get(admin_url(world, f"{name}/?{query}"))
        # The list of clinics is one row: it goes to its form and asks nothing.
        assert response.status_code == (302 if name == "Clinic" else 400), query
        assert CANARY not in response.content.decode()


def test_pickers_answer_only_for_the_models_that_they_are_on(world: World, alice: Client) -> None:
    base = {"app_label": "booking", "model_name": "appointment", "field_name": "patient"}
    url = admin_url(world, "autocomplete/")
    assert alice.get(url, base).status_code == 200
    wrong = [
        {"field_name": "clinic_id"}, {"field_name": "nothing"}, {"model_name": "nothing"},
        {"app_label": "auth"}, {"field_name": "starts_at"},
        {"app_label": "clinic", "model_name": "patient", "field_name": "name_key"},
    ]  # fmt: skip
    for change in wrong:
        assert alice.get(url, base | change).status_code in (403, 404), change
    assert alice.get(url).status_code == 403
    assert alice.get(url, base | {"term": "\x00"}).status_code == 400
    assert alice.get(url, base | {"page": "9999"}).status_code == 404


def test_pages_that_django_has_and_we_do_not(world: World, alice: Client) -> None:
    """No shortcut by content type, no second way out, no log of its own."""
    patient = world.patient.id
    pages = ["r/1/x/", f"r/1/{patient}/", "logout/", "auth/group/", "doc/", "x/"]
    pages += [f"clinic/patient/{patient}/{page}" for page in ("", "move/", "password/")]
    for page in pages:
        assert alice.get(admin_url(world, page)).status_code == 404, page
        assert alice.post(admin_url(world, page)).status_code == 404, page
    assert alice.get(admin_url(world, "login/")).headers["Location"] == admin_url(world)
