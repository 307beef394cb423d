-- Human numbers of a clinic: from a counter row, so gaps are possible and repeats are not.
create function clinic.next_number(p_kind text) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_value bigint;
begin
  insert into clinic.number_counters as c (clinic_id, kind, last_value)
  values (app.require_clinic_id(), p_kind, 1)
  on conflict (clinic_id, kind) do update set last_value = c.last_value + 1
  returning last_value into v_value;
  return v_value;
end
$$;
comment on function clinic.next_number(text) is 'The next number of a kind in the clinic of the context; RW001 without one.';
call app.make_definer('clinic.next_number(text)');

create function clinic.next_document_number(p_prefix text) returns text
language sql volatile
as $$
  select p_prefix || '-' || case when n < 100000 then lpad(n::text, 5, '0') else n::text end
  from clinic.next_number(lower(p_prefix)) n
$$;
comment on function clinic.next_document_number(text) is 'MR-00001, MR-00002 … in the clinic of the context: the default of number columns.';
grant execute on function clinic.next_number(text), clinic.next_document_number(text) to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_owner;

-- undo
drop function clinic.next_document_number(text);
drop function clinic.next_number(text);
