-- Cancels this and the following visits of a series, or all that are to come, with one reason.
create function booking.cancel_dates(
  p_clinic_id uuid, p_key text, p_appointments uuid[], p_versions int[], p_reason text,
  p_initiator text)
returns jsonb
language plpgsql volatile
as $$
declare
  v_row record;
  v_answer jsonb;
  v_conflicts jsonb := '[]';
begin
  perform booking.series_slots(
    p_clinic_id, '{}', '{}', booking.slots_of_visits(p_clinic_id, p_appointments));
  for v_row in
    select i.n, i.id, a.starts_at, p_versions[i.n] as seen, a.version
    from unnest(p_appointments) with ordinality i(id, n)
    join clinic.appointments a on a.clinic_id = p_clinic_id and a.id = i.id
    order by a.starts_at
  loop
    v_answer := case when v_row.version <> v_row.seen then booking.refusal('stale')
      when v_row.starts_at <= now() then booking.refusal('bad_transition')
      else booking.cancel_booking(
        p_key || ':' || v_row.n, v_row.id, p_reason, v_row.seen, p_initiator) end;
    if v_answer ->> 'status' <> 'success' then
      v_conflicts := v_conflicts || booking.against(
        jsonb_build_object('appointment_id', v_row.id, 'starts_at', v_row.starts_at), v_answer);
    end if;
  end loop;
  return v_conflicts;
end
$$;
comment on function booking.cancel_dates(uuid, text, uuid[], int[], text, text) is
  'Cancels each visit that can be cancelled; returns the conflicts, of which there must be none for it to stay.';
grant execute on function booking.cancel_dates(uuid, text, uuid[], int[], text, text) to clinic_booker;

create function booking.cancel_series(
  p_idempotency_key text, p_appointment_id uuid, p_scope text, p_appointments uuid[],
  p_versions int[], p_reason text, p_initiator text default null)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_code text := booking.series_input_refusal(v_claims, p_idempotency_key, p_appointment_id,
    p_scope, p_appointments, p_versions, p_reason);
  v_hash bytea := sha256(convert_to(jsonb_build_array(p_appointment_id, p_scope, p_appointments,
    p_versions, p_reason)::text, 'UTF8'));
  v_conflicts jsonb;
begin
  if v_code is not null then
    return booking.refusal(v_code);
  elsif coalesce(p_reason, '') !~ '\S' or p_initiator not in ('patient', 'clinic') then
    return booking.refusal('invalid_input');
  end if;
  begin
    if not booking.note_request(v_claims[5]::uuid, v_claims[6]::uuid, 'cancel_series',
        p_idempotency_key, v_hash, null, null, p_appointment_id) then
      return booking.replay_series(
        v_claims, 'cancel_series', p_idempotency_key, v_hash, p_appointments);
    end if;
    v_conflicts := booking.cancel_dates(v_claims[5]::uuid, p_idempotency_key, p_appointments,
      p_versions, p_reason, p_initiator);
    if v_conflicts <> '[]' then
      raise sqlstate 'ABORT';
    end if;
  exception when sqlstate 'ABORT' then
    return booking.series_conflict(v_conflicts);  -- what this block did is undone, the key as well
  end;
  return booking.replay_series(v_claims, 'cancel_series', p_idempotency_key, v_hash, p_appointments)
    || '{"idempotent": false}';
end
$$;
comment on function booking.cancel_series(text, uuid, text, uuid[], int[], text, text) is
  'Cancels visits of a series (following or all, seen from one of them), all or none; what is past or finished refuses. Answers as book_series does.';
call app.make_definer('booking.cancel_series(text, uuid, text, uuid[], int[], text, text)', 'clinic_booker');
grant execute on function booking.cancel_series(text, uuid, text, uuid[], int[], text, text)
  to clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.cancel_series(text, uuid, text, uuid[], int[], text, text);
drop function booking.cancel_dates(uuid, text, uuid[], int[], text, text);
