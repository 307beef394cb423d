"""Another clinic's row gets what a random id gets: on every page, in lists, forms and pickers."""

import uuid
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
PAGES = ["change/", "history/", "delete/", "", "password/", "move/", "numbers/"]
FOREIGN_KEYS = [
    (name, field.name)
    for name in NAMES
    for field in MODELS[name]._meta.concrete_fields
    if field.is_relation and field.editable
    and field.name in shown_fields(name)
]  # fmt: skip


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


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_id_is_a_random_id(
    world: World, alice: Client, foreign: dict[str, Any], name: str, page: str
) -> None:
    answers = []
    for pk in (foreign[name], random_id(name)):
        url = admin_url(world, f"{name}/{pk}/{page}")
        got = [alice.get(url), alice.post(url, {"full_name": "Mallory", "post": "yes"})]
        if got[0].status_code == 301:  # the old address of the form
            got = [alice.get(url, follow=True)]
        answers.append([bare(response, pk) for response in got])
    assert answers[0] == answers[1]
    statuses = [status for status, _, _ in answers[0]]
    assert statuses in ([404, 404], [404, 403])  # 403: nobody may post there at all


@pytest.mark.parametrize("name", NAMES)
def test_lists_pages_and_pickers_never_show_another_clinic(
    world: World, alice: Client, rows: dict[str, Any], foreign: dict[str, Any], name: str
) -> None:
    model_admin: Any = admin.site._registry[MODELS[name]]
    part = CANARY[:-2]  # the page repeats what was asked
    pages = ["", f"?q={part}", "?_facets=True", "?o=1.-2", "?_popup=1", "?all="]
    urls = [admin_url(world, f"{name}/{page}") for page in ("add/", *pages)]
    urls += [admin_url(world, f"{name}/{rows[name]}/{page}/") for page in ("change", "history")]
    for url in urls:
        response = alice.get(url)
        assert response.status_code in (200, 302, 403, 404), url
        assert CANARY not in response.content.decode(), url
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


@pytest.mark.parametrize(("name", "field"), FOREIGN_KEYS)
def test_a_forged_key_is_refused_like_a_missing_one(
    world: World, alice: Client, foreign: dict[str, Any], name: str, field: str
) -> None:
    """In the form of a new row; for keys that are not chosen there the post changes nothing."""
    target = target_of(name, field)
    url = admin_url(world, f"{name}/add/")
    page = alice.get(url)
    if page.status_code == 403:
        return
    data = FormReader(page.content.decode()).data
    seen = []
    for key in (foreign[target], uuid.uuid4()):
        response = alice.post(url, data | {field: str(key)})
        assert response.status_code == 422
        assert CANARY not in response.content.decode()
        seen.append(errors(response))
    assert seen[0] == seen[1]
    offered = field in page.context["adminform"].form.fields
    choice = ["Select a valid choice. That choice is not one of the available choices."]
    assert seen[0].get(field) == (choice if offered else None)


@pytest.mark.parametrize(("name", "field"), FOREIGN_KEYS)
def test_a_forged_key_changes_no_row(
    world: World, alice: Client, rows: Any, foreign: dict[str, Any], name: str, field: str
) -> None:
    target = target_of(name, field)
    url = admin_url(world, f"{name}/{rows[name]}/change/")
    before = stored(world, name, rows[name])
    data = form_data(alice, url)
    for key in (foreign[target], uuid.uuid4()):
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


@pytest.mark.parametrize("name", NAMES)
def test_lookups_that_would_answer_guesses_are_refused(
    world: World, alice: Client, foreign: dict[str, Any], name: str
) -> None:
    for lookup in LOOKUPS:
        query = lookup.format(clinic=foreign["Clinic"], foreign=foreign[name])
        response = alice.get(admin_url(world, f"{name}/?{query}"))
        # The list of clinics is one row: it goes to its form and asks nothing.
        assert response.status_code == (302 if name == "Clinic" else 400), query
        assert CANARY not in response.content.decode()


ODD = [
    "p=-1", "p=99999999999999999999", "p=x&o=-x.1.999&all=1&e=1", "q=%00", "q=%27%22%25_",
    "q=" + "a" * 8_000, "status__exact=nothing", "role__exact=nothing",
    "doctor__id__exact=nothing", "when=nothing", "state=nothing", "is_active__exact=nothing",
    "table=nothing", "who=nothing", "action_done=nothing", "starts_at__year=9999",
    "starts_at__year=0", "starts_at__year=2026&starts_at__month=13", "starts_at__year=x",
    "starts_at__year=%C2%B2", "appointment_type__isnull=x", "employment_type__exact=%F0%9F%92%A9",
    "_facets=1&status__exact=nothing", "%00=1", "nothing__a=1",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_odd_queries_never_break_a_list(world: World, alice: Client, name: str) -> None:
    statuses = {q: alice.get(admin_url(world, f"{name}/?{q}")).status_code for q in ODD}
    assert {q: s for q, s in statuses.items() if s not in (200, 302, 400)} == {}
    assert statuses["q=%00"] == statuses["%00=1"] == 400


@pytest.mark.parametrize("name", NAMES)
def test_odd_ids_and_initial_values_never_break_a_form(
    world: World, alice: Client, name: str
) -> None:
    for pk in ("x", "0", "-1", "%00", "..", "9" * 400, "add", str(uuid.uuid4()).upper()):
        for page in ("change", "history", "delete"):
            status = alice.get(admin_url(world, f"{name}/{pk}/{page}/")).status_code
            assert status in (404, 400), (pk, page)
    keys = [field.name for field in MODELS[name]._meta.concrete_fields]
    for value in ("x", "%F0%9F%92%A9", "9" * 40):
        query = "&".join(f"{key}={value}" for key in keys)
        assert alice.get(admin_url(world, f"{name}/add/?{query}")).status_code in (200, 403)


@pytest.mark.parametrize("name", NAMES)
def test_odd_posts_never_break_a_form(
    world: World, alice: Client, rows: dict[str, Any], name: str
) -> None:
    keys = [field.name for field in MODELS[name]._meta.concrete_fields]
    values = ("", "-1", "9" * 60, "💩\ud7ff[", "2026-99-99")
    for page in ("add", f"{rows[name]}/change"):
        url = admin_url(world, f"{name}/{page}/")
        for value in values:
            data = dict.fromkeys(keys, value)
            data |= {f"{key}_{n}": value for key in keys for n in (0, 1)}
            status = alice.post(url, data).status_code
            assert status in (302, 403, 409, 422), (page, value)
        assert alice.post(url, {"full_name": "a\x00b"}).status_code in (400, 403)
        assert alice.post(url, {"_saveasnew": "1"}).status_code in (400, 403)


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
    for page in ("r/1/x/", f"r/1/{world.patient.id}/", "logout/", "auth/group/", "doc/", "x/"):
        assert alice.get(admin_url(world, page)).status_code == 404, page
        assert alice.post(admin_url(world, page)).status_code == 404, page
    assert alice.get(admin_url(world, "login/")).headers["Location"] == admin_url(world)
