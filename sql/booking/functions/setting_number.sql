-- Settings are free JSON: a number out of its bounds, or no number, is as good as none. Called inside
-- functions of clinic_booker.
create function booking.setting_number(
  p_clinic_id uuid, p_category text, p_key text, p_default numeric, p_low numeric, p_high numeric)
returns numeric
language plpgsql stable
as $$
declare
  v_value jsonb;
  v_number numeric;
begin
  select value into v_value from clinic.system_settings
  where (clinic_id = p_clinic_id or clinic_id is null) and category = p_category and key = p_key
  order by clinic_id nulls last limit 1;
  v_number := case when jsonb_typeof(v_value) = 'number' then v_value::numeric end;
  return case when v_number between p_low and p_high then v_number else p_default end;
end
$$;
comment on function booking.setting_number(uuid, text, text, numeric, numeric, numeric) is
  'The clinic''s own number, else that of all clinics, else p_default.';
grant execute on function booking.setting_number(uuid, text, text, numeric, numeric, numeric) to clinic_booker;
create policy book on clinic.system_settings for select to clinic_booker using (true);
comment on policy book on clinic.system_settings is 'The booking functions: how long an offer stands, and the like.';
grant select (clinic_id, category, key, value, updated_at) on clinic.system_settings to clinic_booker;

-- undo
revoke all on clinic.system_settings from clinic_booker;
drop policy book on clinic.system_settings;
drop function booking.setting_number(uuid, text, text, numeric, numeric, numeric);
