-- One updated_at trigger on every table of this app that has the column.
create trigger updated_at before update on clinic.appointments for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.appointment_slots for each row execute function public.update_updated_at_column();

-- undo
drop trigger updated_at on clinic.appointment_slots;
drop trigger updated_at on clinic.appointments;
