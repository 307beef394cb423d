"""Who reaches which rows of services, rooms and equipment: administrators keep them."""

from tests.sql.access_records import HEADS, PEOPLE, Access

ONLINE = "is_active and online_bookable"
WORKERS = f"{PEOPLE} worker"

READ_SERVICES: Access = {
    "clinic.services": {WORKERS: "true", "patient": ONLINE},
    "clinic.service_doctors": {
        WORKERS: "true",
        "patient": f"is_active and service_id in (select id from clinic.services where {ONLINE})",
    },
    "clinic.service_needs": {WORKERS: "true"},
    "clinic.resource_pools": {WORKERS: "true"},
    "clinic.resources": {WORKERS: "true"},
    "clinic.appointment_resources": {
        "staff nurse admin superadmin": "true",
        "doctor": "appointment_id in (select id from clinic.appointments"
        " where doctor_id = '{doctor}' and deleted_at is null)",
    },
}
CHANGE_SERVICES: Access = {
    "clinic.services set appointment_type = 'screening'": {HEADS: "true"},
    "clinic.service_doctors set duration_minutes = 20": {HEADS: "true"},
    "clinic.service_needs set is_active = true": {HEADS: "true"},
    "clinic.resource_pools set name = name || 'x'": {HEADS: "true"},
    "clinic.resources set kind = 'equipment'": {HEADS: "true"},
    "clinic.appointment_resources set busy_to = busy_to": {},
}
SERVICE = "(select id from clinic.services where code = 'stock')"
POOL = "(select id from clinic.resource_pools where name = 'Stock room')"
ADD_SERVICES: dict[str, tuple[str, str]] = {
    "clinic.services": (
        HEADS, "(clinic_id, name, code, duration_minutes) values ('{clinic}', 'n', 'n', 15)",
    ),
    "clinic.service_doctors": (
        HEADS,
        f"(clinic_id, service_id, doctor_id) values ('{{clinic}}', {SERVICE}, '{{doctor2}}')",
    ),
    "clinic.service_needs": (
        HEADS, f"(clinic_id, service_id, pool_id) values ('{{clinic}}', {SERVICE}, {POOL})",
    ),
    "clinic.resource_pools": (HEADS, "(clinic_id, name) values ('{clinic}', 'n')"),
    "clinic.resources": (HEADS, "(clinic_id, name) values ('{clinic}', 'n')"),
}  # fmt: skip
REFUSED_SERVICES = (
    ("patient", "select buffer_before_minutes from clinic.services"),
    ("patient", "select buffer_after_minutes from clinic.service_doctors"),
    ("patient", "select busy_from from clinic.appointments"),
    ("patient", "select practitioner_id from clinic.appointments"),
    ("patient", "select covered_by from clinic.appointment_slots"),
    ("admin", "update clinic.appointment_slots set covered_by = null"),
    ("admin", "update clinic.appointments set practitioner_id = gen_random_uuid()"),
    ("admin", "update clinic.appointments set busy_to = ends_at"),
    ("admin", "update clinic.service_doctors set doctor_id = '{doctor2}'"),
    ("admin", "delete from clinic.appointment_resources"),
)
