-- Books a series: every chosen date a visit with its own number, all of them or none. Every date is
-- looked at, not only the first, and what stands against each comes back.
create function booking.book_dates(
  p_claims text[], p_key text, p_series_id uuid, p_doctor_id uuid, p_patient_id uuid,
  p_visit_reason text, p_appointment_type text, p_starts timestamptz[])
returns jsonb
language plpgsql volatile
as $$
declare
  v_clinic_id uuid := p_claims[5]::uuid;
  v_slots uuid[] := booking.series_slots(
    v_clinic_id, array_fill(p_doctor_id, array[cardinality(p_starts)]), p_starts);
  v_answer jsonb;
  v_conflicts jsonb := '[]';
  v_visits uuid[];
begin
  for v_n in 1 .. cardinality(p_starts) loop
    v_answer := case when v_slots[v_n] is null then booking.refusal('slot_unavailable') else
      booking.create_booking(p_key || ':' || v_n, p_claims[6]::uuid, v_clinic_id, v_slots[v_n],
        p_patient_id, p_visit_reason, p_appointment_type) end;
    if v_answer ->> 'status' = 'success' then
      v_visits := v_visits || (v_answer #>> '{result,appointment_id}')::uuid;
    else
      v_conflicts := v_conflicts
        || booking.against(jsonb_build_object('starts_at', p_starts[v_n]), v_answer);
    end if;
  end loop;
  update clinic.appointments a set series_id = p_series_id, series_position = v.n
  from unnest(v_visits) with ordinality as v(id, n)
  where a.clinic_id = v_clinic_id and a.id = v.id;
  return v_conflicts;
end
$$;
comment on function booking.book_dates(text[], text, uuid, uuid, uuid, text, text, timestamptz[]) is
  'Books each time that can be had and numbers them in the series; returns the conflicts, of which there must be none for it to stay.';
grant execute on function booking.book_dates(text[], text, uuid, uuid, uuid, text, text, timestamptz[]) to clinic_booker;

create function booking.book_series(
  p_idempotency_key text, p_patient_id uuid, p_doctor_id uuid, p_every int, p_weekdays smallint[],
  p_from date, p_at time, p_occurrences int, p_until date, p_starts timestamptz[],
  p_visit_reason text default null, p_appointment_type text default 'consultation')
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_id uuid := gen_random_uuid();
  v_starts timestamptz[] := array(select distinct s from unnest(p_starts) s order by s);
  v_hash bytea;
  v_conflicts jsonb;
begin
  if v_claims[4] is null or v_claims[4] not in ('staff', 'admin', 'superadmin')
      or nullif(v_claims[6], '') is null then
    return booking.refusal('not_allowed');
  -- By itself: sums with what no calendar shows fail before anything is compared.
  elsif (p_from between '1900-01-01' and '2200-01-01') is not true then
    return booking.refusal('invalid_input');
  elsif coalesce(length(p_idempotency_key), 0) not between 1 and 200
      or array_position(p_starts, null) is not null
      or coalesce(cardinality(p_starts), 0) not between 1 and 100
      or cardinality(v_starts) <> cardinality(p_starts)
      or coalesce(length(p_visit_reason), 0) > 2000 or p_appointment_type is null
      or p_appointment_type <> all (enum_range(null::public.appointment_type)::text[])
      or (p_at < '24:00') is not true or (p_every between 1 and 52) is not true
      or not exists (
        select from booking.series_dates(p_every, p_weekdays, p_from, p_occurrences, p_until))
      or (p_occurrences is null) = (p_until is null)
      or coalesce(p_until > p_from + 730 or p_occurrences not between 1 and 100, false)
      or (p_weekdays <@ '{1,2,3,4,5,6,7}' and cardinality(p_weekdays) <= 7) is not true then
    return booking.refusal('invalid_input');
  elsif not exists (select from clinic.patients
      where clinic_id = v_clinic_id and id = p_patient_id and deleted_at is null) then
    return booking.refusal('patient_not_found');
  elsif not exists (select from clinic.doctors
      where clinic_id = v_clinic_id and id = p_doctor_id and deleted_at is null) then
    return booking.refusal('slot_not_found');
  end if;
  v_hash := sha256(convert_to(jsonb_build_array(p_patient_id, p_doctor_id, p_every, p_weekdays,
    p_from, p_at, p_occurrences, p_until, array(select extract(epoch from s) from unnest(v_starts) s),
    p_visit_reason, p_appointment_type)::text, 'UTF8'));
  begin
    if not booking.note_request(v_clinic_id, v_claims[6]::uuid, 'book_series', p_idempotency_key,
        v_hash, null, p_patient_id, v_id) then
      return booking.replay_series(v_claims, 'book_series', p_idempotency_key, v_hash, null);
    end if;
    insert into clinic.appointment_series (id, clinic_id, patient_id, doctor_id, appointment_type,
      visit_reason, every_weeks, weekdays, starts_on, wall_time, occurrences, until, created_by)
    values (v_id, v_clinic_id, p_patient_id, p_doctor_id,
      p_appointment_type::public.appointment_type, coalesce(p_visit_reason, ''), p_every,
      p_weekdays, p_from, p_at, p_occurrences, p_until, v_claims[6]::uuid);
    v_conflicts := booking.book_dates(v_claims, p_idempotency_key, v_id, p_doctor_id,
      p_patient_id, p_visit_reason, p_appointment_type, v_starts);
    if v_conflicts <> '[]' then
      raise sqlstate 'ABORT';
    end if;
  exception when sqlstate 'ABORT' then
    return booking.series_conflict(v_conflicts);  -- what this block did is undone, the key as well
  end;
  return booking.series_success(v_clinic_id, v_id, null, false);
end
$$;
comment on function booking.book_series(text, uuid, uuid, int, smallint[], date, time, int, date, timestamptz[], text, text) is
  'Books the chosen instants as one series of the rule, all or none: {"status": "success", "idempotent", "result": {series_id, appointments}} or series_conflict with a list, or a refusal as of create_booking.';
call app.make_definer('booking.book_series(text, uuid, uuid, int, smallint[], date, time, int, date, timestamptz[], text, text)', 'clinic_booker');
grant execute on function booking.book_series(text, uuid, uuid, int, smallint[], date, time, int, date, timestamptz[], text, text)
  to clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.book_series(text, uuid, uuid, int, smallint[], date, time, int, date, timestamptz[], text, text);
drop function booking.book_dates(text[], text, uuid, uuid, uuid, text, text, timestamptz[]);
