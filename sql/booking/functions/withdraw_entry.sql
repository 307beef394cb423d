-- Somebody no longer waits: what is offered to them goes to the next. Locks: slot, offer, entry; the
-- entry is asked again once they are held.
create function booking.withdraw_entry(p_entry_id uuid, p_version int default null) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_offer clinic.waiting_list_offers;
  v_entry clinic.waiting_list_entries;
begin
  if v_clinic_id is null or v_claims[4] not in ('patient', 'staff', 'admin', 'superadmin') then
    return booking.refusal('not_allowed');
  end if;
  perform from clinic.waiting_list_entries
  where clinic_id = v_clinic_id and id = p_entry_id
    and (v_claims[4] <> 'patient' or patient_id = any (array(select app.own_patient_ids())));
  if not found then
    return booking.offer_refusal('entry_not_found');
  end if;
  v_offer := booking.lock_offer(v_clinic_id, (
    select id from clinic.waiting_list_offers
    where clinic_id = v_clinic_id and entry_id = p_entry_id and status = 'open'));
  select * into v_entry from clinic.waiting_list_entries
  where clinic_id = v_clinic_id and id = p_entry_id for update;
  if v_entry.status = 'withdrawn' then
    return booking.offer_done(null, p_entry_id, true);
  elsif v_entry.status not in ('waiting', 'offered') then
    return booking.refusal('bad_transition');
  elsif p_version <> v_entry.version
      or (v_entry.status = 'offered' and v_offer.status is distinct from 'open') then
    return booking.refusal('stale');
  end if;
  if v_offer.status = 'open' then
    perform booking.end_offer(v_offer, 'declined', v_claims);
  end if;
  update clinic.waiting_list_entries
  set status = 'withdrawn', version = version + 1, closed_at = now()
  where clinic_id = v_clinic_id and id = p_entry_id;
  if v_offer.status = 'open' and v_offer.freed_id is not null then
    perform booking.try_offer(v_clinic_id, v_offer.slot_id, v_offer.freed_id);
  end if;
  return booking.offer_done(v_offer.id, p_entry_id, false);
end
$$;
comment on function booking.withdraw_entry(uuid, int) is
  'Takes an entry off the waiting list, as it was seen in p_version: {"offer_id", "entry_id"}, or entry_not_found, bad_transition, stale.';
call app.make_definer('booking.withdraw_entry(uuid, int)', 'clinic_booker');
grant execute on function booking.withdraw_entry(uuid, int) to
  clinic_patient, clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.withdraw_entry(uuid, int);
