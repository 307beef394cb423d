-- What the right to overbook is read from, and who sets a doctor's daily cap.
create policy book on clinic.staff for select to clinic_booker using (true);
comment on policy book on clinic.staff is 'The booking functions: whether reception may overbook.';
grant select (clinic_id, user_id, permissions, end_date, deleted_at) on clinic.staff to clinic_booker;
grant update (max_daily_overbookings) on clinic.doctors to clinic_admin, clinic_superadmin;

-- undo
revoke update (max_daily_overbookings) on clinic.doctors from clinic_admin, clinic_superadmin;
revoke all on clinic.staff from clinic_booker;
drop policy book on clinic.staff;
