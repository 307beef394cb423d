-- A doctor becomes somebody else's row when a login is linked to it or taken off: the visits follow,
-- unless that person has others at the same time. Where and when is not told: perhaps elsewhere.
create function booking.follow_practitioner() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
begin
  update clinic.appointments set practitioner_id = new.practitioner_id
  where clinic_id = new.clinic_id and doctor_id = new.id;
  return null;
exception when exclusion_violation then
  raise exception 'this login cannot be linked to the doctor'
    using errcode = 'exclusion_violation', constraint = 'appointments_doctor_overlap';
end
$$;
comment on function booking.follow_practitioner() is
  'Gives a doctor''s appointments their practitioner. 23P01 without details where that is impossible.';
call app.make_definer('booking.follow_practitioner()', 'clinic_booker');
-- In the order of names, before the key's own trigger, which is called RI_ConstraintTrigger_a_n.
create trigger "Practitioner_linked" after update on clinic.doctors for each row
  when (new.practitioner_id <> old.practitioner_id)
  execute function booking.follow_practitioner();

-- undo
drop trigger "Practitioner_linked" on clinic.doctors;
drop function booking.follow_practitioner();
