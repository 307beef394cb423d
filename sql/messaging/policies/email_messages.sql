-- What the channel made of a message: for the desk to answer "did it arrive?".
comment on table clinic.email_messages is 'What became of a message as e-mail.';
call app.make_tenant_table('clinic.email_messages');
create policy read on clinic.email_messages for select to clinic_staff, clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.email_messages is 'The desk and administrators.';

grant select on clinic.email_messages to clinic_staff, clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.email_messages');
