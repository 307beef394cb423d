-- What became of the times that came free. Asked by the reader's own rights, of the clinic of the context.
create function booking.freed_outcomes(p_from timestamptz, p_to timestamptz)
returns table (freed_id uuid, slot_id uuid, cause text, freed_at timestamptz, starts_at timestamptz,
  was_offered boolean, outcome text)
language sql stable
as $$
  select f.id, f.slot_id, f.cause, f.freed_at, s.starts_at, o.any_offer, case
      when f.undone or (f.next_cause is null and exists (
        select from clinic.appointment_transitions t
        where t.clinic_id = s.clinic_id and t.appointment_id = s.covered_by and t.action = 'undo'
          and t.created_at > f.freed_at)) then 'undone'
      when o.accepted then 'accepted'
      when coalesce(
        f.next_cause = 'visit', coalesce(s.appointment_id, s.covered_by) is not null) then 'booked'
      when f.next_cause is not null or s.starts_at <= now() then 'lost'
      else 'open' end
  from (
    select f.*, n.cause as next_cause, exists (
        select from clinic.appointment_transitions t
        where t.clinic_id = f.clinic_id and t.to_slot_id = f.slot_id and t.action = 'undo'
          and t.created_at > f.freed_at and t.created_at < coalesce(n.freed_at, 'infinity')) as undone
    from clinic.freed_slots f
    left join lateral (
      select n.cause, n.freed_at from clinic.freed_slots n
      where n.clinic_id = f.clinic_id and n.slot_id = f.slot_id and n.freed_at > f.freed_at
      order by n.freed_at limit 1) n on true
    where f.clinic_id = (select app.current_clinic_id()) and f.freed_at >= p_from
      and f.freed_at < p_to and f.cause <> 'hours') f
  join clinic.appointment_slots s on s.clinic_id = f.clinic_id and s.id = f.slot_id
  cross join lateral (
    select count(*) > 0 as any_offer, coalesce(bool_or(o.status = 'accepted'), false) as accepted
    from clinic.waiting_list_offers o where o.clinic_id = f.clinic_id and o.freed_id = f.id) o
$$;
comment on function booking.freed_outcomes(timestamptz, timestamptz) is
  'Times that came free in the period (not by longer working hours) and what became of each: accepted by somebody who waited; booked some other way; undone, when the visit that freed it was put back; lost, when it began or was blocked unbooked; else open.';
grant execute on function booking.freed_outcomes(timestamptz, timestamptz) to
  clinic_staff, clinic_admin, clinic_superadmin;

create function booking.fill_rate(p_from timestamptz, p_to timestamptz)
returns table (freed int, offered int, accepted int, booked int, lost int, open int, percent int)
language sql stable
as $$
  select count(*)::int, count(*) filter (where was_offered)::int,
    count(*) filter (where outcome = 'accepted')::int,
    count(*) filter (where outcome = 'booked')::int,
    count(*) filter (where outcome = 'lost')::int,
    count(*) filter (where outcome = 'open')::int,
    round(100.0 * count(*) filter (where outcome = 'accepted')
      / nullif(count(*) filter (where outcome <> 'open'), 0))::int
  from booking.freed_outcomes(p_from, p_to) where outcome <> 'undone'
$$;
comment on function booking.fill_rate(timestamptz, timestamptz) is
  'The fill rate of a period: of the times that came free in it (those put back by an undo left out) and are no longer open, the per cent that somebody of the waiting list accepted; null while there are none. freed = accepted + booked + lost + open.';
grant execute on function booking.fill_rate(timestamptz, timestamptz) to
  clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.fill_rate(timestamptz, timestamptz);
drop function booking.freed_outcomes(timestamptz, timestamptz);
