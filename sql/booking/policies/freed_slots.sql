-- What came free: written where it happens, counted at the desk.
call app.make_tenant_table('clinic.freed_slots');
comment on table clinic.freed_slots is 'A time that could be booked again: when, why, and whether the waiting list was asked.';
create policy read on clinic.freed_slots for select to
  clinic_staff, clinic_admin, clinic_superadmin using (true);
comment on policy read on clinic.freed_slots is 'The desk and administrators.';
create policy book on clinic.freed_slots to clinic_booker using (true) with check (true);
comment on policy book on clinic.freed_slots is 'The booking functions.';

grant select on clinic.freed_slots to clinic_staff, clinic_admin, clinic_superadmin;
grant select, insert on clinic.freed_slots to clinic_booker;
grant update (considered_at) on clinic.freed_slots to clinic_booker;

-- undo
call app.unmake_tenant_table('clinic.freed_slots');
