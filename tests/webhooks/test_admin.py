"""Administrators set sources up, see what came, and decide over what failed."""

import re
from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.test import Client

from audit.models import AuditLog
from tests.adminrows import admin_url, errors
from tests.factories import World
from tests.factories.records import new
from tests.factories.webhooks import SECRET, signed_headers, source_of
from tests.webhooks.conftest import Send
from tests.webhooks.scene import events_of
from webhooks.models import Source, WebhookEvent

SECRET_SHOWN = re.compile(r'data-testid="webhook-secret">(whsec_[A-Za-z0-9+/]{43}=)<')
BODY = b'{"type": "x.y"}'


@pytest.fixture
def alice(world: World, login: Any) -> Client:
    client: Client = login(world.alice)
    return client


def act(client: Client, world: World, action: str, event: WebhookEvent, **data: Any) -> Any:
    """Post an action on one event."""
    chosen = {"action": action, ACTION_CHECKBOX_NAME: [str(event.pk)]}
    return client.post(admin_url(world, "WebhookEvent/?when=all"), chosen | data)


def test_a_new_source_gets_a_secret_that_is_shown_once(world: World, alice: Client) -> None:
    added = alice.post(admin_url(world, "Source/add/"), {"name": "Pay", "provider": "demopay"})
    assert added.status_code == 302
    with world.as_owner():
        source = Source.objects.using("owner").get()
    assert added.url == admin_url(world, f"Source/{source.pk}/secret/")
    assert SECRET_SHOWN.search(alice.get(added.url).content.decode()) is None
    page = alice.post(added.url, {"secret": "", "hours": 24})
    (secret,) = SECRET_SHOWN.findall(page.content.decode())
    assert f"http://testserver/webhooks/{source.pk}/" in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    for url in ("", f"{source.pk}/change/", f"{source.pk}/history/", f"{source.pk}/secret/"):
        assert secret not in alice.get(admin_url(world, f"Source/{url}")).content.decode()
    with world.as_owner():
        log = AuditLog.objects.using("owner").filter(table_name="sources").latest("id")
    assert "secret_pad" in log.changed_fields
    assert "secret_pad" not in log.new_values


def test_a_sender_s_own_secret_may_be_given(
    world: World, alice: Client, source: Source, send: Send
) -> None:
    url = admin_url(world, f"Source/{source.pk}/secret/")
    for wrong in ("whsec_x", "whsec_AAAA", "ÄÖ", "whsec_" + "A" * 90):
        refused = alice.post(url, {"secret": wrong, "hours": 0})
        assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["secret"])
    assert alice.post(url, {"secret": SECRET, "hours": 0}).status_code == 200
    assert send("evt_1", BODY).status_code == 202


def test_only_administrators_of_the_clinic_come_to_it(
    world: World, other_world: World, login: Any, source: Source
) -> None:
    url = admin_url(world, f"Source/{source.pk}/secret/")
    for who in (world.bob, world.chen, world.nur):
        assert login(who).post(url, {"hours": 0}).status_code == 403
    there = url.replace(world.clinic.code, other_world.clinic.code)
    assert login(other_world.alice).post(there, {"hours": 0}).status_code == 404


def test_a_provider_is_chosen_once_and_in_its_shape(
    world: World, alice: Client, source: Source
) -> None:
    url = admin_url(world, "Source/add/")
    refused = alice.post(url, {"name": "Pay", "provider": "Demo Pay"})
    assert (refused.status_code, list(errors(refused))) == (422, ["provider"])
    page = alice.get(admin_url(world, f"Source/{source.pk}/change/"))
    assert set(page.context["adminform"].form.fields) == {"name", "is_active"}


def test_what_is_switched_off_is_closed(
    world: World, alice: Client, source: Source, send: Send
) -> None:
    alice.post(admin_url(world, f"Source/{source.pk}/change/"), {"name": "Pay"})
    assert send("evt_1", BODY).status_code == 404


def test_events_are_listed_by_how_far_they_are(world: World, alice: Client, send: Send) -> None:
    send("evt_1", BODY)
    for query, count in (("", 1), ("?status__exact=pending", 1), ("?status__exact=failed", 0),
                         ("?q=evt_1", 1), ("?q=evt", 0)):  # fmt: skip
        page = alice.get(admin_url(world, f"WebhookEvent/{query}"))
        assert len(page.context["cl"].result_list) == count, query
    assert alice.get(admin_url(world, "WebhookEvent/?status__exact=x")).status_code == 302


def test_an_event_is_looked_at_and_not_written(world: World, alice: Client, send: Send) -> None:
    send("evt_1", BODY)
    (event,) = events_of(world)
    page = alice.get(admin_url(world, f"WebhookEvent/{event.pk}/change/"))
    assert page.context["adminform"].form.fields == {}
    assert "x.y" in page.content.decode()
    url = admin_url(world, f"WebhookEvent/{event.pk}/change/")
    assert alice.post(url, {"payload": "{}"}).status_code == 403


def test_a_dead_letter_is_tried_again_after_a_page_that_asks(world: World, alice: Client) -> None:
    with world.as_owner():
        event = new(
            WebhookEvent, clinic=world.clinic, source=source_of(world.clinic), event_id="e",
            payload={}, status="dead_letter", attempts=10,
        )  # fmt: skip
    page = act(alice, world, "try_again", event)
    assert (page.status_code, "Given up" in page.content.decode()) == (200, True)
    assert events_of(world)[0].status == "dead_letter"
    assert "1 done, 0 not." in act(alice, world, "try_again", event, apply="1").content.decode()
    assert (events_of(world)[0].status, events_of(world)[0].attempts) == ("pending", 0)
    assert "0 done, 1 not." in act(alice, world, "try_again", event, apply="1").content.decode()


def test_an_event_is_given_up_for_a_reason(world: World, alice: Client, send: Send) -> None:
    send("evt_1", BODY)
    (event,) = events_of(world)
    assert act(alice, world, "give_up", event, apply="1", reason="").status_code == 422
    done = act(alice, world, "give_up", event, apply="1", reason="sent by mistake")
    assert "1 done, 0 not." in done.content.decode()
    assert (events_of(world)[0].status, events_of(world)[0].error) == (
        "dead_letter", "sent by mistake",
    )  # fmt: skip


def test_another_clinic_s_event_is_not_chosen(
    world: World, other_world: World, login: Any, send: Send
) -> None:
    send("evt_1", BODY)
    (event,) = events_of(world)
    act(login(other_world.alice), other_world, "give_up", event, apply="1", reason="x")
    assert events_of(world)[0].status == "pending"


def test_the_old_secret_counts_as_long_as_was_said(
    world: World, alice: Client, source: Source, send: Send
) -> None:
    url = admin_url(world, f"Source/{source.pk}/secret/")
    alice.post(url, {"hours": 1})
    assert send("a", BODY).status_code == 202
    alice.post(url, {"hours": 0})
    assert send("b", BODY, headers=signed_headers("b", BODY)).status_code == 401
