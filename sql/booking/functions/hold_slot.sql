-- Holds a free slot for its user while they decide. Nothing lets go of it: it ends by the clock of
-- the database. The lock per user counts their holds one after another.
create function booking.hold_slot(p_slot_id uuid, p_seconds int default 300) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_user_id uuid := nullif(v_claims[6], '')::uuid;
  v_until timestamptz;
begin
  if v_user_id is null or v_claims[4] not in ('patient', 'staff', 'admin', 'superadmin') then
    return booking.refusal('not_allowed');
  elsif p_slot_id is null or coalesce(p_seconds, 0) not between 1 and 900 then
    return booking.refusal('invalid_input');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('hold ' || v_clinic_id || v_user_id, 0));
  if (select count(*) from clinic.appointment_slots
      where clinic_id = v_clinic_id and held_by = v_user_id and held_until > now()
        and id <> p_slot_id) >= (case v_claims[4] when 'patient' then 1 else 5 end) then
    return booking.refusal('hold_limit');
  end if;
  update clinic.appointment_slots
  set held_until = now() + make_interval(secs => p_seconds), held_by = v_user_id, held_for = null
  where clinic_id = v_clinic_id and id = p_slot_id
    and is_available and not is_blocked and starts_at > now()
    and (held_until is null or held_until <= now() or held_by = v_user_id)
  returning held_until into v_until;
  if found then
    return booking.hold_answer(p_slot_id, v_until);
  end if;
  return booking.refusal(coalesce((
    select case when starts_at <= now() then 'slot_past' when is_blocked then 'slot_blocked'
           else 'slot_unavailable' end
    from clinic.appointment_slots where clinic_id = v_clinic_id and id = p_slot_id),
    'slot_not_found'));
end
$$;
comment on function booking.hold_slot(uuid, int) is
  'Holds a free slot for the user of the context, again from now if it is theirs: {"status": "success", "idempotent", "result": {slot_id, held_until}} or a refusal; hold_limit above 5 holds, 1 of a patient.';

create function booking.release_slot(p_slot_id uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
begin
  update clinic.appointment_slots set held_until = null, held_by = null, held_for = null
  where clinic_id = v_claims[5]::uuid and id = p_slot_id
    and held_by = nullif(v_claims[6], '')::uuid;
  return case when found then booking.hold_answer(p_slot_id, null)
    else booking.refusal('slot_not_found') end;
end
$$;
comment on function booking.release_slot(uuid) is
  'Lets go of a hold of the user of the context; slot_not_found where they have none.';

create function booking.hold_answer(p_slot_id uuid, p_until timestamptz) returns jsonb
language sql stable parallel safe
as $$
  select jsonb_build_object('status', 'success', 'idempotent', false, 'result',
    jsonb_build_object('slot_id', p_slot_id, 'held_until', p_until))
$$;
comment on function booking.hold_answer(uuid, timestamptz) is 'The answer of hold_slot and release_slot.';
grant execute on function booking.hold_answer(uuid, timestamptz) to clinic_booker;

call app.make_definer('booking.hold_slot(uuid, int)', 'clinic_booker');
call app.make_definer('booking.release_slot(uuid)', 'clinic_booker');
grant execute on function booking.hold_slot(uuid, int), booking.release_slot(uuid) to
  clinic_patient, clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.hold_answer(uuid, timestamptz);
drop function booking.release_slot(uuid);
drop function booking.hold_slot(uuid, int);
