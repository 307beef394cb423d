-- What time does to the waiting list, once a minute: entries that nothing can serve any more drop
-- out, offers run out and go to the next, and what could not be offered at once is offered now.
create function booking.drop_entries(p_clinic_id uuid) returns int
language plpgsql volatile
as $$
declare
  v_dropped int;
begin
  with gone as (
    select e.id, booking.visit_instead(e) as visit_id, e.latest < (now() at time zone c.time_zone)::date
      as is_over
    from clinic.waiting_list_entries e
    join clinic.clinics c on c.id = e.clinic_id
    join clinic.patients p on p.clinic_id = e.clinic_id and p.id = e.patient_id
    where e.clinic_id = p_clinic_id and e.status = 'waiting'
      and (e.latest < (now() at time zone c.time_zone)::date
        or not p.is_active or p.deleted_at is not null or booking.visit_instead(e) is not null)
    for update of e skip locked
  )
  update clinic.waiting_list_entries e
  set status = case when g.visit_id is not null then 'booked' when g.is_over then 'expired'
      else 'withdrawn' end,
    appointment_id = g.visit_id, closed_at = now(), version = e.version + 1
  from gone g
  where e.clinic_id = p_clinic_id and e.id = g.id;
  get diagnostics v_dropped = row_count;
  return v_dropped;
end
$$;
comment on function booking.drop_entries(uuid) is
  'Closes entries whose dates are over, whose patient is gone, or who got their visit another way; how many.';
grant execute on function booking.drop_entries(uuid) to clinic_booker;

create function booking.end_offers(p_clinic_id uuid, p_limit int) returns int
language plpgsql volatile
as $$
declare
  v_id uuid;
  v_offer clinic.waiting_list_offers;
  v_code text;
  v_ended int := 0;
begin
  for v_id in
    select o.id from clinic.waiting_list_offers o
    join clinic.appointment_slots s on s.clinic_id = o.clinic_id and s.id = o.slot_id
    join clinic.waiting_list_entries e on e.clinic_id = o.clinic_id and e.id = o.entry_id
    where o.clinic_id = p_clinic_id and o.status = 'open' and (o.expires_at <= clock_timestamp()
      or booking.booking_refusal(p_clinic_id, s.id, e.patient_id, null, null) is not null)
    order by o.expires_at limit p_limit for update of s skip locked
  loop
    -- Looked at again: the list above was made before its slots were locked.
    v_offer := booking.lock_offer(p_clinic_id, v_id);
    v_code := (
      select booking.booking_refusal(p_clinic_id, v_offer.slot_id, e.patient_id, null, null)
      from clinic.waiting_list_entries e
      where e.clinic_id = p_clinic_id and e.id = v_offer.entry_id);
    continue when v_offer.status <> 'open'
      or (v_offer.expires_at > clock_timestamp() and v_code is null);
    perform booking.end_offer(
      v_offer, case when v_offer.expires_at <= clock_timestamp() then 'expired' else 'withdrawn' end);
    if v_offer.freed_id is not null then
      perform booking.try_offer(p_clinic_id, v_offer.slot_id, v_offer.freed_id);
    end if;
    v_ended := v_ended + 1;
  end loop;
  return v_ended;
end
$$;
comment on function booking.end_offers(uuid, int) is
  'Ends offers that nobody answered in time and those that can no longer be kept, and offers on; how many.';
grant execute on function booking.end_offers(uuid, int) to clinic_booker;

create function booking.work_waiting_list(p_limit int default 100) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_freed record;
  v_done int;
begin
  if v_clinic_id is null then
    raise exception 'no clinic: this needs a tenant context' using errcode = 'RW001';
  elsif v_claims[4] <> 'worker' then
    raise exception 'only jobs work the waiting list' using errcode = 'RW002';
  end if;
  v_done := booking.drop_entries(v_clinic_id) + booking.end_offers(v_clinic_id, p_limit);
  for v_freed in
    select f.id, f.slot_id from clinic.freed_slots f
    join clinic.appointment_slots s on s.clinic_id = f.clinic_id and s.id = f.slot_id
    where f.clinic_id = v_clinic_id and f.considered_at is null
      and (s.held_until is null or s.held_until <= now())
    order by f.freed_at limit p_limit for update of s skip locked
  loop
    if booking.try_offer(v_clinic_id, v_freed.slot_id, v_freed.id) is not null then
      v_done := v_done + 1;
    end if;
  end loop;
  return v_done;
end
$$;
comment on function booking.work_waiting_list(int) is
  'Closes what is over and offers what is free; returns how many entries and offers changed. RW001, RW002.';
call app.make_definer('booking.work_waiting_list(int)', 'clinic_booker');
grant execute on function booking.work_waiting_list(int) to clinic_worker;

-- undo
drop function booking.work_waiting_list(int);
drop function booking.end_offers(uuid, int);
drop function booking.drop_entries(uuid);
