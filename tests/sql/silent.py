"""Guards whose absence no behaviour shows, and why: {family: {object: reason}}."""

INHERITED = (
    "the owner is a member of the narrow roles, and one of their policies lets it in as well"
)
UNREACHABLE = "no role has a grant to write the columns that the check is about"

APART = "audit.seal and audit.prune want transactions and months of their own: see tests/audit"

SILENT: dict[str, dict[str, str]] = {
    "policy dropped": {
        f"policy {table}.owner_all": INHERITED
        for table in (
            "app.clinic_keys",
            "audit.access_logs",
            "audit.audit_logs",
            "audit.chains",
            "booking.booking_requests",
            "clinic.absences",
            "clinic.absence_rows",
            "clinic.absence_runs",
            "clinic.appointment_counters",
            "clinic.appointment_resources",
            "clinic.calendar_feeds",
            "clinic.resources",
            "clinic.appointment_series",
            "clinic.appointment_slots",
            "clinic.clinic_entries",
            "clinic.doctor_leave",
            "clinic.doctor_working_hours",
            "clinic.doctors",
            "clinic.extra_sessions",
            "clinic.glass_breaks",
            "clinic.holidays",
            "clinic.limit_permits",
            "clinic.appointment_transitions",
            "clinic.number_counters",
            "clinic.integration_webhooks",
            "clinic.appointments",
            "clinic.queue_entries",
            "clinic.notifications",
            "clinic.waiting_list_entries",
            "clinic.waiting_list_offers",
            "clinic.freed_slots",
            "clinic.health_screening_results",
            "clinic.imaging_results",
            "clinic.insurance_claims",
            "clinic.lab_results",
            "clinic.medical_records",
            "clinic.payments",
            "clinic.prescriptions",
            "clinic.patients",
            "clinic.users",
            "clinic.vaccination_records",
            "clinic.webhook_events",
            "webhook.sources",
        )
    }
    | {
        f"policy audit.{policy}": APART
        for policy in ("access_logs.prune", "seals.append", "seals.prune", "segments.append")
    },
    "policy opened for reading": {
        "policy clinic.system_settings.calendar": "booking.calendar_events asks for that category"
    },
    "policy opened for writing": {
        f"policy clinic.{policy}": UNREACHABLE
        for policy in (
            "appointments.change",
            "clinics.change",
            "doctor_working_hours.change",
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
            "waiting_list_entries.change",
        )
    }
    | {
        "policy audit.access_logs.prune": UNREACHABLE,
        "policy clinic.resources.book_lock": "no function of the booker writes a resource",
    },
    "constraint dropped": {},
}
