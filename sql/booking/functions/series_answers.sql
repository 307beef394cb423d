-- Called inside functions of clinic_booker. The answers about a series: what was done, or what
-- stands against which of its dates. Derived, so that a repeated key gets the same.
create function booking.series_success(
  p_clinic_id uuid, p_series_id uuid, p_appointments uuid[], p_idempotent boolean)
returns jsonb
language plpgsql stable
as $$
begin
  return jsonb_build_object('status', 'success', 'idempotent', p_idempotent, 'result',
    jsonb_build_object('series_id', p_series_id, 'appointments', (
      select coalesce(jsonb_agg(jsonb_build_object('appointment_id', a.id,
        'appointment_number', a.appointment_number, 'series_position', a.series_position)
        order by a.series_position), '[]')
      from clinic.appointments a
      where a.clinic_id = p_clinic_id and a.series_id = p_series_id
        and (p_appointments is null or a.id = any (p_appointments)))));
end
$$;
comment on function booking.series_success(uuid, uuid, uuid[], boolean) is
  'What was done to these visits of a series, all of them for null, in order.';
grant execute on function booking.series_success(uuid, uuid, uuid[], boolean) to clinic_booker;

create function booking.series_conflict(p_conflicts jsonb) returns jsonb
language sql stable parallel safe
as $$
  select jsonb_build_object('status', 'conflict', 'code', 'series_conflict', 'message',
    'Some of these dates cannot be had, so nothing was changed.', 'conflicts', p_conflicts)
$$;
comment on function booking.series_conflict(jsonb) is 'Nothing was changed: [{"starts_at" or "appointment_id", "code", "message"}] say why, date by date.';
grant execute on function booking.series_conflict(jsonb) to clinic_booker;

create function booking.against(p_about jsonb, p_answer jsonb) returns jsonb
language sql stable parallel safe
as $$
  select p_about || jsonb_build_object('code', p_answer ->> 'code', 'message', p_answer ->> 'message')
$$;
comment on function booking.against(jsonb, jsonb) is 'One refusal of a series with what it is about.';
grant execute on function booking.against(jsonb, jsonb) to clinic_booker;

-- The request of a series is about the series or the visit that it was seen from.
create function booking.replay_series(
  p_claims text[], p_operation text, p_key text, p_hash bytea, p_appointments uuid[])
returns jsonb
language plpgsql stable
as $$
declare
  v_request booking.booking_requests;
begin
  select * into v_request from booking.booking_requests
  where clinic_id = p_claims[5]::uuid and user_id = p_claims[6]::uuid and operation = p_operation
    and idempotency_key = p_key;
  if not found then
    return null;
  elsif v_request.request_hash <> p_hash then
    return booking.refusal('idempotency_mismatch');
  end if;
  return booking.series_success(v_request.clinic_id, coalesce(
    (select series_id from clinic.appointments
     where clinic_id = v_request.clinic_id and id = v_request.appointment_id),
    v_request.appointment_id), p_appointments, true);
end
$$;
comment on function booking.replay_series(text[], text, text, bytea, uuid[]) is
  'The stored answer of a key about a series, idempotency_mismatch for another request, null for a new key.';
grant execute on function booking.replay_series(text[], text, text, bytea, uuid[]) to clinic_booker;

-- undo
drop function booking.replay_series(text[], text, text, bytea, uuid[]);
drop function booking.against(jsonb, jsonb);
drop function booking.series_conflict(jsonb);
drop function booking.series_success(uuid, uuid, uuid[], boolean);
