"""Rows for the clinic, those who work there and their hours. Nothing here is saved."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from clinic.models import Clinic, Doctor, DoctorLeave, Membership, Staff, User, WorkingHours
from demo.clinics import ROVING, TAMPINES, ClinicPlan, DoctorPlan, StaffPlan
from demo.clock import DeskClock

NAMESPACE = uuid.UUID("5f0c3c1e-93b5-4d0c-8a39-7d1e2f6c4b10")
PASSWORD = "demo-rowan-clinic"  # the same for every demo account; development and tests only
OPENED = dt.date(2019, 9, 1)
SHIFT = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")


def demo_id(*parts: object) -> uuid.UUID:
    """The same id for the same thing in every demo database."""
    return uuid.uuid5(NAMESPACE, "/".join(map(str, parts)))


def address(plan: ClinicPlan, mailbox: str) -> str:
    return f"{mailbox}@{plan.domain}"


def shifts(hours: str) -> Iterator[tuple[int, dt.time, dt.time]]:
    """(ISO weekday, starts, ends) of a text such as "1-5 09:00-12:00 13:00-17:00; 6 09:00-13:00".

    Raises ValueError for times that are none.
    """
    for part in hours.split(";"):
        days, _, times = part.strip().partition(" ")
        first, _, last = days.partition("-")
        for weekday in range(int(first), int(last or first) + 1):
            for starts, ends in SHIFT.findall(times):
                yield weekday, dt.time.fromisoformat(starts), dt.time.fromisoformat(ends)


@dataclass(slots=True)
class Login:
    """A user and the role held in this clinic. The roving one comes from another clinic."""

    user: User
    role: str
    is_new: bool = True


@dataclass
class Team:
    """Everybody who works in one clinic. password is an encoded hash, shared by all."""

    plan: ClinicPlan
    password: str
    logins: list[Login] = field(default_factory=list)

    @cached_property
    def clinic(self) -> Clinic:
        plan = self.plan
        return Clinic(
            id=demo_id(plan.code), code=plan.code, name=plan.name, branch_name=plan.branch,
            registration_number=plan.registration, address=plan.address,
            postal_code=plan.postal_code, phone=plan.phone, email=address(plan, "hello"),
            website=f"https://{plan.domain}", time_zone=plan.zone, currency=plan.currency,
            country=plan.country, latitude=plan.latitude, longitude=plan.longitude,
            services=["Family medicine", "Vaccination", "Health screening"],
            operating_hours={
                "mon-fri": "08:30-17:30", "sat": "09:00-13:00", "sun": "09:00-16:00",
            },
        )  # fmt: skip

    def login(self, email: str, full_name: str, role: str) -> User:
        """A user of this clinic who may sign in."""
        user = User(
            id=demo_id(self.plan.code, "user", email), clinic=self.clinic, full_name=full_name,
            email=address(self.plan, email), password=self.password, role=role, is_verified=True,
        )  # fmt: skip
        self.logins.append(Login(user, role))
        return user

    def rove(self) -> None:
        """The relief receptionist: hired by Tampines, a member here too."""
        if self.plan is TAMPINES:
            self.login(ROVING.email, ROVING.full_name, ROVING.role)
            return
        user = User(id=demo_id(TAMPINES.code, "user", ROVING.email))
        self.logins.append(Login(user, ROVING.role, is_new=False))

    def memberships(self) -> list[Membership]:
        return [
            Membership(
                id=demo_id(self.plan.code, "membership", login.user.id, login.role),
                clinic=self.clinic, user_id=login.user.id, role=login.role,
            )
            for login in self.logins
        ]  # fmt: skip

    @cached_property
    def staff(self) -> list[Staff]:
        return [self._member(n, plan) for n, plan in enumerate(self.plan.staff, start=1)]

    def _member(self, number: int, plan: StaffPlan) -> Staff:
        user = self.login(plan.email, plan.full_name, plan.role)
        return Staff(
            id=demo_id(self.plan.code, "staff", plan.email), clinic=self.clinic, user=user,
            full_name=plan.full_name, employee_id=f"S{number:03}", position=plan.position,
            department="Front desk" if plan.role == "staff" else "Clinic",
            employment_type="full-time", start_date=OPENED + dt.timedelta(days=40 * number),
        )  # fmt: skip

    @cached_property
    def doctors(self) -> list[Doctor]:
        return [self._doctor(n, plan) for n, plan in enumerate(self.plan.doctors, start=1)]

    def _doctor(self, number: int, plan: DoctorPlan) -> Doctor:
        user = self.login(plan.email, plan.full_name, "doctor")
        return Doctor(
            id=demo_id(self.plan.code, "doctor", plan.email), clinic=self.clinic, user=user,
            full_name=plan.full_name, employee_id=f"D{number:03}", room=plan.room,
            medical_registration_number=plan.registration, license_expiry=dt.date(2099, 12, 31),
            specializations=[plan.subject], qualifications=["MBBS"],
            languages_spoken=list(plan.languages), years_of_experience=6 + 3 * number,
            consultation_fee=plan.fee, consultation_duration_minutes=plan.minutes,
            break_times=list(plan.breaks),
        )  # fmt: skip

    def hours(self) -> list[WorkingHours]:
        return [
            WorkingHours(
                id=demo_id(doctor.id, weekday, starts), clinic=self.clinic, doctor=doctor,
                weekday=weekday, starts=starts, ends=ends, effective_from=OPENED,
            )
            for plan, doctor in zip(self.plan.doctors, self.doctors, strict=True)
            for weekday, starts, ends in shifts(plan.hours)
        ]  # fmt: skip

    def leave(self, clock: DeskClock) -> list[DoctorLeave]:
        """The second doctor is away on two days of the week after next."""
        doctor = self.doctors[1]
        monday = clock.today + dt.timedelta(days=15 - clock.today.isoweekday())
        ends = monday + dt.timedelta(days=2)
        return [
            DoctorLeave(
                id=demo_id(doctor.id, "leave"), clinic=self.clinic, doctor=doctor, reason="Course",
                starts_at=clock.at(monday, 0), ends_at=clock.at(ends, 0),
            )
        ]  # fmt: skip
