-- What the channel made of a message: for the desk to answer "did it arrive?".
comment on table clinic.sms_messages is 'What became of a message as SMS.';
call app.make_tenant_table('clinic.sms_messages');
create policy read on clinic.sms_messages for select to clinic_staff, clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.sms_messages is 'The desk and administrators.';

grant select on clinic.sms_messages to clinic_staff, clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.sms_messages');
