"""One fault, or more, for each lint: (lint, what breaks it, what it then reports)."""

PATIENTS = "clinic.patients"
ISOLATION = "alter policy tenant_isolation on clinic.patients "
TWO_POLICIES = """
drop policy tenant_isolation on clinic.patients;
create policy tenant_isolation on clinic.patients as {} to {}
  using (clinic_id = (select app.current_clinic_id()))
  with check (clinic_id = (select app.current_clinic_id()))
"""
BARE_TABLE = "create table clinic.bare (id uuid primary key, {} text)"

FAULTS = [
    ("row security", "alter table clinic.patients no force row level security", PATIENTS),
    ("row security", "alter table clinic.patients disable row level security", PATIENTS),
    ("row security", BARE_TABLE.format("clinic_id"), "clinic.bare"),
    ("tenant isolation", "drop policy tenant_isolation on clinic.patients", PATIENTS),
    ("tenant isolation", ISOLATION + "using (true)", PATIENTS),
    ("tenant isolation", ISOLATION + "with check (true)", PATIENTS),
    ("tenant isolation", TWO_POLICIES.format("permissive", "public"), PATIENTS),
    ("tenant isolation", TWO_POLICIES.format("restrictive", "clinic_staff"), PATIENTS),
    (
        "tenant isolation is opened to narrow roles only",
        ISOLATION + "using (clinic_id = (select app.current_clinic_id()) or is_active)",
        PATIENTS,
    ),
    (
        "tenant isolation is opened to narrow roles only",
        ISOLATION
        + "using (clinic_id = (select app.current_clinic_id()) or current_user = 'clinic_staff')",
        PATIENTS,
    ),
    ("tenant index", "drop index clinic.doctor_leave_doctor", "clinic.doctor_leave"),
    (
        "composite keys",
        "alter table clinic.appointments"
        " add foreign key (patient_id) references clinic.patients (id)",
        "clinic.appointments.appointments_patient_id_fkey",
    ),
    ("clinic not null", "alter table clinic.patients alter clinic_id drop not null", PATIENTS),
    (
        "unique per clinic",
        "create unique index leaky on clinic.patients (nric_hash)",
        "clinic.leaky",
    ),
    (
        "unique per clinic",
        "create unique index leaky on clinic.patients (lower(id::text || full_name))",
        "clinic.leaky",
    ),
    (
        "write checks",
        "create policy extra on clinic.patients for update to clinic_staff using (true)",
        "clinic.patients.extra",
    ),
    (
        "policies have roles",
        "create policy extra on clinic.patients for select using (true)",
        "clinic.patients.extra",
    ),
    ("policies in force", "alter table clinic.patients disable row level security", PATIENTS),
    (
        "policies are steady",
        "create function clinic.moody() returns boolean language sql volatile as 'select true';"
        " alter policy read on clinic.patients using (clinic.moody())",
        "clinic.patients.read calls clinic.moody()",
    ),
    (
        "tables of no clinic",
        BARE_TABLE.format("note") + "; grant select (note) on clinic.bare to clinic_nurse",
        "clinic.bare",
    ),
    (
        "partitions",
        "grant select (reason) on audit.audit_logs_default to clinic_admin",
        "audit.audit_logs_default",
    ),
    (
        "partitions",
        "alter table audit.audit_logs_default no force row level security",
        "audit.audit_logs_default",
    ),
    ("audited", "drop trigger audit_delete on clinic.patients", PATIENTS),
    ("audited", "alter table clinic.patients enable trigger audit_update", PATIENTS),
    (
        "foreign keys have indexes",
        "drop index clinic.patients_doctor",
        "clinic.patients.patients_preferred_doctor_fk",
    ),
    (
        "definers are pinned",
        "alter function app.own_doctor_ids() reset search_path",
        "app.own_doctor_ids()",
    ),
    (
        "definers are pinned",
        "alter function app.own_doctor_ids() set search_path to pg_temp, pg_catalog",
        "app.own_doctor_ids()",
    ),
    (
        "definers are not for PUBLIC",
        "grant execute on function app.own_doctor_ids() to public",
        "app.own_doctor_ids()",
    ),
    (
        "definers have narrow owners",
        "alter function app.own_doctor_ids() owner to clinic_owner",
        "app.own_doctor_ids()",
    ),
    ("narrow roles stay narrow", "grant clinic_definer to clinic_worker", "clinic_definer"),
    ("narrow roles stay narrow", "alter role clinic_auditor bypassrls", "clinic_auditor"),
    (
        "narrow roles own routines only",
        "alter table clinic.staff owner to clinic_definer",
        "clinic.staff",
    ),
    ("narrow roles own routines only", "alter schema audit owner to clinic_auditor", "audit"),
    (
        "the site owns nothing",
        "alter function app.own_doctor_ids() owner to clinic_admin",
        "app.own_doctor_ids()",
    ),
    ("the site is bound", "alter role clinic_admin bypassrls", "clinic_admin"),
    (
        "the site becomes clinic roles only",
        "grant pg_read_all_data to clinic_app",
        "pg_read_all_data",
    ),
    (
        "the login reads two tables",
        "grant select (id) on clinic.users to clinic_app",
        "clinic.users SELECT",
    ),
    ("views ask as their reader", "create view clinic.v as select 1", "clinic.v"),
    (
        "materialized views are hidden",
        "create materialized view clinic.m as select 1 as a;"
        " grant select (a) on clinic.m to clinic_doctor",
        "clinic.m",
    ),
    (
        "nothing is created",
        "grant create on schema public to clinic_app",
        "clinic_app CREATE public",
    ),
    (
        "nothing is created",
        "grant truncate on clinic.staff to clinic_admin",
        "clinic_admin clinic.staff",
    ),
    ("nothing for PUBLIC", "grant select (id) on clinic.users to public", "clinic.users"),
    (
        "nothing is born open",
        "alter default privileges for role clinic_owner grant execute on functions to public",
        "functions",
    ),
    (
        "functions are granted by name",
        "grant execute on function app.current_user_id() to public",
        "app.current_user_id()",
    ),
    (
        "migrations' procedures",
        "grant execute on procedure audit.detach(regclass) to clinic_worker",
        "audit.detach(regclass)",
    ),
    (
        "no shared sequence",
        "grant select on sequence audit.audit_logs_id_seq to clinic_admin",
        "audit.audit_logs_id_seq",
    ),
    (
        "rows keep their clinic",
        "grant update (clinic_id) on clinic.users to clinic_admin",
        "clinic_admin clinic.users.clinic_id",
    ),
    (
        "secrets are not read",
        "grant select (password_hash) on clinic.users to clinic_staff",
        "clinic_staff clinic.users.password_hash",
    ),
    (
        "no function is called leakproof",
        "alter function clinic.search_key(text) leakproof",
        "clinic.search_key(text)",
    ),
    ("comments", "comment on policy read on clinic.patients is null", "clinic.patients.read"),
    ("comments", "comment on table clinic.patients is null", "clinic.patients"),
    ("comments", "comment on function app.own_doctor_ids() is null", "app.own_doctor_ids()"),
    (
        "valid",
        "alter table clinic.patients add constraint later check (id is not null) not valid",
        "clinic.patients.later",
    ),
]
