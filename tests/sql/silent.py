"""Guards whose absence no behaviour shows, and why: {family: {object: reason}}."""

INHERITED = (
    "the owner is a member of the narrow roles, and one of their policies lets it in as well"
)
UNREACHABLE = "no role has a grant to write the columns that the check is about"

SILENT: dict[str, dict[str, str]] = {
    "policy dropped": {
        f"policy {table}.owner_all": INHERITED
        for table in (
            "app.clinic_keys",
            "booking.booking_requests",
            "clinic.appointment_counters",
            "clinic.appointment_slots",
            "clinic.appointments",
            "clinic.glass_breaks",
            "clinic.insurance_claims",
            "clinic.number_counters",
            "clinic.patients",
            "clinic.users",
        )
    },
    "policy opened for writing": {
        f"policy clinic.{policy}": UNREACHABLE
        for policy in (
            "appointments.change",
            "clinics.change",
            "health_screening_results.change",
            "imaging_results.change",
            "insurance_claims.change",
            "lab_results.change",
            "medical_records.add_nurse",
            "medical_records.change",
            "patients.change",
            "patients.change_own",
            "payments.change",
            "prescription_items.change",
            "prescriptions.change",
            "system_settings.change",
            "telemedicine_sessions.change",
            "users.change",
            "users.change_own",
            "vaccination_records.change",
        )
    },
    "constraint dropped": {},
}
