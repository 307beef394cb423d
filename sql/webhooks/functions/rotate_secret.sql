-- The secret of a source: made here or given by the sender, shown once, kept as pads that no role of
-- the site reads. The old one still counts for a while, so that the sender can change over.
create function webhook.rotate_secret(p_source_id uuid, p_secret text default null,
  p_keep_old interval default '24 hours')
returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key bytea;
begin
  if p_secret is not null
      and regexp_replace(p_secret, '^whsec_', '') !~ '^[A-Za-z0-9+/]{32,88}={0,2}$' then
    raise exception 'a secret is whsec_ and base64' using errcode = '22023';
  end if;
  v_key := coalesce(decode(regexp_replace(p_secret, '^whsec_', ''), 'base64'),
    public.gen_random_bytes(32));
  if length(v_key) not between 24 and 64
      or p_keep_old not between interval '0' and interval '7 days' then
    raise exception 'a secret has 24 to 64 bytes; the old one is kept for 7 days at most'
      using errcode = '22023';
  end if;
  update webhook.sources set
    old_secret_pad = secret_pad,
    old_secret_expires_at = case when secret_pad is not null then now() + p_keep_old end,
    secret_pad = webhook.hmac_pads(v_key),
    secret_set_at = now()
  where clinic_id = app.require_clinic_id() and id = p_source_id;
  if not found then
    raise exception 'no such source in this clinic' using errcode = 'RW003';
  end if;
  return 'whsec_' || replace(encode(v_key, 'base64'), E'\n', '');
end
$$;
comment on function webhook.rotate_secret(uuid, text, interval) is
  'Gives a source a new secret, or the one that its sender gave; returns it, once. The old one counts for 0 to 7 days. 22023, RW001, RW003.';
call app.make_definer('webhook.rotate_secret(uuid, text, interval)', 'clinic_dispatcher');
grant execute on function webhook.rotate_secret(uuid, text, interval)
  to clinic_admin, clinic_superadmin;

-- undo
drop function webhook.rotate_secret(uuid, text, interval);
