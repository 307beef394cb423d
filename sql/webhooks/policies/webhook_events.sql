-- Events that came in. Rows arrive through webhook.receive and move through the functions of the
-- dispatcher; whoever else only looks. What a sender wrote can be changed by nobody.
comment on table clinic.webhook_events is 'Events that came in, once each, and how far they are.';
alter table clinic.webhook_events enable row level security;
alter table clinic.webhook_events force row level security;
create policy tenant_isolation on clinic.webhook_events as restrictive to public
  using (clinic_id = (select app.current_clinic_id()) or current_user = 'clinic_receiver'
    or current_user = 'clinic_dispatcher')
  with check (clinic_id = (select app.current_clinic_id()) or current_user = 'clinic_receiver'
    or current_user = 'clinic_dispatcher');
comment on policy tenant_isolation on clinic.webhook_events is
  'An event is its clinic''s. The door stores for any source''s clinic, the dispatcher claims for all.';
create policy owner_all on clinic.webhook_events to clinic_owner using (true) with check (true);
comment on policy owner_all on clinic.webhook_events is 'The owner sees all of the clinic whose context it is in.';
create policy door_add on clinic.webhook_events for insert to clinic_receiver
  with check (true);
comment on policy door_add on clinic.webhook_events is 'webhook.receive; the grant leaves out how far an event is.';
create policy door_read on clinic.webhook_events for select to clinic_receiver using (true);
comment on policy door_read on clinic.webhook_events is 'webhook.receive compares digests of what came twice; the grant shows it no more.';
create policy door_change on clinic.webhook_events for update to clinic_receiver
  using (true) with check (true);
comment on policy door_change on clinic.webhook_events is 'webhook.receive counts bodies that differ; the grant is for that column.';
create policy definer on clinic.webhook_events to clinic_dispatcher using (true) with check (true);
comment on policy definer on clinic.webhook_events is 'Claiming, marking, trying again.';
create policy read on clinic.webhook_events for select to clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.webhook_events is 'Administrators look at what came in.';

grant insert (clinic_id, webhook_id, event_id, event_type, payload, body_digest, signature)
  on clinic.webhook_events to clinic_receiver;
grant select (id, clinic_id, webhook_id, event_id, body_digest, conflicts)
  on clinic.webhook_events to clinic_receiver;
grant update (conflicts) on clinic.webhook_events to clinic_receiver;
grant select on clinic.webhook_events to clinic_dispatcher, clinic_admin, clinic_superadmin;
grant update (status, attempts, crashes, next_attempt_at, last_attempt_at, locked_by, lease_until,
              processed_at, error)
  on clinic.webhook_events to clinic_dispatcher;

-- undo
call app.unmake_tenant_table('clinic.webhook_events');
