-- Called inside booking.undo_transition. What was freed by mistake is taken back from the waiting
-- list, as long as nobody has been told of it; what was told is kept, and all else with it.
create function booking.recall_offers(
  p_visit clinic.appointments, p_was clinic.appointments, p_changed_at timestamptz)
returns void
language plpgsql volatile
as $$
declare
  v_offer clinic.waiting_list_offers;
begin
  perform booking.lock_slots(p_visit, p_was);
  for v_offer in
    select * from clinic.waiting_list_offers
    where clinic_id = p_was.clinic_id and status = 'open' and (slot_id = p_visit.slot_id
      or (slot_id = any (array(select id from booking.covered_slots(p_visit)))
        and coalesce(p_visit.overbooked_reason, '') = ''))
    order by id for update
  loop
    -- What was freed later is not this one's to take back. Whoever gets no messages may have
    -- been phoned once one would have gone out.
    if not exists (
        select from clinic.freed_slots f
        where f.clinic_id = p_was.clinic_id and f.id = v_offer.freed_id and f.freed_at <= p_changed_at)
      or not (case when v_offer.notice_id is null
        then v_offer.made_at > now() - interval '3 minutes'
        else booking.withdraw_notice(p_was.clinic_id, v_offer.notice_id) end) then
      raise sqlstate 'ABORT';
    end if;
    perform booking.end_offer(v_offer, 'withdrawn');
  end loop;
exception when sqlstate 'ABORT' then
  return;  -- what this block did is undone
end
$$;
comment on function booking.recall_offers(clinic.appointments, clinic.appointments, timestamptz) is
  'Takes back the open offers of all slots that a visit would have again, unless one of them has been told. p_was is its row as it is, p_changed_at when it was changed; all its slots are locked, in order.';
grant execute on function booking.recall_offers(clinic.appointments, clinic.appointments, timestamptz) to clinic_booker;

-- undo
drop function booking.recall_offers(clinic.appointments, clinic.appointments, timestamptz);
