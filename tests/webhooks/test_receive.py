"""Events come in once, signed, whole and in time; nothing that anybody sends is a fault of ours."""

import base64
import json
import time
import uuid
from io import BytesIO
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from audit.models import AuditLog
from clinic.tenancy.signing import pads
from tests.factories import World
from tests.factories.webhooks import sign, signed_headers, source_of
from tests.races import at_once
from tests.webhooks.conftest import Send
from tests.webhooks.scene import events_of
from webhooks.models import Source
from webhooks.services import rotate_secret
from webhooks.validators import LIMIT

# As published: https://github.com/standard-webhooks/standard-webhooks
VECTOR_KEY = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
VECTOR = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
VECTOR_SIGNATURE = "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
BODY = b'{"type": "payment.completed", "data": {}}'
EVENT = "msg_1"


def signed(key: bytes, content: bytes, *signatures: str) -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select webhook.signed(%s, %s, %s::text[])",
            [b"".join(pads(key)), content, list(signatures)],
        )
        return bool(cursor.fetchone()[0])


def test_the_published_vector_verifies() -> None:
    assert signed(VECTOR_KEY, VECTOR, VECTOR_SIGNATURE)
    assert signed(VECTOR_KEY, VECTOR, "x", VECTOR_SIGNATURE)
    assert sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', VECTOR_KEY
    ) == (f"v1,{VECTOR_SIGNATURE}")


@pytest.mark.parametrize(
    ("content", "signatures"),
    [
        (VECTOR + b"\n", [VECTOR_SIGNATURE]),
        (VECTOR.replace(b": ", b":"), [VECTOR_SIGNATURE]),
        (VECTOR, [VECTOR_SIGNATURE.replace("OE=", "OF=")]),  # the same bytes, not the same text
        (VECTOR, [VECTOR_SIGNATURE.lower()]),
        (VECTOR, []),
    ],
)
def test_nothing_but_the_vector_does(content: bytes, signatures: list[str]) -> None:
    assert not signed(VECTOR_KEY, content, *signatures)
    assert not signed(VECTOR_KEY[:-1], VECTOR, VECTOR_SIGNATURE)


def test_the_database_makes_the_pads_of_a_key() -> None:
    with connections["owner"].cursor() as cursor:
        for key in (VECTOR_KEY, bytes(64), b"\xff" * 64):
            cursor.execute("select webhook.hmac_pads(%s)", [key])
            assert cursor.fetchone()[0] == b"".join(pads(key))


def test_an_event_is_stored_for_the_clinic_of_its_source(
    world: World, other_world: World, send: Send, source: Source
) -> None:
    response = send(EVENT, BODY)
    assert (response.status_code, response.json()) == (202, {"status": "stored"})
    (event,) = events_of(world)
    assert (event.clinic_id, event.source_id, event.event_id) == (world.id, source.pk, EVENT)
    assert (event.status, event.attempts, event.event_type) == ("pending", 0, "payment.completed")
    assert event.payload == json.loads(BODY)
    assert events_of(other_world) == []


def test_the_trail_has_it_without_what_was_sent(world: World, send: Send) -> None:
    send(EVENT, BODY)
    with world.as_owner():
        log = AuditLog.objects.using("owner").get(table_name="webhook_events")
    assert (log.action, log.actor_role, log.reason) == ("INSERT", "clinic_app", "Webhook")
    assert not {"payload", "signature", "body_digest"} & log.new_values.keys()


def test_the_sender_s_session_and_cookies_mean_nothing(world: World, login: Any) -> None:
    with world.as_owner():
        source = source_of(world.clinic)
    client = login(world.alice)
    url = f"/webhooks/{source.pk}/"
    assert client.post(url, BODY, content_type="application/json").status_code == 400
    response = client.post(
        url, BODY, content_type="application/json", headers=signed_headers(EVENT, BODY)
    )
    assert response.status_code == 202
    assert response.cookies == {}


def test_fifty_copies_at_once_are_one_event(world: World, source: Source) -> None:
    headers = signed_headers(EVENT, BODY)

    def copy() -> int:
        client = Client(raise_request_exception=False)
        url = f"/webhooks/{source.pk}/"
        answer = client.post(url, BODY, content_type="application/json", headers=headers)
        connections.close_all()
        return answer.status_code

    statuses = at_once([copy] * 50)
    assert sorted(statuses) == [200] * 49 + [202]
    assert len(events_of(world)) == 1


def test_the_first_body_of_an_id_stays(world: World, send: Send) -> None:
    assert send(EVENT, BODY).status_code == 202
    answer = send(EVENT, b'{"type": "other"}')
    assert (answer.status_code, answer.json()) == (200, {"status": "conflict"})
    assert send(EVENT, BODY).json() == {"status": "duplicate"}
    (event,) = events_of(world)
    assert (event.payload, event.conflicts) == (json.loads(BODY), 1)


def test_one_id_from_two_sources_is_two_events(
    world: World, other_world: World, send: Send
) -> None:
    with world.as_owner():
        second = source_of(world.clinic, provider="other")
    with other_world.as_owner():
        foreign = source_of(other_world.clinic)
    for to in (None, second.pk, foreign.pk):
        assert send(EVENT, BODY, to=to).status_code == 202
    assert (len(events_of(world)), len(events_of(other_world))) == (2, 1)


def test_one_source_s_secret_opens_no_other(world: World, other_world: World, send: Send) -> None:
    with other_world.as_owner():
        foreign = source_of(other_world.clinic, key=b"k" * 32)
    assert send(EVENT, BODY, to=foreign.pk).status_code == 401
    assert events_of(other_world) == []


@pytest.mark.parametrize(
    ("seconds", "status"), [(-299, 202), (298, 202), (-301, 401), (302, 401), (-600, 401)]
)
def test_only_five_minutes_either_way(send: Send, seconds: int, status: int) -> None:
    headers = signed_headers(EVENT, BODY, at=int(time.time()) + seconds)
    assert send(EVENT, BODY, headers=headers).status_code == status


def test_old_and_new_secret_both_count_for_a_while(
    world: World, source: Source, send: Send
) -> None:
    with world.as_user(world.alice):
        secret = rotate_secret(source_id=source.pk)
    new = base64.b64decode(secret.removeprefix("whsec_"))
    by_both = signed_headers("c", BODY)
    by_both["webhook-signature"] = "v1,junk " + " ".join(
        sign("c", by_both["webhook-timestamp"], BODY, key) for key in (b"k" * 32, new)
    )
    assert send("a", BODY).status_code == 202
    assert send("b", BODY, headers=signed_headers("b", BODY, key=new)).status_code == 202
    assert send("c", BODY, headers=by_both).status_code == 202
    with world.as_user(world.alice):
        rotate_secret(source_id=source.pk, hours=0)
    assert send("d", BODY, headers=signed_headers("d", BODY, key=new)).status_code == 401
    assert send("e", BODY).status_code == 401


def test_a_sender_s_own_secret_is_taken(world: World, source: Source, send: Send) -> None:
    given = "whsec_" + base64.b64encode(VECTOR_KEY).decode()
    with world.as_user(world.alice):
        assert rotate_secret(source_id=source.pk, secret=given, hours=0) == given
    headers = signed_headers(EVENT, BODY, key=VECTOR_KEY)
    assert send(EVENT, BODY, headers=headers).status_code == 202


def test_what_is_off_or_has_no_secret_is_not_there(
    world: World, source: Source, send: Send
) -> None:
    with world.as_owner():
        bare = Source.objects.using("owner").create(clinic=world.clinic, name="B", provider="b")
        Source.objects.using("owner").filter(pk=source.pk).update(is_active=False)
    for to in (source.pk, bare.pk, uuid.uuid4()):
        assert send(EVENT, BODY, to=to).status_code == 404


@pytest.mark.parametrize("method", ["get", "put", "delete", "head", "options", "patch"])
def test_only_post(source: Source, method: str) -> None:
    assert getattr(Client(), method)(f"/webhooks/{source.pk}/").status_code == 405


def test_nothing_is_read_of_what_is_too_big(world: World, send: Send) -> None:
    exact = b'{"a": "%s"}' % (b"x" * (LIMIT - 9))
    assert (len(exact), send("a", exact).status_code) == (LIMIT, 202)
    assert send("b", exact + b" ").status_code == 413
    huge = send("c", BODY, CONTENT_LENGTH="999999999999999999999")
    assert huge.status_code == 413
    assert len(events_of(world)) == 1


def test_a_body_in_chunks_is_read_to_its_end(world: World, send: Send) -> None:
    """As gunicorn hands it over: no length, and a stream that ends by itself."""

    def chunked(event_id: str, body: bytes) -> int:
        answer = send(
            event_id, body, HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="",
            **{"wsgi.input": BytesIO(body), "wsgi.input_terminated": True},
        )  # fmt: skip
        return int(answer.status_code)

    assert chunked("a", BODY) == 202
    assert chunked("b", b'{"a": "%s"}' % (b"x" * LIMIT)) == 413
    assert [event.payload for event in events_of(world)] == [json.loads(BODY)]


def test_the_address_ends_in_a_slash(source: Source) -> None:
    answer = Client().post(f"/webhooks/{source.pk}", BODY, "application/json")
    assert (answer.status_code, answer.url) == (301, f"/webhooks/{source.pk}/")
