-- Offers are made, answered and ended by the booking functions; nobody reads what a link must come to.
call app.make_tenant_table('clinic.waiting_list_offers');
comment on table clinic.waiting_list_offers is 'A time that is held for one patient of the waiting list, and how it ended.';
create policy read on clinic.waiting_list_offers for select to
  clinic_staff, clinic_admin, clinic_superadmin using (true);
comment on policy read on clinic.waiting_list_offers is 'The desk and administrators.';
create policy read_own on clinic.waiting_list_offers for select to clinic_patient
  using (exists (
    select from clinic.waiting_list_entries e
    where e.clinic_id = waiting_list_offers.clinic_id and e.id = entry_id));
comment on policy read_own on clinic.waiting_list_offers is 'A patient sees what is offered to them.';
create policy book on clinic.waiting_list_offers to clinic_booker using (true) with check (true);
comment on policy book on clinic.waiting_list_offers is 'The booking functions.';

grant select (id, clinic_id, entry_id, slot_id, freed_id, made_at, made_by, expires_at, status,
  notice_id, closed_at, answered_by, answered_through)
  on clinic.waiting_list_offers to clinic_staff, clinic_admin, clinic_superadmin;
grant select (id, clinic_id, entry_id, slot_id, made_at, expires_at, status, closed_at)
  on clinic.waiting_list_offers to clinic_patient;
grant select, insert on clinic.waiting_list_offers to clinic_booker;
grant update (status, closed_at, answered_by, answered_through, answer_key, notice_id)
  on clinic.waiting_list_offers to clinic_booker;

-- undo
call app.unmake_tenant_table('clinic.waiting_list_offers');
