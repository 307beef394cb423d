-- Who looked: openings, searches, prints, exports, failed logins, refusals, uses of keys. A table of
-- its own, so that looking up who saw a patient costs the trail of changes no index. Its numbers
-- come from the trail's sequence: both are sealed into one chain, by one order.
create table audit.access_logs (
  id bigint primary key default nextval('audit.audit_logs_id_seq'),
  clinic_id uuid,
  action varchar(10) not null check (action::text in
    ('READ', 'SEARCH', 'PRINT', 'EXPORT', 'LOGIN_FAIL', 'DENIED')),
  table_name varchar(100) not null,
  record_id text,
  patient_id uuid,
  detail jsonb,
  user_id uuid,
  actor_role text,
  ip_address inet,
  user_agent text,
  request_id varchar(100),
  reason text,
  created_at timestamptz not null default clock_timestamp()
);
comment on table audit.access_logs is 'Who looked at what, and who was refused; written by functions only, nobody updates.';
create index access_logs_clinic on audit.access_logs (clinic_id, created_at desc);
create index access_logs_patient on audit.access_logs (clinic_id, patient_id, created_at desc);
grant usage on sequence audit.audit_logs_id_seq to clinic_auditor;

alter table audit.access_logs enable row level security;
alter table audit.access_logs force row level security;
create policy tenant_isolation on audit.access_logs as restrictive to public
  using (clinic_id = (select app.current_clinic_id()) or current_user = 'clinic_sealer'
         or current_user = 'clinic_archivist')
  with check (current_user = 'clinic_auditor' or clinic_id = (select app.current_clinic_id()));
comment on policy tenant_isolation on audit.access_logs is 'Read in its clinic only; a failed login is noted before there is a context.';
create policy owner_all on audit.access_logs to clinic_owner using (true) with check (true);
comment on policy owner_all on audit.access_logs is 'The owner sees the clinic whose context it is in.';
create policy append on audit.access_logs for insert to clinic_auditor with check (true);
comment on policy append on audit.access_logs is 'audit.record_access and the note of a failed login.';
create policy read on audit.access_logs for select to clinic_admin, clinic_superadmin using (true);
comment on policy read on audit.access_logs is 'The access report of administrators.';
create policy read_own on audit.access_logs for select to clinic_patient
  using (patient_id = any (array(select app.own_patient_ids())));
comment on policy read_own on audit.access_logs is 'Who viewed me.';
create policy seal on audit.access_logs for select to clinic_sealer using (true);
comment on policy seal on audit.access_logs is 'Sealing and verifying.';
create policy prune on audit.access_logs to clinic_archivist using (true) with check (false);
comment on policy prune on audit.access_logs is 'audit.prune, for whole sealed months.';
grant insert on audit.access_logs to clinic_auditor;
grant select on audit.access_logs to clinic_admin, clinic_superadmin, clinic_sealer;
grant select (clinic_id, created_at, action, table_name, patient_id, user_id, actor_role)
  on audit.access_logs to clinic_patient;
grant select (id, clinic_id, created_at), delete on audit.access_logs to clinic_archivist;

-- undo
revoke usage on sequence audit.audit_logs_id_seq from clinic_auditor;
drop table audit.access_logs;
