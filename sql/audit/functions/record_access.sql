-- The one way to put on record who looked at what. Actor, clinic and address come from the verified
-- context; what was looked at, from the caller. Pages call it in a transaction of its own after
-- their own, which reads only or may be rolled back (clinic/access.py).
create function audit.record_access(p_action text, p_table text, p_record_id text default null,
  p_patient_id uuid default null, p_detail jsonb default null) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.context_claims();
begin
  if v_claims is null then
    raise exception 'no clinic: nothing can be put on record' using errcode = 'RW001';
  end if;
  if p_action = 'LOGIN_FAIL' then
    raise exception 'a failed login is noted at the door' using errcode = '23514';
  elsif v_claims[4] = 'patient' and p_patient_id <> all (array(select app.own_patient_ids())) then
    raise exception 'patients look at nobody but themselves' using errcode = 'RW002';
  end if;
  perform pg_current_xact_id();  -- before the entry has its number: audit.seal counts on it
  insert into audit.access_logs (clinic_id, action, table_name, record_id, patient_id, detail,
    user_id, actor_role, ip_address, user_agent, request_id, reason)
  values (v_claims[5]::uuid, p_action, p_table, p_record_id, p_patient_id, p_detail,
    nullif(v_claims[6], '')::uuid, v_claims[4],
    nullif(current_setting('app.current_ip', true), '')::inet,
    nullif(current_setting('app.current_user_agent', true), ''),
    nullif(current_setting('app.current_request_id', true), ''),
    nullif(current_setting('app.current_reason', true), ''));
end
$$;
comment on function audit.record_access(text, text, text, uuid, jsonb) is
  'Puts a READ, SEARCH, PRINT, EXPORT or DENIED of the context''s user on record. RW001 without a context, RW002 from a patient about another, 23514 for another action.';
call app.make_definer('audit.record_access(text, text, text, uuid, jsonb)', 'clinic_auditor');
grant execute on function app.own_patient_ids() to clinic_auditor;
grant execute on function audit.record_access(text, text, text, uuid, jsonb) to
  clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin,
  clinic_worker;

-- A failed login, in each clinic where the mailbox is known; the address typed may be a password,
-- so it is kept nowhere. What is counted at the door is what is on record.
create function audit.record_failed_login() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into audit.access_logs (clinic_id, action, table_name, record_id, user_id, actor_role,
    ip_address, detail)
  select c.clinic_id, 'LOGIN_FAIL', 'users', c.id::text, c.id, session_user, new.ip,
    jsonb_build_object('failures', new.failures)
  from (select null) one left join app.login_homes(new.email) c on true;
  return null;
end
$$;
comment on function audit.record_failed_login() is 'Trigger: one entry per login of the mailbox that failed, or one of no clinic.';
call app.make_definer('audit.record_failed_login()', 'clinic_auditor');
-- Without a mailbox it is a calendar address that was not there: no login of anybody's.
create trigger on_record after insert or update on app.login_failures
  for each row when (new.email <> '') execute function audit.record_failed_login();
alter table app.login_failures enable always trigger on_record;

create function app.login_homes(p_email text) returns table (id uuid, clinic_id uuid)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select u.id, u.clinic_id from clinic.users u
  where u.email_key = lower(p_email) and u.deleted_at is null
$$;
comment on function app.login_homes(text) is 'Of audit.record_failed_login: the logins of a mailbox.';
call app.make_definer('app.login_homes(text)', 'clinic_authenticator');
grant execute on function app.login_homes(text) to clinic_auditor;

-- undo
drop trigger on_record on app.login_failures;
drop function app.login_homes(text);
drop function audit.record_failed_login();
revoke execute on function app.own_patient_ids() from clinic_auditor;
drop function audit.record_access(text, text, text, uuid, jsonb);
