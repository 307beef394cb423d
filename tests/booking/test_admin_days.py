"""Extra sessions and closed days in the admin: withdrawn, with the slots following at once."""

import datetime as dt
from typing import Any

from booking.models import AppointmentSlot
from clinic.models import Holiday
from tests.adminrows import add_days, admin_url, errors, form_data, stored
from tests.factories import World


def open_slots(world: World, day: dt.date) -> int:
    with world.as_owner():
        found = AppointmentSlot.objects.using("owner")
        return found.filter(clinic_id=world.id, slot_date=day, is_blocked=False).count()


def test_withdrawing_closed_days_opens_them(world: World, login: Any) -> None:
    world.make_slots(days=1)
    day = world.free_slots()[-1].slot_date
    with world.as_owner():
        closed = Holiday.objects.using("owner").create(
            clinic=world.clinic, first_day=day, last_day=day, name="Closed"
        )
    world.make_slots(days=1)
    assert open_slots(world, day) == 0
    data = {"action": "withdraw", "_selected_action": [str(closed.pk)], "index": "0"}
    for client, done in ((login(world.bob), False), (login(world.alice), True)):
        client.post(admin_url(world, "Holiday/"), data)
        assert bool(stored(world, "Holiday", closed.pk)["deleted_at"]) == done
    assert open_slots(world, day) == 32


def test_an_overlap_is_told_in_words(world: World, login: Any) -> None:
    world.make_slots(days=0)
    session, closed, _permit = add_days(world, "Jabs")
    alice = login(world.alice)
    for name, words in (
        ("ExtraSession", "This session overlaps another of the same doctor."),
        ("Holiday", "The clinic is closed on some of these days already."),
    ):
        url = admin_url(world, f"{name}/add/")
        sent = form_data(alice, url) | {
            "doctor": str(world.doctor.pk), "day": str(session.day), "starts": "09:30",
            "ends": "10:30", "first_day": str(closed.first_day), "last_day": str(closed.last_day),
            "name": "Twice",
        }  # fmt: skip
        page = alice.post(url, sent)
        assert page.status_code == 422
        assert words in str(errors(page))


def test_permits_are_read_by_those_who_work_here_and_written_by_none(
    world: World, login: Any
) -> None:
    world.make_slots(days=0)
    permit = add_days(world, "Fever since Monday")[2]
    url = admin_url(world, f"LimitPermit/{permit.pk}/change/")
    for user in (world.alice, world.bob):
        client = login(user)
        assert "Fever since Monday" in client.get(admin_url(world, "LimitPermit/")).text
        assert client.post(url, {"reason": "Other"}).status_code == 403
    assert login(world.alice).get(admin_url(world, "LimitPermit/add/")).status_code == 403
    assert stored(world, "LimitPermit", permit.pk)["reason"] == "Fever since Monday"
