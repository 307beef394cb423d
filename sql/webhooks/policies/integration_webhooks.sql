-- Where a clinic's events go. Nobody writes them yet: they come with the deliveries.
comment on table clinic.integration_webhooks is 'Where a clinic wants its events sent.';
call app.make_tenant_table('clinic.integration_webhooks');
create policy read on clinic.integration_webhooks for select to clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.integration_webhooks is 'Administrators; the grant leaves out secret and headers.';

grant select (id, clinic_id, name, url, is_active, events, max_retries, timeout_seconds,
              last_triggered_at, success_count, failure_count, created_at, updated_at)
  on clinic.integration_webhooks to clinic_admin, clinic_superadmin;
create policy keeper_read on clinic.integration_webhooks for select to clinic_keeper using (true);
comment on policy keeper_read on clinic.integration_webhooks is 'The functions on encrypted columns, inside the clinic.';
create policy keeper_write on clinic.integration_webhooks for update to clinic_keeper using (true) with check (true);
comment on policy keeper_write on clinic.integration_webhooks is 'The functions on encrypted columns, inside the clinic.';
grant select (id, clinic_id, secret_encrypted), update (secret_encrypted)
  on clinic.integration_webhooks to clinic_keeper;

-- undo
call app.unmake_tenant_table('clinic.integration_webhooks');
