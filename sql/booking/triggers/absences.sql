-- updated_at, as everywhere.
create trigger updated_at before update on clinic.absences for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.absence_rows for each row execute function public.update_updated_at_column();

-- undo
drop trigger updated_at on clinic.absence_rows;
drop trigger updated_at on clinic.absences;
