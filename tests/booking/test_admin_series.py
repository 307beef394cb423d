"""Series in the admin: read with their visits, changed nowhere but at the front desk."""

from typing import Any

from booking.models import AppointmentSeries
from tests.adminrows import admin_url
from tests.booking.life import act, in_line, noon_world, visit_now
from tests.booking.repeats import a_series
from tests.factories import World


def test_a_series_is_read_with_its_visits(world: World, login: Any) -> None:
    made = a_series(world)
    client = login(world.alice)
    listed = client.get(admin_url(world, "AppointmentSeries/")).text
    assert "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;COUNT=4" in listed
    url = admin_url(world, f"AppointmentSeries/{made[0].series_id}/change/")
    page = client.get(url).text
    for visit in made:
        assert visit.appointment_number in page
    assert f"/c/{world.clinic.code}/series/{made[0].series_id}/" in page
    assert client.post(url, {"every_weeks": "9"}).status_code == 403
    assert client.get(admin_url(world, "AppointmentSeries/add/")).status_code == 403
    found = client.get(admin_url(world, "AppointmentSeries/"), {"q": "dana"}).text
    assert "COUNT=4" in found
    assert "COUNT=4" not in client.get(admin_url(world, "AppointmentSeries/"), {"q": "zed"}).text
    with world.as_owner():
        assert AppointmentSeries.objects.using("owner").get().every_weeks == 1


def test_an_appointment_shows_its_place_in_the_line(login: Any) -> None:
    here = noon_world()
    visit = visit_now(here)
    assert act(here, visit, "check_in").ok
    (place,) = in_line(here, visit)
    client = login(here.alice)
    page = client.get(admin_url(here, f"Appointment/{visit.pk}/change/")).text
    assert admin_url(here, f"QueueEntry/{place.pk}/change/") in page
    assert "QueueEntry" not in client.get(admin_url(here, "Appointment/add/")).text
