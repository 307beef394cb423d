-- Whose records a clinician may open: of patients they treat, and after breaking the glass.
create function app.treated_patient_ids() returns setof uuid
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select a.patient_id from clinic.appointments a
  where a.clinic_id = app.current_clinic_id() and a.deleted_at is null
    and a.doctor_id in (select app.own_doctor_ids())
    and a.status not in ('cancelled', 'rescheduled')
$$;
comment on function app.treated_patient_ids() is 'Patients with an appointment with the doctor of the context, cancelled ones aside.';
call app.make_definer('app.treated_patient_ids()');

create function app.opened_patient_ids() returns setof uuid
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select patient_id from clinic.glass_breaks
  where clinic_id = app.current_clinic_id() and user_id = app.current_user_id()
    and expires_at > now()
$$;
comment on function app.opened_patient_ids() is 'Patients whose records the user of the context opened by breaking the glass, while it lasts.';
call app.make_definer('app.opened_patient_ids()');

create function app.break_glass(p_patient_id uuid, p_reason text, p_minutes int default 60)
returns timestamptz
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_expires_at timestamptz := now() + make_interval(mins => p_minutes);
begin
  if app.current_role() not in ('doctor', 'nurse', 'admin', 'superadmin') then
    raise exception 'only clinicians and administrators open records' using errcode = 'RW002';
  end if;
  if not exists (select from clinic.patients
                 where clinic_id = app.require_clinic_id() and id = p_patient_id) then
    raise exception 'no such patient in this clinic' using errcode = 'RW003';
  end if;
  insert into clinic.glass_breaks (clinic_id, user_id, patient_id, reason, expires_at)
  values (app.require_clinic_id(), app.current_user_id(), p_patient_id, p_reason, v_expires_at);
  return v_expires_at;
end
$$;
comment on function app.break_glass(uuid, text, int) is
  'Opens a patient''s records to the user of the context for 1 to 240 minutes, with a reason of ten letters or more; returns until when. RW002, RW003.';
call app.make_definer('app.break_glass(uuid, text, int)');

grant execute on function app.treated_patient_ids(), app.opened_patient_ids() to
  clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant execute on function app.break_glass(uuid, text, int) to
  clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant select (clinic_id, doctor_id, patient_id, status, deleted_at) on clinic.appointments to clinic_definer;
create policy definer on clinic.appointments for select to clinic_definer using (true);
comment on policy definer on clinic.appointments is 'Which patients a doctor treats.';

-- undo
drop policy definer on clinic.appointments;
revoke select (clinic_id, doctor_id, patient_id, status, deleted_at) on clinic.appointments from clinic_definer;
drop function app.break_glass(uuid, text, int);
drop function app.opened_patient_ids();
drop function app.treated_patient_ids();
