"""Guards whose absence no behaviour shows, and why: {family: {object: reason}}."""

INHERITED = (
    "the owner is a member of the narrow roles, and one of their policies lets it in as well"
)
UNREACHABLE = "no role has a grant to write the columns that the check is about"

SILENT: dict[str, dict[str, str]] = {
    "policy dropped": {
        f"policy {table}.owner_all": INHERITED
        for table in (
            "booking.booking_requests",
            "clinic.appointment_counters",
            "clinic.appointment_slots",
            "clinic.appointments",
            "clinic.number_counters",
            "clinic.users",
        )
    },
    "policy opened for writing": {
        f"policy clinic.{policy}": UNREACHABLE
        for policy in (
            "appointments.change",
            "clinics.change",
            "patients.change",
            "patients.change_own",
            "users.change",
            "users.change_own",
        )
    },
    "constraint dropped": {},
}
