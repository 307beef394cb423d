-- Standard Webhooks, version v1: HMAC-SHA256 (RFC 2104) by two calls of the core function sha256().
create function webhook.hmac_pads(p_key bytea) returns bytea
language sql immutable strict
as $$
  select string_agg(set_byte('\x00', 0, case when i < 64 then get_byte(k, i) # 54
      else get_byte(k, i - 64) # 92 end), ''::bytea order by i)
  from (select p_key || decode(repeat('00', 64 - length(p_key)), 'hex') as k) padded,
    generate_series(0, 127) i
$$;
comment on function webhook.hmac_pads(bytea) is 'The inner and then the outer HMAC pad of a key of up to 64 bytes.';

-- Digests of digests are compared: how long that takes says nothing about what was right.
create function webhook.signed(p_pads bytea, p_content bytea, p_signatures text[]) returns boolean
language sql immutable
as $$
  select coalesce(sha256(convert_to(encode(sha256(substr(p_pads, 65, 64) ||
      sha256(substr(p_pads, 1, 64) || p_content)), 'base64'), 'UTF8'))
    = any (array(select sha256(convert_to(s, 'UTF8')) from unnest(p_signatures) s)), false)
$$;
comment on function webhook.signed(bytea, bytea, text[]) is
  'Whether one of the signatures (base64) is that of the content under the key of the pads; false for null.';
grant execute on function webhook.hmac_pads(bytea) to clinic_dispatcher;
grant execute on function webhook.signed(bytea, bytea, text[]) to clinic_receiver;

-- undo
drop function webhook.signed(bytea, bytea, text[]);
drop function webhook.hmac_pads(bytea);
