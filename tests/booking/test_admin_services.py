"""Services in the admin: kept by administrators, with who gives them and what they need."""

from typing import Any

import pytest
from django.test import Client

from booking.models import Resource, ResourcePool, Service, ServiceDoctor, ServiceNeed
from tests.adminrows import admin_url, errors, form_data, stored
from tests.booking.serving import make_pool, make_service, serve, slots_of
from tests.factories import World


@pytest.fixture
def alice(world: World, login: Any) -> Client:
    client: Client = login(world.alice)
    return client


def every(world: World, model: Any) -> list[Any]:
    with world.as_owner():
        return list(model.objects.using("owner").order_by("created_at"))


def inline(prefix: str, number: int, **values: Any) -> dict[str, str]:
    """A new row inside the form, after so many that are there."""
    fields = {f"{prefix}-{number}-{name}": str(value) for name, value in values.items()}
    return fields | {f"{prefix}-TOTAL_FORMS": str(number + 1)}


def test_a_service_with_its_doctor_and_its_room(world: World, alice: Client) -> None:
    pool = make_pool(world, 1)
    url = admin_url(world, "Service/add/")
    data = form_data(alice, url) | {
        "name": "Ultrasound", "code": "ultrasound", "appointment_type": "screening",
        "duration_minutes": "45", "buffer_before_minutes": "0", "buffer_after_minutes": "15",
        "online_bookable": "on",
        **inline("givers", 0, doctor=world.doctor.id, duration_minutes=30, is_active="on"),
        **inline("needs", 0, pool=pool.id, is_active="on"),
    }  # fmt: skip
    done = alice.post(url, data)
    assert done.status_code == 302, errors(done)
    (service,) = every(world, Service)
    assert (service.code, service.duration_minutes, service.online_bookable) == (
        "ultrasound", 45, True,
    )  # fmt: skip
    (giver,), (need,) = every(world, ServiceDoctor), every(world, ServiceNeed)
    assert (giver.doctor_id, giver.duration_minutes) == (world.doctor.id, 30)
    assert giver.buffer_after_minutes is None
    assert (need.pool_id, need.resource_id) == (pool.id, None)
    world.make_slots(days=0)
    outcome = serve(world, service, slots_of(world)[0])
    assert outcome.ok, "what the form made can be booked"


def test_a_need_is_one_or_the_other(world: World, alice: Client) -> None:
    service, pool = make_service(world), make_pool(world, 1)
    with world.as_owner():
        room = Resource.objects.using("owner").get()
    url = admin_url(world, f"Service/{service.id}/change/")
    # A row that nobody touched is none; one that is switched off was touched.
    for chosen in ({"is_active": ""}, {"pool": pool.id, "resource": room.id, "is_active": "on"}):
        page = alice.post(url, form_data(alice, url) | inline("needs", 0, **chosen))
        assert "Choose one room or piece of equipment, or a pool." in page.content.decode()
    assert every(world, ServiceNeed) == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("code", "Ultra Sound", "Enter a valid value."),
        ("code", "taken", "Another service of this clinic has this code."),
        ("duration_minutes", "3", "length in minutes"),
        ("buffer_after_minutes", "500", "minutes kept free after"),
    ],
)
def test_what_cannot_be_is_said(
    world: World, alice: Client, field: str, value: str, words: str
) -> None:
    make_service(world, code="taken")
    service = make_service(world)
    url = admin_url(world, f"Service/{service.id}/change/")
    page = alice.post(url, form_data(alice, url) | {field: value})
    assert page.status_code in (200, 422)
    assert words in str(errors(page))
    assert stored(world, "Service", service.id)[field] == getattr(service, field)


def test_a_doctor_stops_giving_it(world: World, alice: Client) -> None:
    service = make_service(world)
    world.make_slots(days=0)
    url = admin_url(world, f"Service/{service.id}/change/")
    data = form_data(alice, url)
    del data["givers-0-is_active"]
    assert alice.post(url, data).status_code == 302
    assert serve(world, service, slots_of(world)[0]).code == "service_unavailable"


def test_a_service_that_nobody_gives_is_told(world: World, alice: Client) -> None:
    service = make_service(world)
    with world.as_owner():
        ServiceDoctor.objects.using("owner").update(is_active=False)
    assert "1 service that no doctor gives" in alice.get(admin_url(world)).content.decode()
    with world.as_owner():
        ServiceDoctor.objects.using("owner").filter(service=service).update(is_active=True)
    assert "no doctor gives" not in alice.get(admin_url(world)).content.decode()


def test_a_room_goes_into_a_pool(world: World, alice: Client) -> None:
    pool = make_pool(world, 0)
    url = admin_url(world, f"ResourcePool/{pool.id}/change/")
    data = form_data(alice, url) | inline(
        "resources", 0, name="Ultrasound room 1", kind="room", is_active="on"
    )
    assert alice.post(url, data).status_code == 302
    (room,) = every(world, Resource)
    assert (room.pool_id, room.name) == (pool.id, "Ultrasound room 1")
    assert every(world, ResourcePool) == [pool]


@pytest.mark.parametrize("who", ["bob", "nur", "chen"])
def test_others_look_and_change_nothing(world: World, login: Any, who: str) -> None:
    service = make_service(world)
    client = login(getattr(world, who))
    url = admin_url(world, f"Service/{service.id}/change/")
    assert client.get(url).status_code == 200
    assert client.post(url, {"name": "Hacked"}).status_code == 403
    assert client.get(admin_url(world, "Service/add/")).status_code == 403
    assert stored(world, "Service", service.id)["name"] == "Ultrasound"


def test_another_clinic_s_doctor_gives_nothing_here(
    world: World, alice: Client, other_world: World
) -> None:
    service = make_service(world)
    url = admin_url(world, f"Service/{service.id}/change/")
    foreign = inline("givers", 1, doctor=other_world.doctor.id, is_active="on")
    alice.post(url, form_data(alice, url) | foreign)
    assert [giver.doctor_id for giver in every(world, ServiceDoctor)] == [world.doctor.id]
