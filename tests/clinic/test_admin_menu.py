"""The list beside every page is made once per role: it is each clinic's own, and no wider."""

import re
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from clinic.admin.grants import role_grants
from tests.adminrows import admin_url
from tests.factories import World

LINK = re.compile(r'href="([^"]*/admin/[^"]*)"( aria-current="page")?')


def menu(client: Client, url: str) -> dict[str, bool]:
    """{address: whether it is said to be the page at hand} of the list beside a page."""
    html = client.get(url).content.decode()
    beside = re.search(r'<nav class="sticky" id="nav-sidebar".*?</nav>', html, re.DOTALL)
    assert beside
    return {address: bool(mark) for address, mark in LINK.findall(beside[0])}


def test_each_clinic_has_its_own_addresses(world: World, other_world: World, login: Any) -> None:
    """Twice: the second time it is there already."""
    found = [
        menu(login(each.alice), admin_url(each, "Doctor/"))
        for each in (world, other_world, world, other_world)
    ]
    assert found[:2] == found[2:]
    for each, addresses in zip((world, other_world), found, strict=False):
        assert len(addresses) > 40
        assert all(address.startswith(admin_url(each)) for address in addresses)


@pytest.mark.parametrize("page", ["Doctor/", "Doctor/add/", "Doctor/{}/change/"])
def test_the_page_at_hand_is_marked(world: World, login: Any, page: str) -> None:
    addresses = menu(login(world.alice), admin_url(world, page.format(world.doctor.id)))
    assert [address for address, here in addresses.items() if here] == [admin_url(world, "Doctor/")]
    beside = menu(login(world.alice), admin_url(world, "DoctorLeave/"))
    assert [address for address, here in beside.items() if here] == [
        admin_url(world, "DoctorLeave/")
    ]


def test_a_page_of_no_list_is_nowhere(world: World, login: Any) -> None:
    assert not any(menu(login(world.alice), admin_url(world, "password_change/")).values())


def test_one_role_is_not_shown_another_s(world: World, login: Any) -> None:
    page = admin_url(world, "Doctor/")
    alice, bob = (menu(login(who), page) for who in (world.alice, world.bob))
    assert admin_url(world, "AuditLog/") in alice
    assert bob.keys() < alice.keys()
    assert admin_url(world, "AuditLog/") not in bob


def test_a_grant_taken_away_is_gone_from_the_list(world: World, login: Any) -> None:
    page, client = admin_url(world, "Doctor/"), login(world.bob)
    assert admin_url(world, "Payment/") in menu(client, page)
    take, give = (
        f"{verb} select on clinic.payments {way} clinic_staff"
        for verb, way in (("revoke", "from"), ("grant", "to"))
    )
    try:
        with connections["owner"].cursor() as cursor:
            cursor.execute(take)
        role_grants.cache_clear()
        assert admin_url(world, "Payment/") not in menu(client, page)
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute(give)
        role_grants.cache_clear()
    assert admin_url(world, "Payment/") in menu(client, page)
