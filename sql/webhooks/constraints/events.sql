-- Foreign keys inside a clinic name the clinic too: a key alone would accept another clinic's row.
alter table clinic.webhook_events
  add constraint webhook_events_source_fk foreign key (clinic_id, webhook_id)
    references webhook.sources (clinic_id, id),
  add constraint webhook_events_json check (jsonb_typeof(payload) = 'object');
alter table clinic.webhook_logs
  add constraint webhook_logs_webhook_fk foreign key (clinic_id, webhook_id)
    references clinic.integration_webhooks (clinic_id, id),
  add constraint webhook_logs_json check (jsonb_typeof(payload) = 'object');
alter table clinic.integration_webhooks
  add constraint integration_webhooks_json check (
    jsonb_typeof(events) = 'array' and jsonb_typeof(headers) = 'object');
alter table webhook.sources
  add constraint sources_secret check (
    octet_length(secret_pad) = 128 and octet_length(old_secret_pad) = 128
    and (secret_pad is null) = (secret_set_at is null)
    and (old_secret_pad is null) = (old_secret_expires_at is null));

-- undo
alter table webhook.sources drop constraint sources_secret;
alter table clinic.integration_webhooks drop constraint integration_webhooks_json;
alter table clinic.webhook_logs
  drop constraint webhook_logs_json,
  drop constraint webhook_logs_webhook_fk;
alter table clinic.webhook_events
  drop constraint webhook_events_json,
  drop constraint webhook_events_source_fk;
