-- One updated_at trigger on every table of this app that has the column.
create trigger updated_at before update on clinic.notifications for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.sms_messages for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.whatsapp_messages for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.email_messages for each row execute function public.update_updated_at_column();

-- undo
drop trigger updated_at on clinic.email_messages;
drop trigger updated_at on clinic.whatsapp_messages;
drop trigger updated_at on clinic.sms_messages;
drop trigger updated_at on clinic.notifications;
