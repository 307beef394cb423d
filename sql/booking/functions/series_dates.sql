-- The dates of a rule, counted as RFC 5545 counts them with WKST=MO: every n weeks from the week of
-- the first day. Dates only: which instants they are is the clinic's zone's to say, date by date.
create function booking.series_dates(
  p_every int, p_weekdays smallint[], p_from date, p_occurrences int, p_until date)
returns table (series_position int, day date)
language sql immutable parallel safe
as $$
  select row_number() over (order by d.day)::int, d.day
  from (
    select distinct date_trunc('week', p_from::timestamp)::date + 7 * p_every * w.n + x.weekday - 1
    from generate_series(0, case when p_from between '1900-01-01' and '2200-01-01' then 104 end)
      as w(n) cross join unnest(p_weekdays) as x(weekday)
  ) as d(day)
  where d.day between p_from and least(p_until, least(p_from, '2200-01-01') + 730)
  order by d.day
  limit least(p_occurrences, 100)
$$;
comment on function booking.series_dates(int, smallint[], date, int, date) is
  'The days of a series from p_from, so many or until p_until (included), within two years and a hundred dates; none from a day that no calendar shows.';
grant execute on function booking.series_dates(int, smallint[], date, int, date) to clinic_booker;

-- undo
drop function booking.series_dates(int, smallint[], date, int, date);
