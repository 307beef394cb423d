"""Signing in and out, choosing a clinic, and the pages for when something is wrong."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from clinic.views import server_error, too_many_tries
from tests.factories import PASSWORD, UserFactory, World
from tests.factories.people import MembershipFactory


def sign_in(world: World, **changed: str) -> Any:
    sent = {"email": world.bob.email, "password": PASSWORD, **changed}
    return Client().post("/login/", sent)


def schedule(world: World) -> str:
    return f"/c/{world.clinic.code}/schedule/"


def test_the_form_has_its_hooks_and_lets_managers_of_passwords_work() -> None:
    html = Client().get("/login/").text
    for hook in ("email", "password", "submit"):
        assert html.count(f'data-testid="{hook}"') == 1
    assert 'autocomplete="username"' in html
    assert 'autocomplete="current-password"' in html


def test_signing_in_leads_to_the_only_clinic(world: World) -> None:
    client = Client()
    sent = {"email": world.bob.email.upper(), "password": PASSWORD}
    assert client.post("/login/", sent)["Location"] == "/clinics/"
    assert client.get("/clinics/")["Location"] == schedule(world)
    assert client.get("/")["Location"] == "/clinics/"


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/c/X/patients/?q=ad", "/c/X/patients/?q=ad"),
        ("https://evil.test/", "/clinics/"),
        ("//evil.test/", "/clinics/"),
        ("/\\evil.test", "/clinics/"),
        ("javascript:alert(1)", "/clinics/"),
        ("/login/", "/clinics/"),
        ("", "/clinics/"),
    ],
)
def test_next_leads_only_to_ourselves(world: World, target: str, lands: str) -> None:
    assert sign_in(world, next=target)["Location"] == lands


def test_every_failure_reads_the_same(world: World) -> None:
    with world.as_owner():
        gone = UserFactory(clinic=world.clinic, is_active=False, password=make_password(PASSWORD))
    answers = [
        sign_in(world, password="wrong"),
        sign_in(world, email="nobody@example.test"),
        sign_in(world, email=gone.email),
    ]
    assert {answer.status_code for answer in answers} == {422}
    texts = {re.search(r'id="problem"[^>]*>([^<]+)<', a.text).group(1) for a in answers}
    assert texts == {"The email or the password is not right. Check both and try again."}
    assert f'value="{world.bob.email}"' in answers[0].text
    assert "wrong" not in re.sub(r"<[^>]*problem.*?</div>", "", answers[0].text)


@pytest.mark.parametrize("changed", [{"email": ""}, {"password": ""}, {"email": "x\0@y.z"}])
def test_an_empty_or_broken_form_is_422(world: World, changed: dict[str, str]) -> None:
    assert sign_in(world, **changed).status_code == 422


def test_too_many_tries_wait(world: World) -> None:
    for _ in range(10):
        assert sign_in(world, password="wrong").status_code == 422
    answer = sign_in(world)
    assert answer.status_code == 429
    assert "Too many tries" in answer.text


def test_signing_in_changes_the_session_key(world: World) -> None:
    client = Client()
    client.get("/login/")
    client.post("/login/", {"email": world.bob.email, "password": PASSWORD})
    first = client.cookies["sessionid"].value
    client.post("/login/", {"email": world.alice.email, "password": PASSWORD})
    assert client.cookies["sessionid"].value != first


def test_signing_out_needs_a_post_and_ends_the_session(world: World, login: Any) -> None:
    client = login(world.bob)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get(schedule(world))["Location"].startswith("/login/?next=")


def test_a_page_asks_who_it_is_and_comes_back(world: World) -> None:
    answer = Client().get(f"{schedule(world)}?patient=x")
    assert answer["Location"] == f"/login/?next={schedule(world)}%3Fpatient%3Dx"


def test_htmx_sends_the_whole_page_to_the_login(world: World) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{schedule(world)}"}
    answer = Client().get("/login/?next=/fragment/", headers=headers)
    assert answer["HX-Redirect"] == f"/login/?next={schedule(world)}"


@pytest.mark.parametrize("url", ["http://[", "http://testserver]/x", "//["])
def test_a_broken_address_from_htmx_is_no_fault_of_ours(url: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": url}
    response = Client(headers=headers).get("/login/")
    assert (response.status_code, response["HX-Redirect"]) == (200, "/login/")


def test_a_patient_begins_at_the_page_that_is_theirs(world: World, login: Any) -> None:
    client = login(world.dana)
    calendar = f"/c/{world.clinic.code}/calendar/"
    assert client.get("/clinics/")["Location"] == calendar
    assert "Dana" in client.get(calendar).text
    refused = client.get(schedule(world))
    assert refused.status_code == 403
    assert f'href="{calendar}">Go to your calendar</a>' in refused.text
    assert "ask your clinic manager" not in refused.text


def test_the_chooser_lists_clinics_zones_and_times(
    world: World, other_world: World, login: Any
) -> None:
    with other_world.as_owner():
        MembershipFactory(clinic=other_world.clinic, user=world.bob, role="staff")
    html = login(world.bob).get("/clinics/").text
    for clinic in (world.clinic, other_world.clinic):
        assert f'href="/c/{clinic.code}/schedule/"' in html
    assert html.count("Asia/Singapore") >= 2
    assert len(re.findall(r"<time>\d\d:\d\d</time>", html)) == 2
    admin = login(world.bob).get("/clinics/?next=admin").text
    assert f'href="/c/{world.clinic.code}/admin/"' in admin


def test_the_chooser_says_when_there_is_none() -> None:
    answer = Client().get("/clinics/")
    assert answer["Location"] == "/login/?next=/clinics/"


def test_only_a_role_one_has_can_be_chosen(world: World, other_world: World, login: Any) -> None:
    client = login(world.bob)
    for clinic, role in ((world, "admin"), (other_world, "staff"), (world, "owner")):
        answer = client.post("/clinics/", {"clinic": clinic.clinic.code, "role": role})
        assert answer["Location"] == "/clinics/"
        assert "roles" not in client.session


def test_the_switcher_shows_only_for_several_clinics(
    world: World, other_world: World, login: Any
) -> None:
    world.make_slots()
    client = login(world.bob)
    assert "All clinics" not in client.get(schedule(world), follow=True).text
    with other_world.as_owner():
        MembershipFactory(clinic=other_world.clinic, user=world.bob, role="staff")
    html = client.get(schedule(world), follow=True).text
    assert "All clinics" in html
    assert f'href="/c/{other_world.clinic.code}/schedule/"' in html


def test_admin_is_linked_for_administrators_only(world: World, login: Any) -> None:
    link = f'href="/c/{world.clinic.code}/admin/"'
    assert link in login(world.alice).get(schedule(world), follow=True).text
    assert link not in login(world.bob).get(schedule(world), follow=True).text


@pytest.mark.parametrize("path", ["/nothing/", "/c/NOPE/schedule/"])
def test_404_is_in_our_words_with_a_reference(world: World, login: Any, path: str) -> None:
    answer = login(world.bob).get(path)
    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert answer["X-Request-Id"] in answer.text


def test_a_post_without_its_token_is_403_in_our_words(world: World, login: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/login/", {"email": "a@b.c", "password": "x"})
    assert answer.status_code == 403
    assert "This page was open too long" in answer.text


def test_429_needs_nothing_but_a_request() -> None:
    request = RequestFactory().get("/")
    assert too_many_tries(request).status_code == 429


def test_500_gives_the_reference_and_asks_the_database_nothing(django_db_blocker: Any) -> None:
    request = RequestFactory().get("/")
    request.request_id = "ref-1"  # type: ignore[attr-defined]
    with django_db_blocker.block():
        answer = server_error(request)
    assert answer.status_code == 500
    assert "Sorry, there is a problem" in answer.text
    assert "ref-1" in answer.text


@pytest.mark.parametrize("name", ["403", "404", "409", "422", "429"])
def test_error_pages_ask_the_database_nothing(name: str, django_db_blocker: Any) -> None:
    with django_db_blocker.block():
        html = render_to_string(f"{name}.html", request=None)
    assert html.count("<h1>") == 1
    assert html.count('class="btn primary"') == 1  # one way on
