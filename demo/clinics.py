"""The two clinics of the demo and who works there. Plain data; demo.people makes rows of it."""

from dataclasses import dataclass
from decimal import Decimal

# Weekdays are ISO: "1-5 09:00-12:00 13:00-17:00; 6 09:00-13:00" is Monday to Friday and Saturday.
FULL_WEEK = "1-5 08:30-12:30 13:30-17:30; 6 09:00-13:00"
WEEKDAYS = "1-5 09:00-13:00 14:00-17:30"


@dataclass(frozen=True, slots=True)
class DoctorPlan:
    """email is the part before the @; fee is in the clinic's currency."""

    email: str
    full_name: str
    subject: str
    room: str
    registration: str
    fee: Decimal
    hours: str
    languages: tuple[str, ...] = ("English",)
    minutes: int = 15
    breaks: tuple[dict[str, str], ...] = ()
    children: bool = False


@dataclass(frozen=True, slots=True)
class StaffPlan:
    """Somebody who signs in: role is a value of user_role."""

    email: str
    full_name: str
    role: str
    position: str


@dataclass(frozen=True, slots=True)
class ClinicPlan:
    """A clinic before it is a row. domain is that of everybody's e-mail address."""

    code: str
    name: str
    branch: str
    domain: str
    zone: str
    currency: str
    country: str
    phone: str
    registration: str
    address: str
    postal_code: str
    latitude: str
    longitude: str
    staff: tuple[StaffPlan, ...]
    doctors: tuple[DoctorPlan, ...]


TAMPINES = ClinicPlan(
    code="GFC-TP",
    name="Greenfern Family Clinic",
    branch="Tampines",
    domain="gfc-tp.example",
    zone="Asia/Singapore",
    currency="SGD",
    country="SG",
    phone="+65 6123 0100",
    registration="201912345G",
    address="21 Tampines Street 81, #01-108",
    postal_code="520021",
    latitude="1.34960000",
    longitude="103.93520000",
    staff=(
        StaffPlan("admin", "Jacqueline Ong", "admin", "Practice manager"),
        StaffPlan("reception", "Nurul Huda binte Kassim", "staff", "Receptionist"),
        StaffPlan("reception2", "Desmond Chia", "staff", "Receptionist"),
        StaffPlan("nurse", "Kavitha Ramasamy", "nurse", "Staff nurse"),
    ),
    doctors=(
        DoctorPlan(
            "dr.tan", "Dr Tan Mei Ling", "Family medicine", "Room 1", "MCR10231A", Decimal("48.00"),
            FULL_WEEK, ("English", "Mandarin", "Hokkien"),
        ),
        DoctorPlan(
            "dr.krishnan", "Dr Rajesh Krishnan", "Family medicine", "Room 2", "MCR11877C",
            Decimal("48.00"), FULL_WEEK, ("English", "Tamil", "Malay"),
        ),
        DoctorPlan(
            "dr.farhana", "Dr Nur Farhana Ismail", "Paediatrics", "Room 3", "MCR13420F",
            Decimal("62.00"), WEEKDAYS, ("English", "Malay"), children=True,
        ),
        DoctorPlan(
            "dr.lim", "Dr Lim Jun Hao", "General practice", "Room 2", "MCR14055H", Decimal("55.00"),
            "7 09:00-16:00; 2 18:00-20:30", ("English", "Mandarin"),
            breaks=({"starts": "12:30", "ends": "13:30"},),
        ),
        DoctorPlan(
            "dr.dsouza", "Dr Grace D'Souza", "Women's health", "Room 4", "MCR12966J",
            Decimal("75.00"), "1-4 09:00-12:30 13:30-17:00; 6 09:00-12:00", minutes=30,
        ),
    ),
)  # fmt: skip

LONDON = ClinicPlan(
    code="GFC-LDN",
    name="Greenfern Family Clinic",
    branch="London",
    domain="gfc-ldn.example",
    zone="Europe/London",
    currency="GBP",
    country="GB",
    phone="+44 20 7946 0123",
    registration="CQC-1-1004207",
    address="48 Lamb's Conduit Passage",
    postal_code="WC1R 4RH",
    latitude="51.51930000",
    longitude="-0.11640000",
    staff=(
        StaffPlan("admin", "Harriet Blackwood", "admin", "Practice manager"),
        StaffPlan("reception", "Temi Oyelaran", "staff", "Receptionist"),
        StaffPlan("reception2", "Callum Reid", "staff", "Receptionist"),
        StaffPlan("nurse", "Agnieszka Zielińska", "nurse", "Practice nurse"),
    ),
    doctors=(
        DoctorPlan(
            "dr.hartley", "Dr Emily Hartley", "General practice", "Room 1", "GMC7012345",
            Decimal("70.00"), FULL_WEEK, ("English", "French"),
        ),
        DoctorPlan(
            "dr.adebayo", "Dr Olumide Adebayo", "General practice", "Room 2", "GMC7023456",
            Decimal("70.00"), FULL_WEEK, ("English", "Yoruba"),
        ),
        DoctorPlan(
            "dr.byrne", "Dr Siobhán Byrne", "Paediatrics", "Room 3", "GMC7034567",
            Decimal("85.00"), WEEKDAYS, ("English", "Irish"), children=True,
        ),
        DoctorPlan(
            "dr.wojcik", "Dr Tomasz Wójcik", "Dermatology", "Room 4", "GMC7045678",
            Decimal("110.00"), "7 09:30-16:00; 3 09:00-17:00; 5 09:00-17:00",
            ("English", "Polish"), breaks=({"starts": "12:30", "ends": "13:15"},),
        ),
    ),
)  # fmt: skip

CLINICS = (TAMPINES, LONDON)
# At home in Tampines, and at work in both: sees the page on which a clinic is chosen.
ROVING = StaffPlan("roving", "Marisol Quintero", "staff", "Relief receptionist")
