-- What became of deliveries; written by those who deliver, looked at by administrators.
comment on table clinic.webhook_logs is 'One try to deliver an event to an integration.';
call app.make_tenant_table('clinic.webhook_logs');
create policy read on clinic.webhook_logs for select to clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.webhook_logs is 'Administrators.';

grant select on clinic.webhook_logs to clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.webhook_logs');
