-- Idempotency keys, for the booking functions only, whose rights these have.
create function booking.note_request(
  p_clinic_id uuid, p_user_id uuid, p_operation text, p_key text, p_hash bytea, p_slot_id uuid,
  p_patient_id uuid, p_appointment_id uuid)
returns boolean
language plpgsql volatile
as $$
begin
  insert into booking.booking_requests (clinic_id, user_id, operation, idempotency_key,
    request_hash, slot_id, patient_id, appointment_id)
  values (p_clinic_id, p_user_id, p_operation, p_key, p_hash, p_slot_id, p_patient_id,
    p_appointment_id)
  on conflict do nothing;
  return found;
end
$$;
comment on function booking.note_request(uuid, uuid, text, text, bytea, uuid, uuid, uuid) is
  'Writes a key before its work is done; false where it is there already, after waiting for its end.';

-- A refusal leaves no key: it may be tried again.
create function booking.forget_request(p_clinic_id uuid, p_user_id uuid, p_operation text, p_key text)
returns void
language plpgsql volatile
as $$
begin
  delete from booking.booking_requests
  where clinic_id = p_clinic_id and user_id = p_user_id and operation = p_operation
    and idempotency_key = p_key;
end
$$;
comment on function booking.forget_request(uuid, uuid, text, text) is
  'Takes back a key whose work was refused after all.';

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
grant execute on function booking.replay(uuid, uuid, text, text, bytea),
  booking.note_request(uuid, uuid, text, text, bytea, uuid, uuid, uuid),
  booking.forget_request(uuid, uuid, text, text) to clinic_booker;

-- undo
drop function booking.replay(uuid, uuid, text, text, bytea);
drop function booking.forget_request(uuid, uuid, text, text);
drop function booking.note_request(uuid, uuid, text, text, bytea, uuid, uuid, uuid);
