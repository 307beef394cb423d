-- A doctor is away: leave at once, so that nothing new is booked, and the visits that this concerns.
-- What is leave already stays; only the rest is added, and only that is taken back.
create function booking.add_leave(p_absence clinic.absences) returns uuid[]
language plpgsql volatile
as $$
declare
  v_ids uuid[];
begin
  with added as (
    insert into clinic.doctor_leave (clinic_id, doctor_id, starts_at, ends_at, reason)
    select p_absence.clinic_id, p_absence.doctor_id, lower(part), upper(part), p_absence.reason
    from unnest(tstzmultirange(tstzrange(p_absence.starts_at, p_absence.ends_at)) - coalesce((
      select range_agg(tstzrange(l.starts_at, l.ends_at)) from clinic.doctor_leave l
      where l.clinic_id = p_absence.clinic_id and l.doctor_id = p_absence.doctor_id
        and l.deleted_at is null), '{}')) part
    on conflict do nothing
    returning id)
  select coalesce(array_agg(id), '{}') into v_ids from added;
  return v_ids;
end
$$;
comment on function booking.add_leave(clinic.absences) is
  'Makes the part of an absence leave that is none yet; returns the new rows.';
grant execute on function booking.add_leave(clinic.absences) to clinic_booker;

create function booking.list_visits(p_absence clinic.absences) returns int
language plpgsql volatile
as $$
declare
  v_count int;
begin
  insert into clinic.absence_rows (clinic_id, absence_id, appointment_id, from_starts_at)
  select p_absence.clinic_id, p_absence.id, v.appointment_id, v.starts_at
  from booking.affected_visits(p_absence.id) v
  on conflict (clinic_id, absence_id, appointment_id) do nothing;
  select count(*) into v_count from clinic.absence_rows
  where clinic_id = p_absence.clinic_id and absence_id = p_absence.id;
  return v_count;
end
$$;
comment on function booking.list_visits(clinic.absences) is
  'Gives each visit that an absence concerns its row, those booked meanwhile too; returns how many there are.';
grant execute on function booking.list_visits(clinic.absences) to clinic_booker;

create function booking.start_absence(
  p_idempotency_key text, p_doctor_id uuid, p_starts_at timestamptz, p_ends_at timestamptz,
  p_reason text, p_note text default '')
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_user_id uuid := nullif(v_claims[6], '')::uuid;
  v_hash bytea := sha256(convert_to(
    jsonb_build_array(p_doctor_id, p_starts_at, p_ends_at, p_reason, p_note)::text, 'UTF8'));
  v_absence clinic.absences;
  v_answer jsonb;
begin
  if v_user_id is null or v_claims[4] not in ('staff', 'admin', 'superadmin') then
    return booking.refusal('not_allowed');
  end if;
  if coalesce(length(p_idempotency_key), 0) not between 1 and 200 or p_doctor_id is null
      or (p_starts_at > '-infinity' and p_ends_at < '2200-01-01') is not true
      or p_ends_at <= p_starts_at or p_ends_at <= now()
      or p_ends_at - p_starts_at > interval '366 days' or length(p_note) > 500
      or p_reason is null or p_reason not in ('sick', 'family', 'training', 'other') then
    return booking.refusal('invalid_input');
  end if;
  v_answer := booking.replay_run(v_clinic_id, v_user_id, 'start', p_idempotency_key, v_hash);
  if v_answer is not null then
    return v_answer;
  elsif not exists (
      select from clinic.doctors
      where clinic_id = v_clinic_id and id = p_doctor_id and deleted_at is null) then
    return booking.refusal('doctor_not_found');
  end if;
  -- Speculative, as two that check after inserting could deadlock.
  insert into clinic.absences (clinic_id, doctor_id, starts_at, ends_at, reason, note, reported_by)
  values (v_clinic_id, p_doctor_id, p_starts_at, p_ends_at, p_reason, coalesce(p_note, ''), v_user_id)
  on conflict do nothing
  returning * into v_absence;
  if not found then
    -- Somebody else recorded it first, or this very request.
    return coalesce(
      booking.replay_run(v_clinic_id, v_user_id, 'start', p_idempotency_key, v_hash),
      booking.refusal('already_absent'));
  end if;
  update clinic.absences set leave_ids = booking.add_leave(v_absence)
  where clinic_id = v_clinic_id and id = v_absence.id;
  return booking.note_run(v_clinic_id, v_user_id, v_absence.id, 'start', p_idempotency_key, v_hash,
    jsonb_build_object('absence_id', v_absence.id, 'version', v_absence.version,
      'affected', booking.list_visits(v_absence)));
end
$$;
comment on function booking.start_absence(text, uuid, timestamptz, timestamptz, text, text) is
  'Records that a doctor is away and lists the visits that this concerns: {"status": "success", "idempotent", "result": {absence_id, version, affected}} or a refusal; doctor_not_found, already_absent.';
call app.make_definer('booking.start_absence(text, uuid, timestamptz, timestamptz, text, text)', 'clinic_booker');
grant execute on function booking.start_absence(text, uuid, timestamptz, timestamptz, text, text) to
  clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.start_absence(text, uuid, timestamptz, timestamptz, text, text);
drop function booking.list_visits(clinic.absences);
drop function booking.add_leave(clinic.absences);
