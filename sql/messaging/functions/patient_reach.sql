-- How a patient may be told something: only what they agreed to, the quickest first.
create function app.patient_reach(p_patient_id uuid)
returns table (channel public.notification_channel, recipient text, user_id uuid)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select r.channel, r.recipient, p.user_id
  from clinic.patients p
  left join clinic.users u on u.id = p.user_id and u.deleted_at is null
  cross join lateral (values
    (1, 'whatsapp'::public.notification_channel, case when p.whatsapp_consent then p.phone end),
    (2, 'sms', case when p.sms_consent then p.phone end),
    (3, 'email', case when p.email_consent then u.email::text end),
    (4, 'in_app', u.id::text)) as r (rank, channel, recipient)
  where p.clinic_id = app.current_clinic_id() and p.id = p_patient_id and p.deleted_at is null
    and r.recipient <> ''
  order by r.rank limit 1
$$;
comment on function app.patient_reach(uuid) is
  'The channel and the address by which a patient of the context''s clinic agreed to be told; no row where there is none.';
call app.make_definer('app.patient_reach(uuid)');
grant execute on function app.patient_reach(uuid) to clinic_booker;
grant select (phone, whatsapp_consent, sms_consent, email_consent) on clinic.patients
  to clinic_definer;

-- undo
revoke select (phone, whatsapp_consent, sms_consent, email_consent) on clinic.patients
  from clinic_definer;
drop function app.patient_reach(uuid);
