-- One updated_at trigger on every table of this app that has the column.
create trigger updated_at before update on clinic.clinics for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.users for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.memberships for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.patients for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.doctors for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.staff for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.doctor_working_hours for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.doctor_leave for each row execute function public.update_updated_at_column();

-- undo
drop trigger updated_at on clinic.doctor_leave;
drop trigger updated_at on clinic.doctor_working_hours;
drop trigger updated_at on clinic.staff;
drop trigger updated_at on clinic.doctors;
drop trigger updated_at on clinic.patients;
drop trigger updated_at on clinic.memberships;
drop trigger updated_at on clinic.users;
drop trigger updated_at on clinic.clinics;
