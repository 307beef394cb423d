-- Called inside functions of clinic_booker. Who is next for a time, and the offer that holds it for
-- them. Locks: the slot, then the entry; an entry that somebody else is offering to is passed over,
-- so that two freed times never go to one entry and nobody waits.
create function booking.part_of_day(p_time time) returns text
language sql immutable parallel safe
as $$
  select case when p_time < '12:00' then 'morning' when p_time < '17:00' then 'afternoon'
    else 'evening' end
$$;
comment on function booking.part_of_day(time) is 'morning, afternoon or evening of a wall-clock time.';
grant execute on function booking.part_of_day(time) to clinic_booker, clinic_staff, clinic_admin,
  clinic_superadmin;

create function booking.fits(p_entry clinic.waiting_list_entries, p_slot clinic.appointment_slots)
returns boolean
language sql immutable
as $$
  select (p_entry.doctor_id is null or p_entry.doctor_id = p_slot.doctor_id)
    and p_slot.slot_date between p_entry.earliest and p_entry.latest
    and (p_entry.weekdays = '{}' or extract(isodow from p_slot.slot_date) = any (p_entry.weekdays))
    and p_entry.day_part in ('any', booking.part_of_day(p_slot.slot_time))
$$;
comment on function booking.fits(clinic.waiting_list_entries, clinic.appointment_slots) is
  'Whether the time is one that the entry asks for: doctor, dates, days of the week, part of the day.';
grant execute on function booking.fits(clinic.waiting_list_entries, clinic.appointment_slots) to
  clinic_booker, clinic_staff, clinic_admin, clinic_superadmin;

create function booking.visit_instead(p_entry clinic.waiting_list_entries) returns uuid
language sql stable
as $$
  select a.id from clinic.appointments a
  where a.clinic_id = p_entry.clinic_id and a.patient_id = p_entry.patient_id
    and a.starts_at > now() and a.created_at > p_entry.created_at
    and a.appointment_type = p_entry.appointment_type
    and (p_entry.doctor_id is null or a.doctor_id = p_entry.doctor_id)
    and a.appointment_date between p_entry.earliest and p_entry.latest
    and a.deleted_at is null and a.status in ('scheduled', 'confirmed')
  order by a.starts_at limit 1
$$;
comment on function booking.visit_instead(clinic.waiting_list_entries) is
  'A visit like the one that is waited for, booked since by another way; or null.';
grant execute on function booking.visit_instead(clinic.waiting_list_entries) to clinic_booker;

create function booking.next_in_line(p_slot clinic.appointment_slots, p_freed_id uuid)
returns clinic.waiting_list_entries
language sql volatile
as $$
  select e.* from clinic.waiting_list_entries e
  where e.clinic_id = p_slot.clinic_id and e.status = 'waiting' and booking.fits(e, p_slot)
    and not exists (
      select from clinic.waiting_list_offers o
      where o.clinic_id = e.clinic_id and o.entry_id = e.id and o.slot_id = p_slot.id
        and (o.freed_id = p_freed_id or o.status = 'declined'))
    and booking.visit_instead(e) is null
    and booking.booking_refusal(e.clinic_id, p_slot.id, e.patient_id, null, null) is null
  order by e.priority, e.created_at, e.id
  limit 1 for update of e skip locked
$$;
comment on function booking.next_in_line(clinic.appointment_slots, uuid) is
  'The entry that the time is offered to, locked: by priority, then by who has waited longest; each once per freeing.';
grant execute on function booking.next_in_line(clinic.appointment_slots, uuid) to clinic_booker;

create function booking.offer_words(
  p_slot clinic.appointment_slots, p_offer_id uuid, p_expires_at timestamptz)
returns jsonb
language sql stable
as $$
  select jsonb_build_object('offer_id', p_offer_id, 'expires_at', p_expires_at, 'clinic', c.name,
    'doctor', d.full_name, 'link', '{link}',
    'when', to_char(p_slot.starts_at at time zone c.time_zone, 'Dy FMDD Mon, HH24:MI'))
  from clinic.clinics c
  join clinic.doctors d on d.clinic_id = c.id and d.id = p_slot.doctor_id
  where c.id = p_slot.clinic_id
$$;
comment on function booking.offer_words(clinic.appointment_slots, uuid, timestamptz) is
  'What the message of an offer says. Its {link} is filled in by who sends it, from booking.offer_token: no message that waits holds a working link.';
grant execute on function booking.offer_words(clinic.appointment_slots, uuid, timestamptz) to clinic_booker;

create function booking.make_offer(
  p_slot clinic.appointment_slots, p_entry clinic.waiting_list_entries, p_freed_id uuid,
  p_user_id uuid, p_key text)
returns uuid
language plpgsql volatile
as $$
declare
  v_id uuid := gen_random_uuid();
  -- Told after the time in which the desk may still take back what freed it.
  v_told_at timestamptz := now() + interval '3 minutes';
  v_expires_at timestamptz := least(p_slot.starts_at, v_told_at + make_interval(mins =>
    booking.setting_number(p_slot.clinic_id, 'waiting_list', 'offer_minutes', 30, 5, 1440)::int));
begin
  insert into clinic.waiting_list_offers (id, clinic_id, entry_id, slot_id, freed_id, made_by,
    made_at, request_key, expires_at, token_hash)
  select v_id, p_slot.clinic_id, p_entry.id, p_slot.id, p_freed_id, p_user_id, now(), p_key,
    v_expires_at, sha256(convert_to(t, 'UTF8'))
  from app.link_tokens(p_slot.clinic_id, v_id) t limit 1;
  update clinic.waiting_list_entries set status = 'offered', version = version + 1
  where clinic_id = p_entry.clinic_id and id = p_entry.id;
  -- A little longer than the offer: the job that passes it on comes once a minute.
  update clinic.appointment_slots
  set held_until = v_expires_at + interval '2 minutes', held_for = p_entry.patient_id, held_by = null
  where clinic_id = p_slot.clinic_id and id = p_slot.id;
  update clinic.waiting_list_offers set notice_id = booking.queue_notice(p_slot.clinic_id,
    p_entry.patient_id, 'slot_offer', booking.offer_words(p_slot, v_id, v_expires_at), v_told_at)
  where clinic_id = p_slot.clinic_id and id = v_id;
  return v_id;
end
$$;
comment on function booking.make_offer(clinic.appointment_slots, clinic.waiting_list_entries, uuid, uuid, text) is
  'Holds the time for the entry''s patient and queues the message; slot and entry are locked by the caller.';
grant execute on function booking.make_offer(clinic.appointment_slots, clinic.waiting_list_entries, uuid, uuid, text) to clinic_booker;

create function booking.offer_freed(p_clinic_id uuid, p_slot_id uuid, p_freed_id uuid) returns uuid
language plpgsql volatile
as $$
declare
  v_slot clinic.appointment_slots;
  v_entry clinic.waiting_list_entries;
  v_offer_id uuid;
begin
  select * into v_slot from clinic.appointment_slots
  where clinic_id = p_clinic_id and id = p_slot_id for no key update;
  if v_slot.held_until > now() then
    return null;  -- somebody is booking it: asked again when the hold has ended
  end if;
  if v_slot.is_available and not v_slot.is_blocked and v_slot.starts_at > now() + make_interval(mins =>
      booking.setting_number(p_clinic_id, 'waiting_list', 'lead_minutes', 120, 0, 10080)::int) then
    v_entry := booking.next_in_line(v_slot, p_freed_id);
    if v_entry.id is not null then
      v_offer_id := booking.make_offer(v_slot, v_entry, p_freed_id, null, '');
    end if;
  end if;
  update clinic.freed_slots set considered_at = now()
  where clinic_id = p_clinic_id and id = p_freed_id;
  return v_offer_id;
end
$$;
comment on function booking.offer_freed(uuid, uuid, uuid) is
  'Offers a freed time to who is next and returns the offer; null where nobody is, or it starts too soon: then it is free for all.';
grant execute on function booking.offer_freed(uuid, uuid, uuid) to clinic_booker;

-- undo
drop function booking.offer_freed(uuid, uuid, uuid);
drop function booking.make_offer(clinic.appointment_slots, clinic.waiting_list_entries, uuid, uuid, text);
drop function booking.offer_words(clinic.appointment_slots, uuid, timestamptz);
drop function booking.next_in_line(clinic.appointment_slots, uuid);
drop function booking.visit_instead(clinic.waiting_list_entries);
drop function booking.fits(clinic.waiting_list_entries, clinic.appointment_slots);
drop function booking.part_of_day(time);
