-- Senders of events. The door finds a source before a clinic is known; secrets leave through no grant.
comment on table webhook.sources is 'A sender of events, the clinic that they are for, and the HMAC pads of its secret.';
alter table webhook.sources enable row level security;
alter table webhook.sources force row level security;
create policy tenant_isolation on webhook.sources as restrictive to public
  using (clinic_id = (select app.current_clinic_id()) or current_user = 'clinic_receiver')
  with check (clinic_id = (select app.current_clinic_id()));
comment on policy tenant_isolation on webhook.sources is 'A source is its clinic''s; webhook.receive finds any.';
create policy owner_all on webhook.sources to clinic_owner using (true) with check (true);
comment on policy owner_all on webhook.sources is 'The owner sees all of the clinic whose context it is in.';
create policy door on webhook.sources for select to clinic_receiver using (is_active);
comment on policy door on webhook.sources is 'webhook.receive: what is switched off is not there.';
create policy definer on webhook.sources to clinic_dispatcher using (true) with check (true);
comment on policy definer on webhook.sources is 'webhook.rotate_secret and the handlers'' helpers, inside the clinic.';
create policy read on webhook.sources for select to clinic_admin, clinic_superadmin using (true);
comment on policy read on webhook.sources is 'Administrators; the grant leaves out the pads.';
create policy add on webhook.sources for insert to clinic_admin, clinic_superadmin
  with check (secret_pad is null and old_secret_pad is null);
comment on policy add on webhook.sources is 'A source starts without a secret: webhook.rotate_secret sets it.';
create policy change on webhook.sources for update to clinic_admin, clinic_superadmin
  using (true) with check (true);
comment on policy change on webhook.sources is 'Its name, and whether it is switched on.';

grant select (id, clinic_id, secret_pad, old_secret_pad, old_secret_expires_at, is_active)
  on webhook.sources to clinic_receiver;
grant select on webhook.sources to clinic_dispatcher;
grant update (secret_pad, secret_set_at, old_secret_pad, old_secret_expires_at)
  on webhook.sources to clinic_dispatcher;
grant select (id, clinic_id, name, provider, is_active, secret_set_at, old_secret_expires_at,
              created_at, updated_at)
  on webhook.sources to clinic_admin, clinic_superadmin;
grant insert on webhook.sources to clinic_admin, clinic_superadmin;
grant update (name, is_active) on webhook.sources to clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('webhook.sources');
