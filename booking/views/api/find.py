"""GET $find: the next free times."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from booking.finding import HORIZON, FoundSlot, Wish, find_across
from booking.views.api.reading import (
    PART_OF_DAY,
    Field,
    Refused,
    instant,
    one_of,
    query,
    text,
    uuid,
    whole,
)
from booking.views.find import way_here
from booking.views.shell import FrontDeskRequest
from clinic.problems import problem
from clinic.tenancy.membership import ClinicInfo

View = Callable[..., HttpResponse]


def endpoint(method: str, *roles: str) -> Callable[[View], View]:
    """One method, these roles or all, never stored; what cannot be read is answered with why."""

    def decorate(view: View) -> View:
        @wraps(view)
        @never_cache
        def guarded(request: FrontDeskRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method != method:
                detail = f"Use {method} here."
                return problem(405, "method_not_allowed", detail, headers={"Allow": method})
            if roles and request.role not in roles:
                return problem(403, "not_allowed", "You may not do this.")
            try:
                return view(request, *args, **kwargs)
            except Refused as refused:
                return refused.response

        return guarded

    return decorate


def each(read: Callable[[Any], Any], most: int) -> Callable[[Any], tuple[Any, ...]]:
    """Values of a parameter that may be given more than once."""

    def read_all(given: Any) -> tuple[Any, ...]:
        if len(given) > most:
            raise ValueError(f"given at most {most} times")
        return tuple(read(value) for value in given)

    return read_all


FIELDS = {
    "from": Field(instant, required=False),
    "until": Field(instant, required=False),
    "doctor": Field(each(uuid, 50), required=False),
    "subject": Field(text(100), required=False),
    "part_of_day": Field(PART_OF_DAY, required=False),
    "weekday": Field(each(whole(1, 7), 7), required=False),
    "minutes": Field(whole(1, 720), required=False),
    "service": Field(uuid, required=False),
    "order": Field(one_of("time", "compact"), required=False),
    "clinics": Field(one_of("this", "all"), required=False),
    "limit": Field(whole(1, 100), required=False),
}


@transaction.non_atomic_requests
@endpoint("GET")
def find(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """200 with the times, the soonest first; of all the person's clinics when asked for."""
    sent = query(request, FIELDS, {"doctor", "weekday"})
    wish = wished(sent)
    ways = [way_here(request)]
    if sent.get("clinics") == "all":
        ways += [way for way in request.memberships if way.clinic.id != request.clinic.id]
    places = find_across(request, ways, lambda clinic: wish)
    slots = [(slot, place.clinic) for place in places for slot in place.slots]
    if sent.get("order") != "compact":
        slots.sort(key=lambda one: (one[0].starts_at, one[0].doctor))
    else:
        slots.sort(key=lambda one: (one[0].day, -(one[0].score or 0), one[0].starts_at))
    return JsonResponse({"slots": [shown(slot, clinic) for slot, clinic in slots]})


def wished(sent: dict[str, Any]) -> Wish:
    """The wish that a query describes. Raises Refused (422) for a time span that is none."""
    after = max(sent.get("from", timezone.now()), timezone.now())
    until = sent.get("until")
    if until and not timedelta(0) < until - after <= HORIZON:
        error = {"parameter": "until", "detail": "This is not within a year after from, or now."}
        raise Refused(problem(422, "invalid_input", "Some values are not valid.", errors=[error]))
    return Wish(
        after=after,
        until=until,
        limit=sent.get("limit", 12),
        doctor_ids=sent.get("doctor", ()),
        subject=sent.get("subject", ""),
        minutes=sent.get("minutes", 1),
        service_id=sent.get("service"),
        weekdays=sent.get("weekday", ()),
        part=sent.get("part_of_day", ""),
        compact=sent.get("order") == "compact",
    )


def shown(slot: FoundSlot, clinic: ClinicInfo) -> dict[str, Any]:
    """A free time; its hours are those of its clinic, with the offset."""
    zone = ZoneInfo(clinic.timezone)
    return {
        "slot_id": str(slot.id),
        "doctor_id": str(slot.doctor_id),
        "doctor": slot.doctor,
        "room": slot.room,
        "starts_at": slot.starts_at.astimezone(zone).isoformat(),
        "ends_at": slot.ends_at.astimezone(zone).isoformat(),
        "minutes": slot.minutes,
        "score": slot.score,
        "clinic": {"code": clinic.code, "name": clinic.name, "zone": clinic.timezone},
    }
