-- What names are searched by: lower case, without accents. Generated columns keep it, because
-- LIKE cannot use an index under row-level security and a range over plain text can.
create function clinic.search_key(p_text text) returns text
language sql immutable strict parallel safe
as $$
  select pg_catalog.lower(public.unaccent('public.unaccent'::regdictionary,
    pg_catalog.regexp_replace(pg_catalog.btrim(p_text), '\s+', ' ', 'g')))
$$;
comment on function clinic.search_key(text) is
  'Folded form of a name: lower case, accents removed, single spaces. Immutable as long as the unaccent rules are.';
grant execute on function clinic.search_key(text) to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_worker,
  clinic_patient, clinic_definer;

create function clinic.last_name_key(p_text text) returns text
language sql immutable strict parallel safe
as $$
  select clinic.search_key(pg_catalog.regexp_replace(pg_catalog.btrim(p_text), '^.*\s', ''))
$$;
comment on function clinic.last_name_key(text) is 'Folded form of the last word of a name.';
grant execute on function clinic.last_name_key(text) to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_worker,
  clinic_patient, clinic_definer;

-- undo
drop function clinic.last_name_key(text);
drop function clinic.search_key(text);
