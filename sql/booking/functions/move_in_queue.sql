-- Called inside functions of clinic_booker: the flow follows what happened to the promise. Undoing
-- an action is an action of its own here: undo_check_in and so on.
create function booking.move_in_queue(p_was clinic.appointments, p_action text) returns void
language plpgsql volatile
as $$
declare
  v_status public.queue_status := case p_action
    when 'check_in' then 'waiting' when 'undo_start' then 'waiting' when 'undo_leave' then 'waiting'
    when 'undo_cancel' then 'waiting' when 'cancel' then 'cancelled'
    when 'start' then 'serving' when 'undo_finish' then 'serving'
    when 'finish' then 'completed'
    when 'leave' then 'cancelled' when 'undo_check_in' then 'cancelled' end;
  v_ticket text;
begin
  if v_status is null or (p_action like '%cancel' and p_was.checked_in_at is null) then
    return;
  end if;
  if p_action = 'check_in' then
    -- The desk keeps the line by hand, too: it may have put them in it, or given a number out.
    for v_try in 1 .. 1000 loop
      select ticket_number into v_ticket from clinic.queue_entries
      where clinic_id = p_was.clinic_id and appointment_id = p_was.id
        and status in ('waiting', 'called', 'serving');
      exit when found;
      -- Three digits that people can call out; they begin anew after 999.
      insert into clinic.queue_entries (clinic_id, patient_id, appointment_id, doctor_id, queue_date,
        ticket_number, arrived_at)
      values (p_was.clinic_id, p_was.patient_id, p_was.id, p_was.doctor_id, p_was.appointment_date,
        lpad((clinic.next_number('ticket') % 1000)::text, 3, '0'), now())
      on conflict do nothing returning ticket_number into v_ticket;
      exit when found;
    end loop;
  else
    update clinic.queue_entries
    set status = v_status,
      served_at = case p_action when 'start' then now() when 'undo_start' then null else served_at end,
      finished_at = case when v_status in ('completed', 'cancelled') then now() end
    where id = (
      select id from clinic.queue_entries
      where clinic_id = p_was.clinic_id and appointment_id = p_was.id
      order by created_at desc limit 1);
  end if;
  update clinic.appointments
  set queue_status = case when p_action <> 'undo_check_in' then v_status end,
    queue_number = coalesce(v_ticket, queue_number)
  where clinic_id = p_was.clinic_id and id = p_was.id;
end
$$;
comment on function booking.move_in_queue(clinic.appointments, text) is
  'Puts the visit in line at check-in and moves its entry on with each action.';
grant execute on function booking.move_in_queue(clinic.appointments, text) to clinic_booker;

-- undo
drop function booking.move_in_queue(clinic.appointments, text);
