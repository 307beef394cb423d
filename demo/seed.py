"""Puts the demo clinics into the database, each in one transaction of the owner."""

import datetime as dt
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import connections

from booking.models import AppointmentSlot
from clinic.models import Doctor
from clinic.tenancy.context import tenant_context
from demo.charts import Charts
from demo.clinics import ClinicPlan
from demo.clock import MINUTE, DeskClock
from demo.desk import work_at_the_desk
from demo.diary import FUTURE_DAYS, PAST_DAYS, Diary
from demo.line import queue_days, stand_in_line
from demo.load import OWNER, save
from demo.numbers import give_numbers
from demo.offers import offer_services
from demo.patients import make_patients
from demo.people import PASSWORD, Team, demo_id
from demo.till import Till
from demo.visits import FREED
from demo.waiting import wait

TAKE_SLOTS = """
update clinic.appointment_slots s set is_available = false, appointment_id = a.id
from clinic.appointments a
where a.clinic_id = %s and s.clinic_id = a.clinic_id and s.id = a.slot_id
  and a.status <> all (%s::text[]::public.appointment_status[])
"""


def seed_clinic(plan: ClinicPlan, now: dt.datetime) -> dict[str, int]:
    """Make the clinic as it would stand at now; returns how many rows of what.

    What the desk did last is done through the booking functions, once the rest stands.
    """
    clock = DeskClock.start(now, plan.zone)
    rng = Random(f"{plan.code} {clock.today}")
    team = Team(plan, make_password(PASSWORD))
    with tenant_context(clinic=demo_id(plan.code), role="owner", using=OWNER, reason="Demo data"):
        employ(team, clock)
        offer_services(team)
        slots = open_diary(team, clock)
        patients = make_patients(team, clock, Random(plan.code))
        diary = Diary(team, patients, slots, clock, rng)
        diary.draw()
        save([login.user for login in team.logins if login.is_new and login.role == "patient"])
        save(team.memberships())
        save(patients)
        charts, till = write_up(team, diary, Random(f"{plan.code} {clock.today} charts"))
        save([diary.course.series])
        save(diary.appointments)
        save(diary.counters)
        take_slots(team)
        queue = stand_in_line(team, diary.appointments)
        draw = Random(f"{plan.code} {clock.today} waiting")
        save(wait(team, patients, diary.appointments, clock, draw))
        for rows in (*charts.rows(), *till.rows(), queue, queue_days(team, queue)):
            save(rows)
    give_numbers(team.clinic.id, plan.country, [patient.pk for patient in patients], OWNER)
    work_at_the_desk(plan, clock)
    return {
        "doctors": len(team.doctors), "patients": len(patients),
        "appointments": len(diary.appointments), "slots": len(slots),
        "records": len(charts.records), "payments": len(till.payments),
    }  # fmt: skip


def write_up(team: Team, diary: Diary, rng: Random) -> tuple[Charts, Till]:
    """What was written and paid at the visits of the diary."""
    charts, till = Charts(team, diary.clock, rng), Till(team, diary.clock, rng)
    charts.draw(diary.appointments)
    till.draw(diary.appointments, charts.cases)
    return charts, till


def employ(team: Team, clock: DeskClock) -> None:
    """The clinic, its people and their hours."""
    staff, doctors = team.staff, team.doctors
    team.rove()
    save([team.clinic])
    save([login.user for login in team.logins if login.is_new])
    save(staff)
    save(doctors)
    save(team.hours())
    save(team.leave(clock))


def open_diary(team: Team, clock: DeskClock) -> list[AppointmentSlot]:
    """Every slot of the time that the demo covers, by time; one meeting is blocked out."""
    first = clock.today - dt.timedelta(days=PAST_DAYS)
    last = clock.today + dt.timedelta(days=FUTURE_DAYS)
    for doctor in team.doctors:
        generate_slots(doctor, first, last)
    slots = AppointmentSlot.objects.using(OWNER).filter(clinic_id=team.clinic.id)
    meeting = clock.at(next_tuesday(clock.today), 13 * 60 + 30)
    slots.filter(starts_at__gte=meeting, starts_at__lt=meeting + 30 * MINUTE).update(
        is_blocked=True, block_reason="Team meeting"
    )
    order = {doctor.id: n for n, doctor in enumerate(team.doctors)}
    return sorted(slots, key=lambda slot: (slot.starts_at, order[slot.doctor_id]))


def next_tuesday(today: dt.date) -> dt.date:
    """A Tuesday that is neither today nor tomorrow."""
    return today + dt.timedelta(days=(1 - today.weekday() - 2) % 7 + 2)


def generate_slots(doctor: Doctor, first: dt.date, last: dt.date) -> None:
    with connections[OWNER].cursor() as cursor:
        cursor.execute("select booking.generate_slots(%s, %s, %s)", [doctor.id, first, last])


def take_slots(team: Team) -> None:
    """Give each slot the appointment that holds it."""
    with connections[OWNER].cursor() as cursor:
        # Fresh tables have no statistics: without them this join takes 13 s instead of 0.2.
        cursor.execute("analyze clinic.appointment_slots, clinic.appointments, clinic.patients")
        cursor.execute(TAKE_SLOTS, [team.clinic.id, list(FREED)])
