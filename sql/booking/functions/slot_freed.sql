-- What a freed time sets off, whoever freed it and however: a cancellation, a move, the desk that
-- unblocks, leave that is taken back. Deferred to the end of the transaction, so that what is freed
-- and taken in one breath is not offered; and whatever goes wrong here, the change stands.
create function booking.try_offer(p_clinic_id uuid, p_slot_id uuid, p_freed_id uuid) returns uuid
language plpgsql volatile
as $$
begin
  return booking.offer_freed(p_clinic_id, p_slot_id, p_freed_id);
exception when others then
  -- Not its text: that may hold what was typed. booking.work_waiting_list tries again.
  raise warning 'a freed time was not offered: %', sqlstate;
  return null;
end
$$;
comment on function booking.try_offer(uuid, uuid, uuid) is
  'booking.offer_freed, or null where that fails: what freed the time goes on.';
grant execute on function booking.try_offer(uuid, uuid, uuid) to clinic_booker;

create function booking.note_freed(p_clinic_id uuid, p_slot_id uuid, p_cause text) returns void
language plpgsql volatile
as $$
declare
  v_freed_id uuid;
begin
  insert into clinic.freed_slots (clinic_id, slot_id, cause, freed_at)
  select s.clinic_id, s.id, p_cause, now() from clinic.appointment_slots s
  where s.clinic_id = p_clinic_id and s.id = p_slot_id and s.is_available and not s.is_blocked
    and s.starts_at > now()
    -- What a sick doctor leaves behind is not free; should the leave be taken back, it is.
    and not exists (
      select from clinic.doctor_leave l
      where l.clinic_id = s.clinic_id and l.doctor_id = s.doctor_id and l.deleted_at is null
        and l.starts_at < s.ends_at and l.ends_at > s.starts_at)
  on conflict do nothing returning id into v_freed_id;
  if v_freed_id is not null then
    perform booking.try_offer(p_clinic_id, p_slot_id, v_freed_id);
  end if;
exception when others then
  raise warning 'a freed time was not noted: %', sqlstate;
end
$$;
comment on function booking.note_freed(uuid, uuid, text) is
  'Notes a time that can be booked again and offers it to who waits; never fails.';
grant execute on function booking.note_freed(uuid, uuid, text) to clinic_booker;

create function booking.slot_freed() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clinic_id uuid := (app.enter())[5];
begin
  if v_clinic_id = new.clinic_id then
    perform booking.note_freed(new.clinic_id, new.id, case
      when coalesce(old.appointment_id, old.covered_by) is not null then 'visit'
      when old.block_reason = 'outside working hours' then 'hours' else 'block' end);
  end if;
  return null;
end
$$;
comment on function booking.slot_freed() is 'Constraint trigger of slots: a visit or a block left this one.';
call app.make_definer('booking.slot_freed()', 'clinic_booker');

create function booking.leave_ended() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clinic_id uuid := (app.enter())[5];
  v_slot_id uuid;
begin
  if v_clinic_id is distinct from new.clinic_id then
    return null;
  end if;
  for v_slot_id in
    select s.id from clinic.appointment_slots s
    where s.clinic_id = new.clinic_id and s.doctor_id = old.doctor_id and s.is_available
      and not s.is_blocked and s.starts_at > now() and s.starts_at < old.ends_at
      and s.starts_at > old.starts_at - interval '12 hours' and s.ends_at > old.starts_at
    order by s.starts_at limit 1000
  loop
    perform booking.note_freed(new.clinic_id, v_slot_id, 'leave');
  end loop;
  return null;
end
$$;
comment on function booking.leave_ended() is 'Constraint trigger of leave: it was taken back or made shorter.';
call app.make_definer('booking.leave_ended()', 'clinic_booker');

create function booking.held_slot_taken() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_visit clinic.appointments;
  v_entry_id uuid;
begin
  select * into v_visit from clinic.appointments
  where clinic_id = v_claims[5]::uuid and clinic_id = new.clinic_id and id = new.appointment_id
    and slot_id = new.id;
  if not found then
    return null;
  end if;
  update clinic.waiting_list_offers o
  set status = case when e.patient_id = v_visit.patient_id then 'accepted'
      when o.expires_at <= now() then 'expired' else 'withdrawn' end,
    answered_by = case when e.patient_id = v_visit.patient_id then nullif(v_claims[6], '')::uuid end,
    answered_through = case when e.patient_id = v_visit.patient_id then
      case v_claims[4] when 'patient' then 'portal' else 'desk' end end,
    closed_at = now()
  from clinic.waiting_list_entries e
  where o.clinic_id = new.clinic_id and o.slot_id = new.id and o.status = 'open'
    and e.clinic_id = o.clinic_id and e.id = o.entry_id
  returning o.entry_id into v_entry_id;
  update clinic.waiting_list_entries
  set version = version + 1,
    status = case when patient_id = v_visit.patient_id then 'booked' else 'waiting' end,
    appointment_id = case when patient_id = v_visit.patient_id then v_visit.id end,
    closed_at = case when patient_id = v_visit.patient_id then now() end
  where clinic_id = new.clinic_id and id = v_entry_id and status = 'offered';
  return null;
end
$$;
comment on function booking.held_slot_taken() is
  'Constraint trigger of slots: a time on offer was booked at the desk, for the one it is held for or after the hold.';
call app.make_definer('booking.held_slot_taken()', 'clinic_booker');

-- undo
drop function booking.held_slot_taken();
drop function booking.leave_ended();
drop function booking.slot_freed();
drop function booking.note_freed(uuid, uuid, text);
drop function booking.try_offer(uuid, uuid, uuid);
