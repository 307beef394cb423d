-- Opening a record that the rules keep closed: by whom, why, until when. Shown to administrators.
create table clinic.glass_breaks (
  id uuid primary key default gen_random_uuid(),
  clinic_id uuid not null,
  user_id uuid not null,
  patient_id uuid not null,
  reason text not null check (length(btrim(reason)) between 10 and 1000),
  opened_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '1 hour',
  reviewed_by uuid,
  reviewed_at timestamptz,
  review_note text not null default '',
  check (expires_at > opened_at and expires_at <= opened_at + interval '4 hours'),
  check ((reviewed_at is null) = (reviewed_by is null)),
  foreign key (clinic_id, patient_id) references clinic.patients (clinic_id, id)
);
comment on table clinic.glass_breaks is 'Break-glass: a clinician opened the records of a patient, with a reason and for a time.';
create index glass_breaks_open on clinic.glass_breaks (clinic_id, user_id, expires_at);
create index glass_breaks_recent on clinic.glass_breaks (clinic_id, opened_at, id);
create index glass_breaks_patient on clinic.glass_breaks (clinic_id, patient_id);

call app.make_tenant_table('clinic.glass_breaks');
create policy definer on clinic.glass_breaks to clinic_definer using (true) with check (true);
comment on policy definer on clinic.glass_breaks is 'app.break_glass and the reading policies'' helper.';
create policy read on clinic.glass_breaks for select to clinic_admin, clinic_superadmin using (true);
comment on policy read on clinic.glass_breaks is 'The review list of administrators.';
create policy read_own on clinic.glass_breaks for select to clinic_doctor, clinic_nurse
  using (user_id = (select app.current_user_id()));
comment on policy read_own on clinic.glass_breaks is 'One''s own.';
create policy review on clinic.glass_breaks for update to clinic_admin, clinic_superadmin
  using (user_id <> (select app.current_user_id()))
  with check (reviewed_by = (select app.current_user_id()));
comment on policy review on clinic.glass_breaks is 'Reviewed by somebody else than who broke the glass.';
grant select on clinic.glass_breaks to clinic_doctor, clinic_nurse, clinic_admin, clinic_superadmin;
grant update (reviewed_by, reviewed_at, review_note) on clinic.glass_breaks to clinic_admin, clinic_superadmin;
grant select, insert on clinic.glass_breaks to clinic_definer;

-- undo
drop table clinic.glass_breaks;
