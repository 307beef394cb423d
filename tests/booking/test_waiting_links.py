"""The link of an offer: no account, one purpose, and nothing told to whoever guesses."""

import base64
import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import Error as DatabaseError
from django.db import connection
from django.test import Client

from booking.models import WaitingListEntry, WaitingListOffer
from booking.services.waiting import answer_by_link, offer_tokens, withdraw_entry
from clinic.tenancy.context import tenant_context
from clinic.tenancy.signing import door_pass, pads
from tests.booking.life import slot
from tests.booking.waiting import (
    answer,
    come_free,
    entry,
    offers,
    open_offer,
    patient,
    run_out,
    visits_of,
    waits,
    work,
)
from tests.factories import World
from tests.jobs.worker import ask
from tests.races import at_once


@pytest.fixture
def link(world: World) -> str:
    """The address of an open offer to Ana Secret."""
    waits(world, patient(world, full_name="Ana Secret"))
    come_free(world)
    return address(world)


@pytest.fixture
def guest() -> Client:
    """Somebody at an address of their own, with a cookie jar that is checked by nobody."""
    client = Client(enforce_csrf_checks=True)
    client.defaults["REMOTE_ADDR"] = f"10.{uuid.uuid4().int % 250}.{uuid.uuid4().int % 250}.7"
    return client


def address(world: World) -> str:
    pk = open_offer(world).pk
    with world.as_user(world.bob):
        return f"/offers/{offer_tokens(offer_ids=[pk])[pk]}/"


def test_the_page_says_when_and_where_and_no_name(world: World, link: str, guest: Client) -> None:
    page = guest.get(link)
    html = page.content.decode()
    assert page.status_code == 200
    assert ("Dr Chen" in html, "Test Clinic" in html, "Asia/Singapore" in html) == (True,) * 3
    assert "Ana" not in html
    assert "Secret" not in html
    assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("no-referrer", "noindex")
    assert open_offer(world).status == "open", "a scanner that looks accepts nothing"


def test_yes_books_without_an_account(world: World, link: str, guest: Client) -> None:
    page = guest.post(link, {"answer": "accepted"})
    assert (page.status_code, "Booked" in page.content.decode()) == (200, True)
    done = offers(world)[0]
    (made,) = visits_of(world, done.entry.patient_id)
    assert (made.booked_by_id, made.source, made.slot_id) == (None, "online", done.slot_id)
    assert (done.status, done.answered_through, done.answered_by_id) == ("accepted", "link", None)
    assert entry(world, done.entry_id).appointment_id == made.pk
    again = guest.post(link, {"answer": "accepted"})
    assert (again.status_code, "Booked" in again.content.decode()) == (200, True)
    assert len(visits_of(world, done.entry.patient_id)) == 1
    assert "This time is booked" in guest.get(link).content.decode()
    late = guest.post(link, {"answer": "declined"})
    assert late.status_code == 409
    assert offers(world)[0].status == "accepted"


def test_no_passes_it_on(world: World, link: str, guest: Client) -> None:
    first, second = open_offer(world), waits(world)
    page = guest.post(link, {"answer": "declined"})
    assert (page.status_code, "You keep your place" in page.content.decode()) == (200, True)
    assert open_offer(world).entry_id == second.pk
    assert entry(world, first.entry_id).status == "waiting"
    assert guest.get(link).status_code == 410
    assert guest.post(link, {"answer": "accepted"}).status_code == 410, "one answer"
    assert open_offer(world).entry_id == second.pk


def test_a_link_that_ran_out_says_so(world: World, link: str, guest: Client) -> None:
    run_out(world, open_offer(world))
    page = guest.get(link)
    assert (page.status_code, "This offer has ended" in page.content.decode()) == (410, True)
    assert guest.post(link, {"answer": "accepted"}).status_code == 410
    assert offers(world)[0].status == "open", "the job closes it"
    work(world)
    assert guest.get(link).status_code == 410


def test_nonsense_is_422_and_keeps_the_offer(world: World, link: str, guest: Client) -> None:
    for data in ({}, {"answer": "maybe"}, {"answer": "accepted\x00"}):
        assert guest.post(link, data).status_code == 422
    assert open_offer(world).status == "open"


def test_a_time_that_the_patient_can_no_longer_have(world: World, link: str, guest: Client) -> None:
    offer = open_offer(world)
    with world.as_owner():
        type(offer.slot).objects.using("owner").filter(pk=offer.slot_id).update(is_blocked=True)
    page = guest.post(link, {"answer": "accepted"})
    assert (page.status_code, "That time is blocked" in page.content.decode()) == (409, True)
    assert open_offer(world).status == "open"


def bad_links(world: World, link: str) -> list[str]:
    """Texts that are not quite the link."""
    token = link.split("/")[2]
    raw = bytearray(base64.urlsafe_b64decode(token))
    flipped = []
    for position in (0, 16, 47):
        changed = bytearray(raw)
        changed[position] ^= 1
        flipped.append(base64.urlsafe_b64encode(changed).decode())
    guessed = base64.urlsafe_b64encode(uuid.uuid4().bytes * 3).decode()
    return [*flipped, guessed, token[:-1], token + "A", "x", "'; select 1 --"]


def test_whatever_is_no_link_is_the_same_404(world: World, link: str, guest: Client) -> None:
    pages = {guest.get(f"/offers/{bad}/").content for bad in bad_links(world, link)[:6]}
    assert len({page.split(b"Reference")[0] for page in pages}) == 1
    for bad in bad_links(world, link)[6:]:
        assert guest.get(f"/offers/{bad}/").status_code == 404
    assert guest.post(f"/offers/{'A' * 64}/", {"answer": "accepted"}).status_code == 404


def test_ten_wrong_links_from_one_address_are_enough(
    world: World, link: str, guest: Client
) -> None:
    codes = [guest.get(f"/offers/{'A' * 60}{n:04d}/").status_code for n in range(12)]
    assert codes == [404] * 10 + [429] * 2
    assert guest.get(link).status_code == 200, "who has a link is not the guesser"
    other = Client(REMOTE_ADDR="10.251.1.1")
    assert other.get(f"/offers/{'A' * 64}/").status_code == 404


def test_another_offer_is_another_link(world: World, link: str, guest: Client) -> None:
    first = open_offer(world)
    waits(world)
    come_free(world, which=1)
    (second,) = [o for o in offers(world, status="open") if o.pk != first.pk]
    guest.post(link, {"answer": "accepted"})
    assert offers(world, pk=second.pk)[0].status == "open"


def test_the_link_is_stored_nowhere(world: World, link: str) -> None:
    token = link.split("/")[2]
    stored = ask(
        "select count(*) from clinic.waiting_list_offers o, clinic.notifications n,"
        " audit.audit_logs a where o.clinic_id = %s and n.clinic_id = %s and a.clinic_id = %s"
        " and (o::text || n::text || a::text) like %s",
        world.id, world.id, world.id, f"%{token}%",
    )  # fmt: skip
    assert stored == [(0,)]
    hashed = ask(
        "select token_hash = sha256(convert_to(%s, 'UTF8')) from clinic.waiting_list_offers"
        " where clinic_id = %s", token, world.id,
    )  # fmt: skip
    assert hashed == [(True,)]


def test_a_worker_without_the_link_answers_nothing(world: World, link: str) -> None:
    offer = open_offer(world)
    query = "select booking.answer_offer('k', %s, 'accepted', %s) ->> 'code'"
    for token in (None, "x", link):
        with tenant_context(clinic=world.id, role="worker"), connection.cursor() as cursor:
            cursor.execute(query, [offer.pk, token])
            assert cursor.fetchone() == ("offer_not_found",)


def test_a_link_outlives_the_next_signing_key(world: World, link: str, guest: Client) -> None:
    """The key that signed it is kept until its contexts are over; until then it opens."""
    pad = pads(uuid.uuid4().bytes)
    ask(
        "insert into app.context_keys (id, inner_pad, outer_pad) values (%s, %s, %s)",
        "000", pad[0], pad[1],
    )  # fmt: skip
    try:
        assert guest.get(link).status_code == 200
        assert address(world) == link
    finally:
        ask("delete from app.context_keys where id = '000'")


def test_inside_a_clinic_the_door_is_shut(world: World, link: str) -> None:
    with pytest.raises(DatabaseError), world.as_user(world.bob), connection.cursor() as cursor:
        cursor.execute(
            "select * from booking.offer_by_link(%s, %s, '::')", [door_pass(), link.split("/")[2]]
        )


def test_patients_see_their_own_and_withdraw(world: World, other_world: World) -> None:
    mine, other = waits(world, world.patient), waits(world)
    come_free(world)
    with world.as_user(world.dana):
        seen = WaitingListEntry.objects.values_list("id", "status")
        assert list(seen) == [(mine.pk, "offered")]
        assert WaitingListOffer.objects.values_list("entry_id").get() == (mine.pk,)
        assert withdraw_entry(entry_id=other.pk).code == "entry_not_found"
        assert withdraw_entry(entry_id=mine.pk).ok
    assert entry(world, mine.pk).status == "withdrawn"
    assert open_offer(world).entry_id == other.pk
    with world.as_user(world.dana), pytest.raises(DatabaseError, match="denied"):
        list(WaitingListEntry.objects.values_list("note"))


def test_a_patient_answers_their_own(world: World) -> None:
    waits(world, world.patient)
    come_free(world)
    offer = open_offer(world)
    assert answer(world, offer, "accepted", world.dana).ok
    done = offers(world)[0]
    assert (done.answered_through, done.answered_by_id) == ("portal", world.dana.id)
    waits(world)
    come_free(world, which=1)
    assert answer(world, open_offer(world), "accepted", world.dana).code == "offer_not_found"
    assert slot(world, open_offer(world).slot_id).is_available


@pytest.mark.parametrize("who", ["nur", "chen"])
def test_nurses_and_doctors_have_no_business_here(world: World, who: str) -> None:
    waits(world)
    come_free(world)
    with pytest.raises(DatabaseError, match="denied"):
        answer(world, open_offer(world), "accepted", getattr(world, who))


def test_another_clinics_offer_is_none(world: World, other_world: World) -> None:
    waits(world)
    come_free(world)
    offer = open_offer(world)
    assert answer(other_world, offer, "accepted").code == "offer_not_found"


def test_two_answers_by_link_at_once_are_one(world: World, link: str) -> None:
    token = link.split("/")[2]

    def yes() -> Any:
        try:
            return answer_by_link(token=token, ip="10.9.9.9", answer="accepted")
        finally:
            connection.close()

    said = at_once([yes] * 8)
    assert [o.ok for o in said] == [True] * 8
    assert sum(not o.idempotent for o in said) == 1
    assert len({o.appointment_id for o in said}) == 1


def test_times_are_the_clinics(world: World, link: str, guest: Client) -> None:
    offer = open_offer(world)
    here = offer.slot.starts_at.astimezone(dt.timezone(dt.timedelta(hours=8)))
    assert f"{here:%H:%M}" in guest.get(link).content.decode()


def test_a_link_that_no_database_takes_is_404(world: World) -> None:
    assert Client().get("/offers/%00%00/").status_code == 404
