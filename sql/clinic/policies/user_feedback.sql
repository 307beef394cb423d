-- Feedback: anyone gives it in their own name, administrators read it.
comment on table clinic.user_feedback is 'What people say of the pages.';
call app.make_tenant_table('clinic.user_feedback');
create policy add on clinic.user_feedback for insert to clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin
  with check (user_id = (select app.current_user_id()));
comment on policy add on clinic.user_feedback is 'In one''s own name.';
create policy read on clinic.user_feedback for select to clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.user_feedback is 'Administrators.';

grant select on clinic.user_feedback to clinic_admin, clinic_superadmin;
grant insert on clinic.user_feedback to clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.user_feedback');
