-- Called inside booking.undo_transition. What was freed by mistake is taken back from the waiting
-- list, as long as nobody has been told of it; what was told is kept.
create function booking.recall_offer(p_clinic_id uuid, p_slot_id uuid, p_other_slot_id uuid)
returns void
language plpgsql volatile
as $$
declare
  v_offer clinic.waiting_list_offers;
begin
  perform from clinic.appointment_slots
  where clinic_id = p_clinic_id and id in (p_slot_id, p_other_slot_id)
  order by id for no key update;
  select * into v_offer from clinic.waiting_list_offers
  where clinic_id = p_clinic_id and slot_id = p_slot_id and status = 'open' and freed_id is not null
  for update;
  -- Whoever gets no messages may have been phoned once one would have gone out.
  if not found or not (case when v_offer.notice_id is null
      then v_offer.made_at > now() - interval '3 minutes'
      else booking.withdraw_notice(p_clinic_id, v_offer.notice_id) end) then
    return;
  end if;
  perform booking.end_offer(v_offer, 'withdrawn');
  -- Should the undoing fail, the time is offered again.
  update clinic.freed_slots set considered_at = null
  where clinic_id = p_clinic_id and id = v_offer.freed_id;
end
$$;
comment on function booking.recall_offer(uuid, uuid, uuid) is
  'Takes back the open offer of a slot unless its message has gone out. The other slot is locked with it, in order.';
grant execute on function booking.recall_offer(uuid, uuid, uuid) to clinic_booker;

-- undo
drop function booking.recall_offer(uuid, uuid, uuid);
