"""A doctor is away: what is recorded, done, refused and taken back."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import ProgrammingError, connection

from booking.absence_services import (
    AbsenceOutcome,
    Choice,
    answer_absence,
    apply_absence,
    start_absence,
    undo_absence,
)
from booking.models import (
    Absence,
    AbsenceRow,
    Appointment,
    AppointmentSlot,
    AppointmentTransition,
)
from booking.services import (
    book_appointment,
    cancel_appointment,
    change_status,
    reschedule_appointment,
    undo_transition,
)
from clinic.models import DoctorLeave, Patient
from messaging.models import Notification
from tests.booking.away import Away, make_away
from tests.booking.life import history, read


def start(away: Away, *, key: str = "", user: Any = None, **more: Any) -> AbsenceOutcome:
    given = {"starts_at": away.start, "ends_at": away.end, "reason": "sick", **more}
    with away.world.as_user(user or away.world.bob):
        return start_absence(
            idempotency_key=key or str(uuid.uuid4()), doctor_id=away.world.doctor.id, **given
        )


def proposed(away: Away, absence: AbsenceOutcome) -> dict[tuple[Any, str], Any]:
    """{(appointment, kind): slot} of the places that are proposed, by the rights of the desk."""
    with away.world.as_user(away.world.bob), connection.cursor() as cursor:
        cursor.execute(
            "select appointment_id, kind, slot_id from booking.propose_places(%s)"
            " where kind <> 'other'", [absence.absence_id],
        )  # fmt: skip
        return {(visit, kind): slot for visit, kind, slot in cursor.fetchall()}


def choose(away: Away, absence: AbsenceOutcome, how: dict[int, str]) -> list[Choice]:
    """The choice of each visit, by its place in the day, with the slot that is proposed for it."""
    places = proposed(away, absence)
    visits = away.visits()
    return [
        Choice(v.id, v.version, kind, places.get((v.id, "cover" if kind == "cover" else "move")))
        for v, kind in ((visits[n], kind) for n, kind in how.items())
    ]


def apply(
    away: Away, absence: AbsenceOutcome, choices: list[Choice], *, key: str = "",
    version: int | None = None, save: bool = False, user: Any = None,
) -> AbsenceOutcome:  # fmt: skip
    with away.world.as_user(user or away.world.bob):
        return apply_absence(
            idempotency_key=key or str(uuid.uuid4()), absence_id=absence.absence_id,
            version=version or absence_of(away, absence).version, choices=choices, save=save,
        )  # fmt: skip


def take_back(away: Away, absence: AbsenceOutcome, *, key: str = "") -> AbsenceOutcome:
    with away.world.as_user(away.world.bob):
        return undo_absence(
            idempotency_key=key or str(uuid.uuid4()), absence_id=absence.absence_id,
            version=absence_of(away, absence).version,
        )  # fmt: skip


def answer(away: Away, absence: AbsenceOutcome, visit: Any, agreed: bool) -> AbsenceOutcome:
    with away.world.as_user(away.world.bob):
        return answer_absence(
            idempotency_key=str(uuid.uuid4()), absence_id=absence.absence_id, appointment_id=visit,
            agreed=agreed, version=absence_of(away, absence).version,
        )  # fmt: skip


def absence_of(away: Away, absence: AbsenceOutcome) -> Absence:
    with away.world.as_owner():
        return Absence.objects.using("owner").get(pk=absence.absence_id)


def rows(away: Away) -> dict[Any, AbsenceRow]:
    with away.world.as_owner():
        return {row.appointment_id: row for row in AbsenceRow.objects.using("owner").all()}


def states(away: Away) -> list[str]:
    return [row.state for row in sorted(rows(away).values(), key=lambda row: row.from_starts_at)]


def notices(away: Away, **where: Any) -> list[Notification]:
    with away.world.as_owner():
        return list(Notification.objects.using("owner").filter(**where).order_by("created_at"))


def leave(away: Away) -> list[DoctorLeave]:
    with away.world.as_owner():
        found = DoctorLeave.objects.using("owner").filter(deleted_at=None)
        return list(found.order_by("starts_at"))


def places_of(away: Away) -> dict[Any, Any]:
    """{appointment: (slot, status)} of the patients' visits, and every slot agrees."""
    with away.world.as_owner():
        visits = Appointment.objects.using("owner").filter(patient__in=away.patients)
        slots = AppointmentSlot.objects.using("owner").exclude(appointment_id=None)
        held = dict(slots.values_list("appointment_id", "id"))
        found = {v.id: (v.slot_id, v.status) for v in visits}
    assert {v: s for v, (s, status) in found.items() if status != "cancelled"} == {
        v: s for v, s in held.items() if v in found
    }
    return found


def due(away: Away) -> None:
    """The three minutes are over."""
    past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    with away.world.as_owner():
        Absence.objects.using("owner").filter(undo_until__isnull=False).update(undo_until=past)
        Notification.objects.using("owner").update(scheduled_for=past)


def test_an_absence_is_leave_at_once_and_lists_whom_it_concerns() -> None:
    away = make_away(3)
    outcome = start(away)
    assert (outcome.ok, outcome.affected, outcome.version) == (True, 3, 1)
    (off,) = leave(away)
    assert (off.starts_at, off.ends_at, off.reason) == (away.start, away.end, "sick")
    absence = absence_of(away, outcome)
    assert (absence.reported_by_id, absence.leave_ids) == (away.world.bob.id, [off.id])
    assert states(away) == ["open"] * 3
    free = away.slots(away.world.doctor, is_available=True, starts_at__lt=away.end)[0]
    with away.world.as_user(away.world.bob):
        refused = book_appointment(
            idempotency_key="b", user_id=away.world.bob.id, clinic_id=away.world.id,
            slot_id=free.id, patient_id=away.world.patient.id,
        )  # fmt: skip
    assert refused.code == "doctor_unavailable"


def test_leave_that_is_there_already_stays_and_only_the_rest_is_added_and_taken_back() -> None:
    away = make_away(1)
    noon = away.start + dt.timedelta(hours=12)
    with away.world.as_owner():
        kept = DoctorLeave.objects.using("owner").create(
            clinic=away.world.clinic, doctor=away.world.doctor, starts_at=noon,
            ends_at=noon + dt.timedelta(hours=1),
        )  # fmt: skip
    outcome = start(away)
    spans = [(off.starts_at, off.ends_at) for off in leave(away)]
    one = noon + dt.timedelta(hours=1)
    assert spans == [(away.start, noon), (noon, one), (one, away.end)]
    assert take_back(away, outcome).ok
    assert [off.id for off in leave(away)] == [kept.id]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"reason": "lazy"}, "invalid_input"),
        ({"note": "x" * 501}, "invalid_input"),
        ({"ends_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "invalid_input"),
        ({"ends_at": dt.datetime(2040, 1, 1, tzinfo=dt.UTC)}, "invalid_input"),
    ],
)
def test_what_cannot_be_recorded(wrong: dict[str, Any], code: str) -> None:
    away = make_away(1)
    assert start(away, **wrong).code == code
    assert leave(away) == []


def test_an_absence_is_recorded_once() -> None:
    away = make_away(2)
    first = start(away, key="k")
    again = start(away, key="k")
    assert (again.absence_id, again.idempotent, again.affected) == (first.absence_id, True, 2)
    assert start(away, key="k", reason="other").code == "idempotency_mismatch"
    assert start(away, ends_at=away.start + dt.timedelta(hours=1)).code == "already_absent"
    assert start(away, starts_at=away.end, ends_at=away.end + dt.timedelta(1)).ok
    other = make_away(1)
    with other.world.as_user(other.world.bob):
        foreign = start_absence(
            idempotency_key="x", doctor_id=away.world.doctor.id, starts_at=away.start,
            ends_at=away.end, reason="sick",
        )  # fmt: skip
    assert foreign.code == "doctor_not_found"


def test_each_choice_does_what_it_says() -> None:
    away = make_away(5)
    before = away.visits()
    absence = start(away)
    how = {0: "cover", 1: "move", 2: "ask", 3: "cancel", 4: "later"}
    choices = choose(away, absence, how)
    outcome = apply(away, absence, choices)
    assert (outcome.done, outcome.refused, outcome.version) == (4, {}, 2)
    assert states(away) == ["covered", "moved", "asked", "cancelled", "open"]
    now = [read(away.world, visit.id) for visit in before]
    cover, move, asked, off, left = now
    assert (cover.starts_at, cover.doctor_id) == (before[0].starts_at, away.others[0].id)
    assert (move.slot_id, move.status) == (choices[1].slot_id, "scheduled")
    assert (asked.slot_id, asked.version) == (before[2].slot_id, 1)
    assert (off.status, off.cancellation_reason) == ("cancelled", "Doctor not available")
    assert (left.slot_id, left.version) == (before[4].slot_id, 1)
    assert [h.initiator for visit in (cover, move, off) for h in history(away.world, visit)] == [
        "clinic"
    ] * 3
    places_of(away)


def test_messages_wait_three_minutes_and_say_what_happened() -> None:
    away = make_away(4)
    absence = start(away)
    how = {0: "cover", 1: "move", 2: "ask", 3: "cancel"}
    outcome = apply(away, absence, choose(away, absence, how))
    assert outcome.done == 4
    told = notices(away)
    assert sorted(n.type for n in told) == [
        "appointment_ask", "appointment_cancelled", "appointment_covered", "appointment_moved",
    ]  # fmt: skip
    for notice in told:
        assert notice.status == "pending"
        wait = notice.scheduled_for - notice.created_at
        assert dt.timedelta(seconds=170) < wait <= dt.timedelta(minutes=3)
    assert len({notice.scheduled_for for notice in told}) == 1
    absence_now = absence_of(away, absence)
    assert absence_now.undo_until == told[0].scheduled_for
    cover = read(away.world, away_ids(away)[0])
    (said,) = [n for n in told if n.type == "appointment_covered"]
    assert said.message == (
        f"Test Clinic: your appointment on {cover.starts_at:%a} {cover.starts_at.day}"
        f" {cover.starts_at:%b, %H:%M} will be with Dr Other00."
    )
    linked = {h.notice_id for v in away_ids(away) for h in history(away.world, read(away.world, v))}
    assert linked == {n.id for n in told if n.type != "appointment_ask"}


def away_ids(away: Away) -> list[Any]:
    """The patients' visits in the order of their first times."""
    return [r.appointment_id for r in sorted(rows(away).values(), key=lambda r: r.from_starts_at)]


def test_an_asked_patient_keeps_both_places_until_they_answer() -> None:
    away = make_away(3)
    absence = start(away)
    choices = choose(away, absence, {0: "ask", 1: "ask", 2: "ask"})
    apply(away, absence, choices)
    yes, no, silent = choices
    with away.world.as_user(away.world.alice):
        taken = reschedule_appointment(
            idempotency_key="t", appointment_id=no.appointment_id, slot_id=yes.slot_id
        )
    assert taken.code == "slot_unavailable"
    assert answer(away, absence, yes.appointment_id, True).ok
    assert read(away.world, yes.appointment_id).slot_id == yes.slot_id
    assert answer(away, absence, no.appointment_id, False).ok
    assert states(away) == ["moved", "open", "asked"]
    assert rows(away)[no.appointment_id].code == "declined"
    (slot,) = away.slots(away.others[0], id=no.slot_id)
    assert (slot.is_available, slot.held_until) == (True, None)
    assert [n.status for n in notices(away, type="appointment_ask")] == [
        "withdrawn", "withdrawn", "pending",
    ]  # fmt: skip
    assert answer(away, absence, no.appointment_id, True).code == "bad_transition"
    with away.world.as_owner():  # a day later
        past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        AppointmentSlot.objects.using("owner").filter(id=silent.slot_id).update(held_until=past)
        AbsenceRow.objects.using("owner").filter(state="asked").update(held_until=past)
    with away.world.as_user(away.world.alice):
        taken = reschedule_appointment(
            idempotency_key="u", appointment_id=no.appointment_id, slot_id=silent.slot_id
        )
    assert taken.ok
    assert answer(away, absence, silent.appointment_id, True).code == "slot_unavailable"
    assert (silent.appointment_id, "move") in proposed(away, absence)


def test_a_place_that_was_lost_is_reported_and_nothing_else_is_lost() -> None:
    away = make_away(4)
    absence = start(away)
    choices = choose(away, absence, dict.fromkeys(range(4), "move"))
    lost = choices[1]
    with away.world.as_user(away.world.alice):
        assert book_appointment(
            idempotency_key="b", user_id=away.world.alice.id, clinic_id=away.world.id,
            slot_id=lost.slot_id, patient_id=away.world.patient.id,
        ).ok  # fmt: skip
        assert cancel_appointment(
            idempotency_key="c", appointment_id=choices[2].appointment_id, reason="Well again"
        ).ok
    outcome = apply(away, absence, choices)
    assert (outcome.ok, outcome.done) == (True, 2)
    assert outcome.refused == {
        lost.appointment_id: "slot_unavailable", choices[2].appointment_id: "stale",
    }  # fmt: skip
    assert states(away) == ["moved", "open", "open", "moved"]
    row = rows(away)[lost.appointment_id]
    assert (row.choice, row.code) == ("move", "slot_unavailable")
    again = choose(away, absence, {0: "move"})
    assert again[0].appointment_id == lost.appointment_id
    assert apply(away, absence, again).done == 1
    places_of(away)


def test_two_choices_of_one_slot_give_it_to_one() -> None:
    away = make_away(2)
    absence = start(away)
    first, second = choose(away, absence, {0: "move", 1: "move"})
    same = Choice(second.appointment_id, second.version, "move", first.slot_id)
    outcome = apply(away, absence, [same, first])
    assert outcome.refused == {second.appointment_id: "slot_unavailable"}
    assert read(away.world, first.appointment_id).slot_id == first.slot_id


def test_one_button_takes_all_of_it_back() -> None:
    away = make_away(5)
    before = places_of(away)
    absence = start(away)
    apply(away, absence, choose(away, absence, {0: "cover", 1: "move", 2: "ask", 3: "cancel"}))
    outcome = take_back(away, absence, key="u")
    assert (outcome.ok, outcome.done, outcome.refused) == (True, 4, {})
    assert places_of(away) == before
    assert leave(away) == []
    assert {n.status for n in notices(away)} == {"withdrawn"}
    assert len(notices(away)) == 4
    with away.world.as_owner():
        held = AppointmentSlot.objects.using("owner").filter(held_until__isnull=False)
        assert list(held) == []
    undone = absence_of(away, absence)
    assert (undone.undone_by_id, undone.undone_at is None) == (away.world.bob.id, False)
    assert states(away) == ["open"] * 5
    assert take_back(away, absence, key="u").idempotent
    assert take_back(away, absence).code == "stale"
    assert start(away).ok


def test_it_is_too_late_when_the_messages_are_due() -> None:
    away = make_away(3)
    absence = start(away)
    apply(away, absence, choose(away, absence, {0: "move", 1: "cancel"}))
    after = places_of(away)
    due(away)
    outcome = take_back(away, absence)
    assert (outcome.code, outcome.http_status) == ("too_late", 409)
    assert places_of(away) == after
    assert len(leave(away)) == 1
    # One by one it still goes, as with any move, once the doctor is there again; and is told.
    with away.world.as_owner():
        DoctorLeave.objects.using("owner").update(deleted_at=dt.datetime.now(dt.UTC))
    with away.world.as_user(away.world.bob):
        back = undo_transition(idempotency_key="one", appointment_id=away_ids(away)[0], version=2)
    assert back.ok
    assert [n.status for n in notices(away, type="appointment_moved")] == ["pending", "pending"]


def test_what_was_changed_since_stays_where_it_is() -> None:
    away = make_away(3)
    absence = start(away)
    choices = choose(away, absence, {0: "cover", 1: "cover", 2: "cover"})
    apply(away, absence, choices)
    with away.world.as_user(away.world.alice):
        assert cancel_appointment(
            idempotency_key="c", appointment_id=choices[0].appointment_id, reason="Well again"
        ).ok
    outcome = take_back(away, absence)
    assert (outcome.done, outcome.refused) == (2, {choices[0].appointment_id: "stale"})
    assert read(away.world, choices[0].appointment_id).status == "cancelled"
    assert states(away) == ["covered", "open", "open"]
    assert leave(away) == []


def test_choices_are_kept_for_later() -> None:
    away = make_away(3)
    absence = start(away)
    choices = choose(away, absence, {0: "move", 1: "cancel"})
    saved = apply(away, absence, choices, save=True)
    assert (saved.ok, saved.done) == (True, 0)
    assert states(away) == ["open"] * 3
    assert [rows(away)[c.appointment_id].choice for c in choices] == ["move", "cancel"]
    assert notices(away) == []
    places = proposed(away, absence)
    assert places[choices[0].appointment_id, "saved"] == choices[0].slot_id
    assert sum(slot == choices[0].slot_id for slot in places.values()) == 1
    assert absence_of(away, absence).undo_until is None


def test_the_same_key_again_gives_the_same_answer() -> None:
    away = make_away(3)
    absence = start(away)
    choices = choose(away, absence, {0: "move", 1: "cancel"})
    first = apply(away, absence, choices, key="k", version=1)
    again = apply(away, absence, choices, key="k", version=1)
    assert (again.done, again.version, again.idempotent) == (first.done, first.version, True)
    assert apply(away, absence, choices[:1], key="k", version=1).code == "idempotency_mismatch"
    assert apply(away, absence, choices, version=1).code == "stale"
    assert len(notices(away)) == 2


def test_a_visit_of_an_absent_doctor_is_nobodys_no_show() -> None:
    away = make_away(1)
    (visit,) = away.visits()
    start(away)
    now = dt.datetime.now(dt.UTC)
    early = now - dt.timedelta(minutes=30)
    with away.world.as_owner():
        Absence.objects.using("owner").update(starts_at=early)
        DoctorLeave.objects.using("owner").update(starts_at=early)
        Appointment.objects.using("owner").filter(pk=visit.id).update(
            starts_at=now - dt.timedelta(minutes=20), ends_at=now - dt.timedelta(minutes=5)
        )
    with away.world.as_user(away.world.bob):
        refused = change_status(idempotency_key="n", appointment_id=visit.id, action="no_show")
    assert refused.code == "bad_transition"
    with away.world.as_owner():
        DoctorLeave.objects.using("owner").update(deleted_at=now)
    with away.world.as_user(away.world.bob):
        assert change_status(idempotency_key="n", appointment_id=visit.id, action="no_show").ok


@pytest.mark.parametrize("name", ["chen", "nur", "dana"])
def test_only_the_desk_may(name: str) -> None:
    away = make_away(1)
    with pytest.raises(ProgrammingError, match="permission denied"):
        start(away, user=getattr(away.world, name))


def test_a_doctor_reads_their_own_absence_and_no_other() -> None:
    away = make_away(1, doctors=1)
    start(away)
    with away.world.as_owner():
        Absence.objects.using("owner").create(
            clinic=away.world.clinic, doctor=away.others[0], starts_at=away.start,
            ends_at=away.end, reason="sick", reported_by=away.world.bob,
        )  # fmt: skip
    with away.world.as_user(away.world.chen):
        assert [a.doctor_id for a in Absence.objects.all()] == [away.world.doctor.id]
        assert AbsenceRow.objects.count() == 1


def test_ordinary_moves_and_cancellations_tell_and_an_undo_withdraws() -> None:
    away = make_away(2)
    one, two = away.visits()
    free = away.slots(away.others[0], is_available=True)
    with away.world.as_user(away.world.bob):
        assert reschedule_appointment(
            idempotency_key="m", appointment_id=one.id, slot_id=free[0].id
        ).ok
        assert cancel_appointment(idempotency_key="c", appointment_id=two.id, reason="Asked").ok
        assert undo_transition(idempotency_key="u", appointment_id=one.id, version=2).ok
    assert [(n.type, n.status) for n in notices(away)] == [
        ("appointment_covered" if free[0].starts_at == one.starts_at else "appointment_moved",
         "withdrawn"),
        ("appointment_cancelled", "pending"),
    ]  # fmt: skip


def test_nobody_is_told_without_their_consent() -> None:
    away = make_away(1)
    with away.world.as_owner():
        Patient.objects.using("owner").update(sms_consent=False)
    absence = start(away)
    assert apply(away, absence, choose(away, absence, {0: "cancel"})).done == 1
    assert notices(away) == []


def test_who_moved_what_is_on_record() -> None:
    away = make_away(2)
    absence = start(away)
    apply(away, absence, choose(away, absence, {0: "move", 1: "cancel"}))
    with away.world.as_user(away.world.alice), connection.cursor() as cursor:
        cursor.execute(
            "select table_name, count(*) from audit.audit_logs where table_name like 'absence%%'"
            " and user_id = %s group by 1 order by 1", [away.world.bob.id],
        )  # fmt: skip
        seen = dict(cursor.fetchall())
    assert seen.keys() == {"absences", "absence_rows", "absence_runs"}
    with away.world.as_owner():
        done = AppointmentTransition.objects.using("owner").filter(changed_by=away.world.bob)
        assert done.count() == 2


def only_free(away: Away, *slots: AppointmentSlot) -> None:
    """Every other slot of every doctor is blocked."""
    with away.world.as_owner():
        every = AppointmentSlot.objects.using("owner").filter(is_available=True)
        every.exclude(id__in=[slot.id for slot in slots]).update(is_blocked=True)


def change(visit: Appointment, away: Away, **values: Any) -> None:
    with away.world.as_owner():
        Appointment.objects.using("owner").filter(pk=visit.pk).update(**values)


def test_the_most_urgent_get_the_place_there_is() -> None:
    away = make_away(3)
    first, second, third = away.visits()
    change(first, away, appointment_type="vaccination")
    later = away.slots(away.others[0], starts_at__gte=third.ends_at)[0]
    only_free(away, later)
    absence = start(away)
    assert proposed(away, absence) == {(second.id, "move"): later.id}
    with away.world.as_owner():  # an absence before has put the last one off already
        earlier = Absence.objects.using("owner").create(
            clinic=away.world.clinic, doctor=away.others[0], starts_at=away.end,
            ends_at=away.end + dt.timedelta(1), reason="sick",
        )  # fmt: skip
        AbsenceRow.objects.using("owner").create(
            clinic=away.world.clinic, absence=earlier, appointment=third, state="moved",
            from_starts_at=third.starts_at, version=1,
        )  # fmt: skip
    assert proposed(away, absence) == {(third.id, "move"): later.id}
    change(first, away, checked_in_at=dt.datetime.now(dt.UTC))
    with away.world.as_user(away.world.bob), connection.cursor() as cursor:
        cursor.execute(
            "select appointment_id from booking.affected_visits(%s) order by rank",
            [absence.absence_id],
        )
        assert [row[0] for row in cursor.fetchall()] == [first.id, third.id, second.id]


def test_a_doctor_of_the_same_subject_comes_before_a_nearer_one() -> None:
    away = make_away(1, doctors=2)
    (visit,) = away.visits()
    near, same = away.others
    with away.world.as_owner():
        for doctor, subject in ((away.world.doctor, "Skin"), (near, "Eyes"), (same, "Skin")):
            type(doctor).objects.using("owner").filter(pk=doctor.pk).update(
                specializations=[subject]
            )
    soon = away.slots(near, starts_at__gt=visit.starts_at)[0]
    later = away.slots(same, starts_at__gt=visit.starts_at)[8]
    only_free(away, soon, later)
    absence = start(away)
    assert proposed(away, absence) == {(visit.id, "move"): later.id}


def test_language_and_loyalty_count() -> None:
    away = make_away(1, doctors=2, days=3)
    (visit,) = away.visits()
    speaks, not_ = away.others
    with away.world.as_owner():
        Patient.objects.using("owner").filter(pk=visit.patient_id).update(preferred_language="ta")
        for doctor, languages in ((speaks, ["English", "Tamil"]), (not_, ["English"])):
            type(doctor).objects.using("owner").filter(pk=doctor.pk).update(
                languages_spoken=languages
            )
    soon = away.slots(not_, starts_at__gt=visit.starts_at)[0]
    later = away.slots(speaks, starts_at__gt=visit.starts_at)[4]
    own = away.slots(away.world.doctor, starts_at__gt=away.end)[0]
    only_free(away, soon, later, own)
    absence = start(away)
    assert proposed(away, absence) == {(visit.id, "move"): later.id}
    change(visit, away, appointment_type="follow-up")
    assert proposed(away, absence) == {(visit.id, "move"): own.id}


def test_nobody_is_proposed_a_time_at_which_they_are_elsewhere() -> None:
    away = make_away(2, doctors=2)
    one, two = away.visits()
    with away.world.as_owner():  # both visits are of one patient, who has a third that day
        Appointment.objects.using("owner").filter(pk=two.pk).update(patient_id=one.patient_id)
    free = away.slots(away.others[0], starts_at__gte=two.ends_at)[:3]
    beside = away.slots(away.others[1], starts_at=free[0].starts_at)[0]
    with away.world.as_user(away.world.bob):
        assert book_appointment(
            idempotency_key="b", user_id=away.world.bob.id, clinic_id=away.world.id,
            slot_id=beside.id, patient_id=one.patient_id,
        ).ok  # fmt: skip
    twin = away.slots(away.others[1], starts_at=free[1].starts_at)[0]
    only_free(away, *free[:2], twin)
    absence = start(away)
    places = proposed(away, absence)
    assert list(places) in ([(one.id, "move")], [(two.id, "move")])
    assert set(places.values()) <= {free[1].id, twin.id}
