"""From the request to the context: the URL and the database decide, nothing else does."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone

from audit.models import AuditLog
from clinic.models import Membership, Patient
from clinic.tenancy.middleware import client_ip
from tests.clinic.site import options, site_with
from tests.factories import World, make_world

PAGES = "tests.clinic.pool_views"


@pytest.fixture(autouse=True)
def _pages() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=PAGES):
        yield


def page(world: World | str, name: str = "read") -> str:
    code = world if isinstance(world, str) else world.clinic.code
    return f"/c/{code}/{name}/"


def plain(response: Any) -> tuple[int, dict[str, str], str]:
    """All that a client gets, but for the request's own id and token."""
    request_id = response["X-Request-Id"]
    headers = {k: v for k, v in response.headers.items() if k != "X-Request-Id"}
    body = response.content.decode().replace(request_id, "ID").replace(request_id[:8], "ID")
    return response.status_code, headers, re.sub(r'value="\w{64}"', "", body)


def test_a_foreign_clinic_is_as_good_as_none(world: World, other_world: World, login: Any) -> None:
    """Five methods on four pages: status, headers and body are those of a code that nobody has."""
    client, codes = login(world.bob), (other_world.clinic.code, "T" + "0" * 10)
    for name in ("read", "write", "no-such-page", "schedule"):
        for method in ("get", "post", "head", "delete", "options"):
            foreign, missing = (plain(getattr(client, method)(page(c, name))) for c in codes)
            assert foreign[0] == 404
            assert foreign[:2] == missing[:2]
            assert foreign[2].replace(codes[0], "CODE") == missing[2].replace(codes[1], "CODE")


@pytest.mark.parametrize(
    "change", [str.lower, str.swapcase, "{} ".format, " {}".format, "{}%00".format, "{}%0a".format,
               "{}%2f".format, "../{}".format, "{};".format, "%".join]
)  # fmt: skip
def test_only_the_exact_code_opens(world: World, login: Any, change: Any) -> None:
    client = login(world.bob)
    assert client.get(page(world)).status_code == 200
    assert client.get(page(change(world.clinic.code))).status_code == 404


@pytest.mark.parametrize("name", ["read", "schedule", "no-such-page", "a%0Ab", "%0A", "a/b%0Ac"])
def test_a_stranger_is_sent_to_the_login(world: World, name: str) -> None:
    """The same for a clinic that exists and for one that does not, whatever follows."""
    for code in (world.clinic.code, "NOSUCH"):
        response = Client().get(page(code, name))
        assert response.status_code == 302
        assert response["Location"].startswith("/login/?next=")


SPOOFED = {
    "X-Clinic-Id": "{id}", "X-Clinic": "{code}", "X-Tenant-Id": "{id}", "Clinic-Id": "{id}",
    "X-Active-Role": "superadmin", "X-User-Id": "{user}", "X-Forwarded-Host": "{code}.example",
    "X-Original-URL": "/c/{code}/read/", "X-Rewrite-URL": "/c/{code}/read/",
    "X-Forwarded-Prefix": "/c/{code}", "X-HTTP-Method-Override": "DELETE",
    "App-Current-Clinic-Id": "{id}", "Clinic": "{code}", "Role": "admin",
}  # fmt: skip


@pytest.mark.parametrize("way", ["query", "header", "cookie", "form"])
def test_nothing_but_the_url_names_the_clinic(
    world: World, other_world: World, login: Any, way: str
) -> None:
    ids = {"id": other_world.id, "code": other_world.clinic.code, "user": other_world.alice.id}
    values = {name: value.format(**ids) for name, value in SPOOFED.items()}
    named = {name.lower().replace("-", "_").removeprefix("x_"): v for name, v in values.items()}
    client = login(world.bob)
    if way == "cookie":
        for name, value in named.items():
            client.cookies[name] = value
    path = f"{page(world)}?{urlencode(named)}" if way == "query" else page(world)
    headers = values if way == "header" else {}
    method = client.post if way == "form" else client.get
    seen = method(path, named if way == "form" else {}, headers=headers).json()
    assert (seen["clinic"], seen["role"]) == (str(world.id), "clinic_staff")
    assert (seen["user"], seen["patients"]) == (str(world.bob.id), [str(world.patient.id)])


def test_someone_of_two_clinics_is_in_the_one_of_the_url(
    world: World, other_world: World, login: Any
) -> None:
    with other_world.as_owner():
        Membership.objects.using("owner").create(
            clinic=other_world.clinic, user=world.bob, role="nurse"
        )
    client = login(world.bob)
    for cast, role in ((world, "staff"), (other_world, "nurse"), (world, "staff")):
        seen = client.get(page(cast)).json()
        assert (seen["clinic"], seen["role"]) == (str(cast.id), f"clinic_{role}")
        assert seen["patients"] == [str(cast.patient.id)]


def test_the_strongest_role_unless_another_was_chosen(world: World, login: Any) -> None:
    with world.as_owner():
        Membership.objects.using("owner").create(clinic=world.clinic, user=world.bob, role="doctor")
    client = login(world.bob)
    roles = []
    for choice in (None, "doctor", "superadmin", "staff", ""):
        if choice is not None:
            client.post("/clinics/", {"clinic": world.clinic.code, "role": choice})
        roles.append(client.get(page(world)).json()["role"].removeprefix("clinic_"))
    assert roles == ["staff", "doctor", "doctor", "staff", "staff"]


def notes(world: World) -> str:
    with world.as_owner():
        return Patient.objects.using("owner").get(pk=world.patient.pk).notes


@pytest.mark.parametrize(
    ("method", "stays"), [("get", False), ("head", False), ("options", False), ("post", True)]
)
def test_only_unsafe_methods_write(world: World, login: Any, method: str, stays: bool) -> None:
    client = login(world.bob)
    client.raise_request_exception = False
    response = getattr(client, method)(page(world, "save"))
    assert response.status_code == (200 if stays else 500)
    assert notes(world) == ("saved" if stays else "")


def test_a_request_ends_in_the_zone_it_came_from(login: Any) -> None:
    cast = make_world(time_zone="Pacific/Auckland")
    assert login(cast.bob).get(page(cast, "zone")).content.decode() == "Pacific/Auckland"
    assert timezone.get_current_timezone_name() == "UTC"


def test_request_ids_are_ours(world: World, login: Any) -> None:
    client = login(world.bob)
    ids = [
        client.get(page(world), headers={"X-Request-Id": "mine"})["X-Request-Id"] for _ in range(3)
    ]
    assert len(set(ids)) == 3
    assert all(re.fullmatch(r"[0-9a-f-]{36}", request_id) for request_id in ids)


def request_from(remote: str, forwarded: str | None) -> Any:
    extra: Any = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=remote, **extra)


@pytest.mark.parametrize(
    ("remote", "forwarded", "seen"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "6.6.6.6, 2001:db8::7 ", "2001:db8::7"),
        ("10.0.0.1", "2001:DB8::7", "2001:db8::7"),
        ("10.0.0.2", "198.51.100.7", "10.0.0.2"),
        ("10.0.0.1", "", ""),
        ("10.0.0.1", "unknown", ""),
        ("10.0.0.1", "999.1.1.1", ""),
        ("10.0.0.1", "1.2.3", ""),
        ("10.0.0.1", "198.51.100.7:4711", ""),
        ("10.0.0.1", "[2001:db8::7]:4711", ""),
        ("10.0.0.1", "fe80::1%eth0", ""),
        ("10.0.0.1", "::::", ""),
        ("10.0.0.1", "127.0.0.1'; drop table clinic.patients; --", ""),
        ("", None, ""),
        ("/run/rowan.sock", "198.51.100.7", ""),
    ],
)
def test_the_clients_address(remote: str, forwarded: str | None, seen: str) -> None:
    """X-Forwarded-For counts behind our own proxies, and there its last entry only."""
    with override_settings(TRUSTED_PROXIES=["10.0.0.1"]):
        assert client_ip(request_from(remote, forwarded)) == seen


def entry(world: World) -> AuditLog:
    with world.as_owner():
        found = AuditLog.objects.using("owner").filter(clinic_id=world.id, table_name="patients")
        return found.latest("id")


@pytest.mark.parametrize(
    "forwarded", ["junk", "999.9.9.9", "1.2.3.4:80", "\x00", "::1%lo", "9" * 99]
)
def test_a_junk_address_breaks_no_write(world: World, login: Any, forwarded: str) -> None:
    with override_settings(TRUSTED_PROXIES=["127.0.0.1"]):
        response = login(world.bob).post(
            page(world, "save"), headers={"X-Forwarded-For": forwarded}
        )
    assert response.status_code == 200
    assert (entry(world).action, entry(world).ip_address) == ("UPDATE", None)


def test_a_write_says_who_it_was(world: World, login: Any) -> None:
    """The agent cut and without control characters, the id that the page carries."""
    agent = "evil\x1b[31m\r\nSet-Cookie: x\x00 " + "A" * 1_000_000
    with override_settings(TRUSTED_PROXIES=["127.0.0.1"]):
        response: HttpResponse = login(world.bob).post(
            page(world, "save"), headers={"User-Agent": agent, "X-Forwarded-For": "198.51.100.7"}
        )
    log = entry(world)
    assert (log.user_id, log.actor_role, log.ip_address) == (world.bob.id, "staff", "198.51.100.7")
    assert log.request_id == response["X-Request-Id"]
    assert str(log.user_agent).startswith("evil [31m Set-Cookie: x  AAAA")
    assert len(str(log.user_agent)) == 300
    assert timezone.now() - log.created_at < dt.timedelta(minutes=1)


def test_without_a_database_a_page_says_to_come_again(world: World, login: Any) -> None:
    """Who is asking is not known then, nor whether they may: nothing of the clinic is on it."""
    client = login(world.bob)
    with site_with(PORT="9", OPTIONS=options(min_size=0, max_size=1, timeout=1), CONN_MAX_AGE=0):
        for url in (page(world), page("NOBODY"), "/clinics/", "/admin/"):
            response = client.get(url)
            assert response.status_code == 503
            assert response["Retry-After"]
            assert world.clinic.name not in response.text
    assert client.get(page(world)).status_code == 200


SENT = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]


@pytest.mark.parametrize("charset", ["raw_unicode_escape", "utf-7", "utf-16", "latin-1"])
@pytest.mark.parametrize("kind", SENT)
def test_another_charset_is_refused(world: World, login: Any, kind: str, charset: str) -> None:
    """Some decode to half a character, which no page and no database can hold: 500."""
    bob, url = login(world.bob), f"/c/{world.clinic.code}/patients/?q=%2B2AA-ab"

    def ask(charset: str) -> list[int]:
        sent = f"{kind}; charset={charset}"
        post = Client().post("/login/", b"email=a%5Cud800", content_type=sent)
        return [post.status_code, bob.get(url, headers={"Content-Type": sent}).status_code]

    assert ask(charset) == [415, 415]
    assert ask("UTF-8") == [422, 200]
