"""Deliveries that nobody means well: none of them is stored, none of them is a fault of ours."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.factories import World
from tests.factories.webhooks import sign, signed_headers, source_of
from tests.webhooks.conftest import Send
from tests.webhooks.scene import deliver, events_of
from webhooks.models import Source

BODY = b'{"type": "payment.completed"}'
ID = "msg_1"


def now() -> int:
    return int(time.time())


def header(name: str, value: str | None) -> Callable[[], dict[str, Any]]:
    return lambda: {"headers": {name: value}}


def at(value: str) -> Callable[[], dict[str, Any]]:
    """A timestamp, signed as it stands."""
    return lambda: {
        "headers": {"webhook-timestamp": value, "webhook-signature": sign(ID, value, BODY)}
    }


def named(event_id: str) -> Callable[[], dict[str, Any]]:
    """An id, signed as it stands."""
    return lambda: {
        "headers": {"webhook-id": event_id, "webhook-signature": sign(event_id, now(), BODY)}
    }


def signature(change: Callable[[str], str]) -> Callable[[], dict[str, Any]]:
    """The right signature, changed; v1, is left to the change."""
    return lambda: {"headers": {"webhook-signature": change(sign(ID, now(), BODY)[3:])}}


def body(text: bytes) -> Callable[[], dict[str, Any]]:
    """A body, rightly signed."""
    return lambda: {"body": text, "headers": signed_headers(ID, text)}


def swapped(text: bytes) -> Callable[[], dict[str, Any]]:
    """A body for which another was signed."""
    return lambda: {"body": text, "headers": signed_headers(ID, BODY)}


HOSTILE: dict[str, tuple[int, Callable[[], dict[str, Any]]]] = {
    # W01
    **{f"no {name}": (400, header(name, None)) for name in signed_headers(ID, BODY)},
    **{f"empty {name}": (400, header(name, "")) for name in signed_headers(ID, BODY)},
    # W02
    "wrong secret": (401, lambda: {"headers": signed_headers(ID, BODY, key=b"k" * 32)}),
    "no secret": (401, lambda: {"headers": signed_headers(ID, BODY, key=b"")}),
    "one byte changed": (401, swapped(BODY.replace(b"p", b"P", 1))),
    "written anew": (401, swapped(BODY.replace(b": ", b":"))),
    "a line more": (401, swapped(BODY + b"\n")),
    "a line less": (401, swapped(BODY[:-1])),
    "another encoding": (401, swapped(BODY.decode().encode("utf-16"))),
    "no body": (401, swapped(b"")),
    # W03
    "v1a": (401, signature(lambda s: f"v1a,{s}")),
    "v2": (401, signature(lambda s: f"v2,{s}")),
    "none": (401, signature(lambda s: "none,")),
    "no version": (401, signature(lambda s: s)),
    "no comma": (401, signature(lambda s: f"v1{s}")),
    "two commas": (401, signature(lambda s: f"v1,,{s}")),
    "upper version": (401, signature(lambda s: f"V1,{s}")),
    "hex": (401, signature(lambda s: "v1," + "ab" * 32)),
    "truncated": (401, signature(lambda s: f"v1,{s[:-2]}")),
    "no padding": (401, signature(lambda s: f"v1,{s[:-1]}")),
    "junk in base64": (401, signature(lambda s: f"v1,{s[:10]}!{s[11:]}")),
    "not ASCII": (401, signature(lambda s: f"v1,é{s[1:]}")),
    "a tab": (401, signature(lambda s: f"v1,\t{s}")),
    "500 signatures": (400, signature(lambda s: " ".join(["v1,x"] * 499 + [f"v1,{s}"]))),
    "many blanks": (400, signature(lambda s: " " * 400 + f"v1,{s}")),
    "only blanks": (400, signature(lambda s: " " * 400)),
    "twice": (401, signature(lambda s: f"v1,{s},v1,{s}")),
    "quoted": (401, signature(lambda s: f'"v1,{s}"')),
    "SQL": (401, signature(lambda s: "v1,' or true --")),
    "an array": (401, signature(lambda s: "{v1," + s + "}")),
    "100 kB of signature": (401, signature(lambda s: "v1," + s * 2000)),
    # W06
    **{
        f"at {value[:12]}": (400, at(value))
        for value in ("nan", "inf", "-inf", "1e9", "1614265330.5", "1_614_265_330", "-1614265330",
                      "+1614265330", "0x60381e72", "9" * 400, "true", "null", "1614265330Z",
                      "2021-02-25T15:02:10Z", "1,2", "1614265330 ", "' or true --")
    },
    "at unicode digits": (400, at("١٦١٤٢٦٥٣٣٠".encode().decode("latin-1"))),
    "at zero": (401, at("0")),
    "at the end": (401, at("9" * 12)),
    "five minutes ago": (401, lambda: {"headers": signed_headers(ID, BODY, at=now() - 301)}),
    "five minutes ahead": (401, lambda: {"headers": signed_headers(ID, BODY, at=now() + 302)}),
    "in milliseconds": (400, at(str(now() * 1000))),
    # W11
    **{
        f"id {value[:12]!r}": (400, named(value))
        for value in ("a.b", ".", "a b", "a,b", "../../etc/passwd", "'; drop table x; --",
                      "é", "a" * 129, "x" * 10_000, "<a>", "%00", "a\tb", "{}", "a:b")
    },
    # W12, W13: rightly signed
    **{
        f"body {text[:14]!r}": (422, body(text))
        for text in (
            b"", b" ", b"not json", b"null", b"[]", b"[{}]", b'"text"', b"1", b"true",
            b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}', b'{"a": 1e400}',
            b'{"a": 1e131071}', b'{"a": ' + b"9" * 5000 + b"}", b'{"a": "\\u0000"}',
            b'{"\\u0000": 1}', b'{"a": "\\ud800"}', b'{"a": "\\udc00\\ud800"}',
            b"\xef\xbb\xbf{}", b'{"a": "\xff"}', "{}".encode("utf-16"), b"{}{}", b'{"a": 1,}',
            b"{'a': 1}", b"\x1f\x8b\x08\x00", b'{"a": ' * 100_000, b"[" * 100_000,
            b'{"a": ' * 40 + b"1" + b"}" * 40, b'{"a": "\x00"}', b"a=1&b=2",
            b"<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>",
        )
    },
}  # fmt: skip


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 80


@pytest.fixture(scope="module")
def still_source(still_world: World) -> Source:
    with still_world.as_owner():
        return source_of(still_world.clinic)


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_and_leaves_nothing(
    still_world: World, still_source: Source, name: str
) -> None:
    status, make = HOSTILE[name]
    given = make()
    response = deliver(still_source.pk, ID, given.pop("body", BODY), **given)
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/json")
    assert events_of(still_world) == []


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "text/xml",
                     "multipart/form-data; boundary=x", "application/json; charset=utf-16"],
)  # fmt: skip
def test_the_bytes_count_whatever_they_are_called(
    world: World, send: Send, content_type: str
) -> None:
    assert send(ID, BODY, content_type=content_type).status_code == 202
    assert len(events_of(world)) == 1


@pytest.mark.parametrize(
    "text", [b'{"a": 1, "a": 2}', b'{"a": "\\ud83d\\ude00"}', b'{"a": 1e308}', b'{"a": 0.1}',
             b'{"a": ' * 30 + b"1" + b"}" * 30, b' {"type": 5} ', b'{"type": {"a": 1}}'],
)  # fmt: skip
def test_what_is_odd_but_right_is_stored_and_can_be_read(
    world: World, send: Send, text: bytes
) -> None:
    assert send(ID, text, headers=signed_headers(ID, text)).status_code == 202
    (event,) = events_of(world)
    assert isinstance(event.payload, dict)


@pytest.mark.parametrize(
    "place", ["x", "0", "00000000-0000-0000-0000-00000000000", "..%2f..", "%00", "'", "é" * 50]
)
def test_what_is_no_source_is_not_found(send: Send, place: str) -> None:
    assert send(ID, BODY, to=place).status_code == 404
