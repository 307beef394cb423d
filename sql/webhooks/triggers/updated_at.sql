-- One updated_at trigger on every table of this app that has the column.
create trigger updated_at before update on webhook.sources for each row execute function public.update_updated_at_column();
create trigger updated_at before update on clinic.integration_webhooks for each row execute function public.update_updated_at_column();

-- undo
drop trigger updated_at on clinic.integration_webhooks;
drop trigger updated_at on webhook.sources;
