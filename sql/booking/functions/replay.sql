-- Called inside definer functions only, whose rights it has. What a repeated idempotency key gets: the same answer for the same request, a refusal for another.
create function booking.replay(
  p_clinic_id uuid, p_user_id uuid, p_operation text, p_key text, p_hash bytea)
returns jsonb
language plpgsql stable
as $$
declare
  v_request booking.booking_requests;
begin
  select * into v_request from booking.booking_requests
  where clinic_id = p_clinic_id and user_id = p_user_id and operation = p_operation
    and idempotency_key = p_key;
  if not found then
    return null;
  elsif v_request.request_hash <> p_hash then
    return booking.refusal('idempotency_mismatch');
  end if;
  return (
    select booking.success(a.id, a.appointment_number, v_request.slot_id, true)
    from clinic.appointments a where a.clinic_id = p_clinic_id and a.id = v_request.appointment_id);
end
$$;
comment on function booking.replay(uuid, uuid, text, text, bytea) is
  'The stored answer of an idempotency key, idempotency_mismatch for another request, null for a new key.';
grant execute on function booking.replay(uuid, uuid, text, text, bytea) to clinic_booker;

-- undo
drop function booking.replay(uuid, uuid, text, text, bytea);
