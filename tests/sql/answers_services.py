"""What booking answers with a service: (name, about, role, statement, wanted, before, after)."""

BOOKING = (
    "clinic.services clinic.service_doctors clinic.service_needs clinic.resource_pools"
    " clinic.resources clinic.appointment_resources clinic.appointment_slots clinic.appointments"
    " audit.audit_logs"
)
SERVICE = "(select id from clinic.services where code = 'stock' and clinic_id = '{home}')"
BOOK = (
    "select booking.create_booking('scan', '{{me}}', '{{home}}', '{{free}}', '{{{patient}}}', null,"
    " 'consultation', (select id from clinic.services where code = '{code}')) ->> '{answer}'"
)


def book(answer: str, code: str = "stock", patient: str = "patient2") -> str:
    return BOOK.format(answer=answer, code=code, patient=patient)


KEPT = (
    "select count(*) from clinic.appointment_resources r join clinic.appointments a"
    f" on a.id = r.appointment_id where a.service_id = {SERVICE}"
)
COVERED = (
    "select count(*) from clinic.appointment_slots s join clinic.appointments a"
    f" on a.id = s.covered_by where a.service_id = {SERVICE}"
)
TAKEN = "update clinic.resources set is_active = false where clinic_id = '{home}'"

OTHER_ROOM = (
    "(select xmax::text from clinic.resources where name = 'Stock room 2' and clinic_id = '{home}')"
)

SERVICE_ANSWERS = (
    ("book a service", BOOKING, "staff", book("status"), "success", "", ""),
    ("its room is kept", BOOKING, "staff", book("status"), 1, "", KEPT),
    ("all rooms of the pool are locked", BOOKING, "staff", book("status"), True,
     f"select set_config('probe.xmax', {OTHER_ROOM}, true)",
     f"select {OTHER_ROOM} <> current_setting('probe.xmax')"),
    ("its slots are covered", BOOKING, "staff", book("status"), 2, "", COVERED),
    ("a room that is taken is named", BOOKING, "staff", book("message"),
     "No stock room is free then.", TAKEN, ""),
    ("a patient books online", BOOKING, "patient", book("status", patient="patient"), "success",
     "", ""),
    ("not what is not online", BOOKING, "patient",
     "select booking.create_booking('scan', '{me}', '{home}', '{free}', '{patient}', null,"
     " 'consultation', current_setting('probe.service')::uuid) ->> 'code'", "service_unavailable",
     "select set_config('probe.service', (select id::text from clinic.services"
     " where code = 'hidden' and clinic_id = '{home}'), true)", ""),
    ("cancelling lets the room go", BOOKING, "staff",
     "select booking.cancel_booking('away', a.appointment_id, 'ill') ->> 'status' from (select"
     " (booking.create_booking('scan', '{me}', '{home}', '{free}', '{patient2}', null,"
     " 'consultation', (select id from clinic.services where code = 'stock'))"
     " -> 'result' ->> 'appointment_id')::uuid as appointment_id) a", 0, "", KEPT),
    ("a visit follows its doctor", "clinic.doctors clinic.appointments", "admin",
     "update clinic.doctors set user_id = '{bob}' where id = '{doctor2}'", True, "",
     "select bool_and(practitioner_id = '{bob}') from clinic.appointments"
     " where doctor_id = '{doctor2}'"),
    ("a visit has its doctor's practitioner", "clinic.doctors clinic.appointments", "",
     "update clinic.appointments set doctor_id = '{doctor2}' where id = '{appointment}'", True, "",
     "select practitioner_id = '{doctor2}' from clinic.appointments where id = '{appointment}'"),
    ("a new visit has it, too", "clinic.doctors clinic.appointments", "",
     "insert into clinic.appointments (clinic_id, patient_id, doctor_id, appointment_number,"
     " appointment_date, appointment_time, starts_at, ends_at) values ('{home}', '{patient2}',"
     " '{doctor2}', 'N1', '2031-01-01', '10:00', '2031-01-01 10:00Z', '2031-01-01 10:15Z')", True,
     "", "select practitioner_id = '{doctor2}' from clinic.appointments"
     " where appointment_number = 'N1' and clinic_id = '{home}'"),
)  # fmt: skip
