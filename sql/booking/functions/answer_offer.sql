-- The answer to an offer: by the patient, at the desk on the phone, or through the link. Locks: the
-- slot, the offer, the entry; so of an acceptance, an expiry and a receptionist one is first, and the
-- others see what came of it.
create function booking.offer_refusal(p_code text) returns jsonb
language sql stable parallel safe
as $$
  select jsonb_build_object(
    'status', case when p_code in ('offer_not_found', 'entry_not_found') then 'error'
              else 'conflict' end,
    'code', p_code,
    'message', case p_code
      when 'offer_not_found' then 'There is no such offer at this clinic.'
      when 'entry_not_found' then 'There is no such entry on the waiting list.'
      when 'offer_expired' then 'The time to answer this offer is over.'
      when 'offer_closed' then 'This offer has been answered or taken back.'
      when 'already_offered' then 'Something is offered to this patient already.'
      when 'slot_too_soon' then 'That time starts too soon to be offered.' end)
$$;
comment on function booking.offer_refusal(text) is 'The answer of a waiting list function that changed nothing, by its code.';
grant execute on function booking.offer_refusal(text) to clinic_booker;

create function booking.offer_done(p_offer_id uuid, p_entry_id uuid, p_idempotent boolean) returns jsonb
language sql stable parallel safe
as $$
  select jsonb_build_object('status', 'success', 'idempotent', p_idempotent, 'result',
    jsonb_build_object('offer_id', p_offer_id, 'entry_id', p_entry_id))
$$;
comment on function booking.offer_done(uuid, uuid, boolean) is 'The answer of a waiting list function that did its work.';
grant execute on function booking.offer_done(uuid, uuid, boolean) to clinic_booker;

create function booking.lock_offer(p_clinic_id uuid, p_offer_id uuid) returns clinic.waiting_list_offers
language plpgsql volatile
as $$
declare
  v_offer clinic.waiting_list_offers;
begin
  perform from clinic.appointment_slots s
  where s.clinic_id = p_clinic_id and s.id = (
    select slot_id from clinic.waiting_list_offers where clinic_id = p_clinic_id and id = p_offer_id)
  for no key update;
  select * into v_offer from clinic.waiting_list_offers
  where clinic_id = p_clinic_id and id = p_offer_id for update;
  return v_offer;
end
$$;
comment on function booking.lock_offer(uuid, uuid) is 'The offer as it is once its slot and it are locked.';
grant execute on function booking.lock_offer(uuid, uuid) to clinic_booker;

create function booking.end_offer(
  p_offer clinic.waiting_list_offers, p_status text, p_claims text[] default null,
  p_key text default '')
returns void
language plpgsql volatile
as $$
begin
  update clinic.waiting_list_offers
  set status = p_status, closed_at = now(), answer_key = p_key,
    answered_by = nullif(p_claims[6], '')::uuid,
    answered_through = case p_claims[4] when 'patient' then 'portal' when 'worker' then 'link'
      else case when p_claims is not null then 'desk' end end
  where clinic_id = p_offer.clinic_id and id = p_offer.id;
  if p_status = 'accepted' then
    return;
  end if;
  update clinic.waiting_list_entries set status = 'waiting', version = version + 1
  where clinic_id = p_offer.clinic_id and id = p_offer.entry_id and status = 'offered';
  update clinic.appointment_slots set held_until = null, held_for = null, held_by = null
  where clinic_id = p_offer.clinic_id and id = p_offer.slot_id and held_for = (
    select patient_id from clinic.waiting_list_entries
    where clinic_id = p_offer.clinic_id and id = p_offer.entry_id);
  if p_offer.notice_id is not null then
    perform booking.withdraw_notice(p_offer.clinic_id, p_offer.notice_id);
  end if;
end
$$;
comment on function booking.end_offer(clinic.waiting_list_offers, text, text[], text) is
  'Closes a locked offer; unless it was accepted, the entry waits again, the hold ends and an unsent message is withdrawn.';
grant execute on function booking.end_offer(clinic.waiting_list_offers, text, text[], text) to clinic_booker;

create function booking.accept_offer(
  p_claims text[], p_offer clinic.waiting_list_offers, p_key text)
returns jsonb
language plpgsql volatile
as $$
declare
  v_entry clinic.waiting_list_entries;
  v_answer jsonb;
begin
  select * into v_entry from clinic.waiting_list_entries
  where clinic_id = p_offer.clinic_id and id = p_offer.entry_id for update;
  perform booking.end_offer(p_offer, 'accepted', p_claims, p_key);
  v_answer := booking.create_booking(p_key || ':offer',
    coalesce(nullif(p_claims[6], '')::uuid, app.nil_uuid()),
    p_offer.clinic_id, p_offer.slot_id, v_entry.patient_id, null, v_entry.appointment_type::text);
  if v_answer ->> 'status' <> 'success' then
    raise sqlstate 'ABORT';
  end if;
  update clinic.waiting_list_entries
  set status = 'booked', version = version + 1, closed_at = now(),
    appointment_id = (v_answer -> 'result' ->> 'appointment_id')::uuid
  where clinic_id = p_offer.clinic_id and id = p_offer.entry_id;
  return v_answer;
exception when sqlstate 'ABORT' then
  return v_answer;  -- what this block did is undone
end
$$;
comment on function booking.accept_offer(text[], clinic.waiting_list_offers, text) is
  'Books the time of a locked offer and closes offer and entry; otherwise the answer of create_booking, and nothing has changed.';
grant execute on function booking.accept_offer(text[], clinic.waiting_list_offers, text) to clinic_booker;

create function booking.offer_replay(
  p_claims text[], p_offer clinic.waiting_list_offers, p_key text, p_answer text)
returns jsonb
language plpgsql stable
as $$
begin
  if p_offer.answer_key <> p_key
      or p_offer.answered_by is distinct from nullif(p_claims[6], '')::uuid then
    return booking.offer_refusal(
      case p_offer.status when 'expired' then 'offer_expired' else 'offer_closed' end);
  elsif p_offer.status <> p_answer then
    return booking.refusal('idempotency_mismatch');
  elsif p_answer = 'declined' then
    return booking.offer_done(p_offer.id, p_offer.entry_id, true);
  end if;
  return (
    select booking.success(a.id, a.appointment_number, p_offer.slot_id, true)
    from clinic.waiting_list_entries e
    join clinic.appointments a on a.clinic_id = e.clinic_id and a.id = e.appointment_id
    where e.clinic_id = p_offer.clinic_id and e.id = p_offer.entry_id);
end
$$;
comment on function booking.offer_replay(text[], clinic.waiting_list_offers, text, text) is
  'What an answer to a closed offer gets: the stored one for the same key, a refusal for another.';
grant execute on function booking.offer_replay(text[], clinic.waiting_list_offers, text, text) to clinic_booker;

create function booking.answer_offer(
  p_idempotency_key text, p_offer_id uuid, p_answer text, p_token text default null)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_offer clinic.waiting_list_offers;
  v_answer jsonb;
begin
  if v_clinic_id is null
      or v_claims[4] not in ('patient', 'staff', 'admin', 'superadmin', 'worker') then
    return booking.refusal('not_allowed');
  end if;
  if p_offer_id is null or coalesce(length(p_idempotency_key), 0) not between 1 and 200
      or coalesce(p_answer, '') not in ('accepted', 'declined') then
    return booking.refusal('invalid_input');
  end if;
  perform from clinic.waiting_list_offers o
  join clinic.waiting_list_entries e on e.clinic_id = o.clinic_id and e.id = o.entry_id
  where o.clinic_id = v_clinic_id and o.id = p_offer_id
    and (v_claims[4] <> 'patient' or e.patient_id = any (array(select app.own_patient_ids())))
    and (v_claims[4] <> 'worker' or o.token_hash = sha256(convert_to(p_token, 'UTF8')));
  if not found then
    return booking.offer_refusal('offer_not_found');
  end if;
  v_offer := booking.lock_offer(v_clinic_id, p_offer_id);
  if v_offer.status <> 'open' then
    return booking.offer_replay(v_claims, v_offer, p_idempotency_key, p_answer);
  elsif v_offer.expires_at <= clock_timestamp() then
    return booking.offer_refusal('offer_expired');
  elsif p_answer = 'accepted' then
    return booking.accept_offer(v_claims, v_offer, p_idempotency_key);
  end if;
  perform booking.end_offer(v_offer, 'declined', v_claims, p_idempotency_key);
  if v_offer.freed_id is not null then
    perform booking.try_offer(v_clinic_id, v_offer.slot_id, v_offer.freed_id);
  end if;
  return booking.offer_done(v_offer.id, v_offer.entry_id, false);
exception when unique_violation then
  return booking.refusal('idempotency_mismatch');
end
$$;
comment on function booking.answer_offer(text, uuid, text, text) is
  'accepted books the time as create_booking does; declined passes it on. A worker must show the link''s token. Codes add offer_not_found, offer_expired, offer_closed.';
call app.make_definer('booking.answer_offer(text, uuid, text, text)', 'clinic_booker');
grant execute on function booking.answer_offer(text, uuid, text, text) to
  clinic_patient, clinic_staff, clinic_admin, clinic_superadmin, clinic_worker;

-- undo
drop function booking.answer_offer(text, uuid, text, text);
drop function booking.offer_replay(text[], clinic.waiting_list_offers, text, text);
drop function booking.accept_offer(text[], clinic.waiting_list_offers, text);
drop function booking.end_offer(clinic.waiting_list_offers, text, text[], text);
drop function booking.lock_offer(uuid, uuid);
drop function booking.offer_done(uuid, uuid, boolean);
drop function booking.offer_refusal(text);
