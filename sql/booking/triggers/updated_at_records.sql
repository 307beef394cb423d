-- One updated_at trigger on every table of this app that has the column.
create trigger updated_at before update on clinic.queue_management for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.queue_entries for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.telemedicine_sessions for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.public_booking_requests for each row execute function public.update_updated_at_column();

-- undo
drop trigger updated_at on clinic.public_booking_requests;
drop trigger updated_at on clinic.telemedicine_sessions;
drop trigger updated_at on clinic.queue_entries;
drop trigger updated_at on clinic.queue_management;
