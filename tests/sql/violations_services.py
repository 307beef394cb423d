"""What breaks each constraint of services, of what they need and of whose time they take."""

from tests.sql.violations_records import ANY, change, copy, first

VISIT = "update clinic.appointments set %s where id = '{appointment}'"
FREE = "update clinic.appointment_slots set %s where id = '{free}'"
BUFFERS = ("buffer_before_minutes", "buffer_after_minutes")

SERVICE_VIOLATIONS = {
    "services_pkey": change("services", f"id = {first('services', 'other')}"),
    "services_clinic_code": copy("services"),
    "services_code": change("services", "code = 'A b'"),
    "services_duration_minutes": change("services", "duration_minutes = 481"),
    "services_clinic_id_897eb372_fk_clinics_id": copy("services", clinic_id=ANY),
    "service_doctors_pkey": change("service_doctors", f"id = {first('service_doctors', 'other')}"),
    "service_doctors_once": copy("service_doctors"),
    "service_doctors_duration_minutes": change("service_doctors", "duration_minutes = 4"),
    "service_doctors_service_fk":
        change("service_doctors", f"service_id = {first('services', 'other')}"),
    "service_doctors_doctor_fk": change("service_doctors", "doctor_id = '{other_doctor}'"),
    **{
        f"{table}_{column}": change(table, f"{column} = -1")
        for table in ("services", "service_doctors") for column in BUFFERS
    },
    "service_needs_pkey": change("service_needs", f"id = {first('service_needs', 'other')}"),
    "service_needs_once": "insert into clinic.service_needs (clinic_id, service_id, resource_id)"
    f" select '{{home}}', {first('services')}, {first('resources')} from generate_series(1, 2)",
    "service_needs_one": change("service_needs", "resource_id = null, pool_id = null"),
    "service_needs_service_fk":
        change("service_needs", f"service_id = {first('services', 'other')}"),
    "service_needs_resource_fk": change(
        "service_needs", f"pool_id = null, resource_id = {first('resources', 'other')}"),
    "service_needs_pool_fk": change(
        "service_needs", f"resource_id = null, pool_id = {first('resource_pools', 'other')}"),
    "resource_pools_pkey":
        change("resource_pools", f"id = {first('resource_pools', 'other')}"),
    "resource_pools_clinic_name": copy("resource_pools"),
    "resource_pools_clinic_id_5397986b_fk_clinics_id": copy("resource_pools", clinic_id=ANY),
    "resources_pkey": change("resources", f"id = {first('resources', 'other')}"),
    "resources_clinic_name": copy("resources"),
    "resources_kind": change("resources", "kind = 'x'"),
    "resources_pool_fk": change("resources", f"pool_id = {first('resource_pools', 'other')}"),
    "resources_clinic_id_404647e1_fk_clinics_id":
        copy("resources", clinic_id=ANY, pool_id="null::uuid"),
    "appointment_resources_pkey": change(
        "appointment_resources", f"id = {first('appointment_resources', 'other')}"),
    "appointment_resources_once": copy(
        "appointment_resources", busy_from="'2030-01-01 10:00Z'", busy_to="'2030-01-01 11:00Z'"),
    "appointment_resources_overlap": "insert into clinic.appointment_resources"
    " (clinic_id, appointment_id, resource_id, busy_from, busy_to)"
    " select clinic_id, '{visit2}', resource_id, busy_from, busy_to"
    " from clinic.appointment_resources where appointment_id = '{appointment}'",
    "appointment_resources_times": change("appointment_resources", "busy_to = busy_from"),
    "appointment_resources_appointment_fk":
        change("appointment_resources", "appointment_id = '{other_appointment}'"),
    "appointment_resources_resource_fk":
        change("appointment_resources", f"resource_id = {first('resources', 'other')}"),
    "appointment_slots_covered": FREE % "covered_by = '{appointment}'",
    "appointment_slots_covered_by_fk":
        FREE % "is_available = false, covered_by = '{other_appointment}'",
    "appointments_busy": VISIT % "busy_from = ends_at, busy_to = ends_at",
    "appointments_practitioner": VISIT % "practitioner_id = null",
    "appointments_doctor_fk": VISIT % "practitioner_id = gen_random_uuid()",
    "appointments_service_fk": VISIT % f"service_id = {first('services', 'other')}",
}  # fmt: skip
