"""An absence taken back, and the messages of it and of ordinary changes."""

import datetime as dt

from django.db import connection

from booking.models import (
    Absence,
    Appointment,
    AppointmentSlot,
    AppointmentTransition,
)
from booking.services.appointments import (
    book_appointment,
    cancel_appointment,
    change_status,
    reschedule_appointment,
    undo_transition,
)
from clinic.models import DoctorLeave, Patient
from tests.booking.absent import (
    absence_of,
    apply,
    away_ids,
    choose,
    due,
    leave,
    notices,
    places_of,
    rows,
    start,
    states,
    take_back,
)
from tests.booking.away import make_away
from tests.booking.life import history, read


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
    assert {(n.type, n.status) for n in notices(away)} == {
        ("appointment_covered" if free[0].starts_at == one.starts_at else "appointment_moved",
         "withdrawn"),
        ("appointment_cancelled", "pending"),
    }  # fmt: skip


def test_nobody_is_told_without_their_consent() -> None:
    away = make_away(1)
    with away.world.as_owner():
        Patient.objects.using("owner").update(sms_consent=False)
    absence = start(away)
    assert apply(away, absence, choose(away, absence, {0: "cancel"})).done == 1
    assert notices(away) == []


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


def test_an_old_time_that_was_given_away_is_reported() -> None:
    away = make_away(2)
    first = away.visits()[0]
    absence = start(away)
    choices = choose(away, absence, {0: "cover", 1: "cover"})
    apply(away, absence, choices)
    with away.world.as_owner():  # an administrator ends the leave by hand, and the time is booked
        DoctorLeave.objects.using("owner").update(deleted_at=dt.datetime.now(dt.UTC))
    with away.world.as_user(away.world.alice):
        assert book_appointment(
            idempotency_key="b", user_id=away.world.alice.id, clinic_id=away.world.id,
            slot_id=first.slot_id, patient_id=away.world.patient.id,
        ).ok  # fmt: skip
    outcome = take_back(away, absence)
    assert (outcome.done, outcome.refused) == (1, {first.id: "slot_unavailable"})
    assert read(away.world, first.id).slot_id == choices[0].slot_id
    told = {n.template_variables["number"]: n.status for n in notices(away)}
    assert told[first.appointment_number] == "pending"
    assert sorted(told.values()) == ["pending", "withdrawn"]
    assert rows(away)[first.id].code == "slot_unavailable"
