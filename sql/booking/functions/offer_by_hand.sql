-- A free time that the desk chooses for somebody who waits. As an offer of its own: when it is
-- declined or runs out, the time is free for all.
create function booking.offer_by_hand(p_idempotency_key text, p_entry_id uuid, p_slot_id uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_user_id uuid := nullif(v_claims[6], '')::uuid;
  v_slot clinic.appointment_slots;
  v_entry clinic.waiting_list_entries;
  v_made clinic.waiting_list_offers;
  v_code text;
begin
  if v_user_id is null or v_claims[4] not in ('staff', 'admin', 'superadmin') then
    return booking.refusal('not_allowed');
  elsif p_entry_id is null or p_slot_id is null
      or coalesce(length(p_idempotency_key), 0) not between 1 and 255 then
    return booking.refusal('invalid_input');
  end if;
  select * into v_slot from clinic.appointment_slots
  where clinic_id = v_clinic_id and id = p_slot_id for no key update;
  select * into v_entry from clinic.waiting_list_entries
  where clinic_id = v_clinic_id and id = p_entry_id for update;
  if v_entry.id is null then
    return booking.offer_refusal('entry_not_found');
  end if;
  select * into v_made from clinic.waiting_list_offers
  where clinic_id = v_clinic_id and made_by = v_user_id and request_key = p_idempotency_key;
  if found then
    return case when (v_made.entry_id, v_made.slot_id) = (p_entry_id, p_slot_id)
      then booking.offer_done(v_made.id, p_entry_id, true)
      else booking.refusal('idempotency_mismatch') end;
  end if;
  v_code := case when v_entry.status = 'offered' then 'already_offered'
    when v_entry.status <> 'waiting' then 'entry_not_found'
    when v_slot.starts_at > now() and v_slot.starts_at <= now() + make_interval(mins =>
      booking.setting_number(v_clinic_id, 'waiting_list', 'lead_minutes', 120, 0, 10080)::int)
      then 'slot_too_soon' end;
  if v_code is not null then
    return booking.offer_refusal(v_code);
  end if;
  v_code := coalesce(
    booking.booking_refusal(v_clinic_id, p_slot_id, v_entry.patient_id, null, null),
    case when v_slot.held_until > now() then 'slot_unavailable' end);
  if v_code is not null then
    return booking.refusal(v_code);
  end if;
  return booking.offer_done(booking.make_offer(v_slot, v_entry, null, v_user_id, p_idempotency_key),
    p_entry_id, false);
end
$$;
comment on function booking.offer_by_hand(text, uuid, uuid) is
  'Offers a free time to an entry: {"offer_id", "entry_id"}. Codes as create_booking, and entry_not_found, already_offered, slot_too_soon.';
call app.make_definer('booking.offer_by_hand(text, uuid, uuid)', 'clinic_booker');
grant execute on function booking.offer_by_hand(text, uuid, uuid) to
  clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.offer_by_hand(text, uuid, uuid);
