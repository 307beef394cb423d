-- Nothing is deleted: a row is taken back. It stays, no role of the site sees it any more, and the
-- trail says who did it, when and why.
create function app.may_take_back(p_table text) returns text
language sql stable
as $$
  select case
    when app.current_role() in ('admin', 'superadmin') then case p_table
      when 'payments' then $c$status in ('pending', 'failed') and paid_amount = 0$c$
      when 'insurance_claims' then $c$status = 'pending'$c$ end
    when app.current_role() = 'doctor' and p_table in
      ('medical_records', 'prescriptions', 'lab_results', 'imaging_results')
      then 'doctor_id in (select app.own_doctor_ids())'
    when app.current_role() = 'doctor' and p_table = 'health_screening_results'
      then 'patient_id in (select app.treated_patient_ids())'
    when app.current_role() in ('doctor', 'nurse') and p_table = 'vaccination_records'
      then 'administered_by = app.current_user_id()'
  end
$$;
comment on function app.may_take_back(text) is
  'Which rows of a table of schema clinic the context may take back, as a condition; null for none. Clinicians: what they wrote; administrators: money that never moved.';
grant execute on function app.may_take_back(text) to clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin, clinic_definer;

create function app.take_back(p_table text, p_id uuid, p_reason text) returns timestamptz
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clinic_id uuid := app.require_clinic_id();
  v_which text := app.may_take_back(p_table);
  v_before text := coalesce(current_setting('app.current_reason', true), '');
  v_at timestamptz;
begin
  if v_which is null or length(btrim(coalesce(p_reason, ''))) not between 3 and 1000 then
    raise exception 'nothing is taken back here, or not without a reason' using errcode = 'RW002';
  end if;
  perform set_config('app.current_reason', btrim(p_reason), true);
  execute format('update clinic.%I set deleted_at = now() where clinic_id = $1 and id = $2'
    ' and deleted_at is null and %s returning deleted_at', p_table, v_which)
    into v_at using v_clinic_id, p_id;
  perform set_config('app.current_reason', v_before, true);
  if v_at is null then
    raise exception 'no such row, or not one to take back' using errcode = 'RW003';
  end if;
  return v_at;
end
$$;
comment on function app.take_back(text, uuid, text) is
  'Hides a row of schema clinic from every role of the site, with a reason of three letters or more for the trail; returns when. RW001, RW002 where the role may not, RW003 for a row that is not there or not its own.';
call app.make_definer('app.take_back(text, uuid, text)');
grant execute on function app.take_back(text, uuid, text) to clinic_nurse, clinic_doctor,
  clinic_admin, clinic_superadmin;

grant select (id, clinic_id, doctor_id, deleted_at), update (deleted_at)
  on clinic.medical_records, clinic.prescriptions, clinic.lab_results, clinic.imaging_results
  to clinic_definer;
grant select (id, clinic_id, administered_by, deleted_at), update (deleted_at)
  on clinic.vaccination_records to clinic_definer;
grant select (id, clinic_id, patient_id, deleted_at), update (deleted_at)
  on clinic.health_screening_results to clinic_definer;
grant select (id, clinic_id, status, paid_amount, deleted_at), update (deleted_at)
  on clinic.payments to clinic_definer;
grant select (id, clinic_id, status, deleted_at), update (deleted_at)
  on clinic.insurance_claims to clinic_definer;
create policy take_back on clinic.medical_records to clinic_definer using (true) with check (true);
comment on policy take_back on clinic.medical_records is 'app.take_back.';
create policy take_back on clinic.prescriptions to clinic_definer using (true) with check (true);
comment on policy take_back on clinic.prescriptions is 'app.take_back.';
create policy take_back on clinic.lab_results to clinic_definer using (true) with check (true);
comment on policy take_back on clinic.lab_results is 'app.take_back.';
create policy take_back on clinic.imaging_results to clinic_definer using (true) with check (true);
comment on policy take_back on clinic.imaging_results is 'app.take_back.';
create policy take_back on clinic.vaccination_records to clinic_definer using (true) with check (true);
comment on policy take_back on clinic.vaccination_records is 'app.take_back.';
create policy take_back on clinic.health_screening_results to clinic_definer using (true) with check (true);
comment on policy take_back on clinic.health_screening_results is 'app.take_back.';
create policy take_back on clinic.payments to clinic_definer using (true) with check (true);
comment on policy take_back on clinic.payments is 'app.take_back.';
create policy take_back on clinic.insurance_claims to clinic_definer using (true) with check (true);
comment on policy take_back on clinic.insurance_claims is 'app.take_back.';

-- undo
drop policy take_back on clinic.insurance_claims;
drop policy take_back on clinic.payments;
drop policy take_back on clinic.health_screening_results;
drop policy take_back on clinic.vaccination_records;
drop policy take_back on clinic.imaging_results;
drop policy take_back on clinic.lab_results;
drop policy take_back on clinic.prescriptions;
drop policy take_back on clinic.medical_records;
revoke select (id, clinic_id, status, deleted_at), update (deleted_at)
  on clinic.insurance_claims from clinic_definer;
revoke select (id, clinic_id, status, paid_amount, deleted_at), update (deleted_at)
  on clinic.payments from clinic_definer;
revoke select (id, clinic_id, patient_id, deleted_at), update (deleted_at)
  on clinic.health_screening_results from clinic_definer;
revoke select (id, clinic_id, administered_by, deleted_at), update (deleted_at)
  on clinic.vaccination_records from clinic_definer;
revoke select (id, clinic_id, doctor_id, deleted_at), update (deleted_at)
  on clinic.medical_records, clinic.prescriptions, clinic.lab_results, clinic.imaging_results
  from clinic_definer;
drop function app.take_back(text, uuid, text);
drop function app.may_take_back(text);
