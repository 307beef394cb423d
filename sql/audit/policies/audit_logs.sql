-- Readable by the clinic's administrators, writable by the trigger function's owner alone.
-- An entry belongs to the clinic of its row, which at login is known before any context is.
alter table audit.audit_logs enable row level security;
alter table audit.audit_logs force row level security;
create policy tenant_isolation on audit.audit_logs as restrictive to public
  using (clinic_id = (select app.current_clinic_id()))
  with check (current_user = 'clinic_auditor');
comment on policy tenant_isolation on audit.audit_logs is 'An entry is read in its clinic only; the triggers alone write, with the clinic of the row.';
create policy owner_all on audit.audit_logs to clinic_owner using (true) with check (true);
comment on policy owner_all on audit.audit_logs is 'The owner sees the clinic whose context it is in.';
create policy append on audit.audit_logs for insert to clinic_auditor with check (true);
comment on policy append on audit.audit_logs is 'The audit triggers.';
create policy read on audit.audit_logs for select to clinic_admin, clinic_superadmin using (true);
comment on policy read on audit.audit_logs is 'Administrators read the trail of their clinic.';
grant insert on audit.audit_logs to clinic_auditor;
grant select on audit.audit_logs to clinic_admin, clinic_superadmin;

-- A partition is a table of its own and knows nothing of its parent's policies: it gets the switch,
-- and no grant and no policy, so nobody reads it directly.
alter table audit.audit_logs_default enable row level security;
alter table audit.audit_logs_default force row level security;

-- undo
call app.unmake_tenant_table('audit.audit_logs');
alter table audit.audit_logs_default no force row level security;
alter table audit.audit_logs_default disable row level security;
