-- One updated_at trigger on every table of this app that has the column.
create trigger updated_at before update on clinic.extra_sessions for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.holidays for each row execute function public.update_updated_at_column();

-- undo
drop trigger updated_at on clinic.holidays;
drop trigger updated_at on clinic.extra_sessions;
