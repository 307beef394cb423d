"""What breaks each constraint of the webhook tables."""

from tests.sql.violations_records import ANY, change, copy, first

SOURCE = "update webhook.sources set %s where clinic_id = '{home}'"
NEW_SOURCE = "insert into webhook.sources (clinic_id, name, provider) values (%s, %s, 'p')"
OTHER_SOURCE = "(select id from webhook.sources where clinic_id = '{other}' limit 1)"

WEBHOOK_VIOLATIONS = {
    "sources_pkey": SOURCE % f"id = {OTHER_SOURCE}",
    "sources_clinic_name": NEW_SOURCE % ("'{home}'", "'n'") + ", ('{home}', 'n', 'p')",
    "sources_provider": SOURCE % "provider = 'A b'",
    "sources_secret": SOURCE % "secret_pad = '', secret_set_at = now()",
    "sources_clinic_id_615e912d_fk_clinics_id": NEW_SOURCE % (ANY, "'n'"),
    "webhook_events_pkey": change("webhook_events", f"id = {first('webhook_events', 'other')}"),
    "webhook_events_once": copy("webhook_events"),
    "webhook_events_event_id": change("webhook_events", "event_id = 'a.b'"),
    "webhook_events_counts": change("webhook_events", "attempts = -1"),
    "webhook_events_lease": change("webhook_events", "locked_by = 'w'"),
    "webhook_events_processed": change("webhook_events", "status = 'success'"),
    "webhook_events_json": change("webhook_events", "payload = '[]'"),
    "webhook_events_source_fk":
        change("webhook_events", f"webhook_id = {OTHER_SOURCE}, event_id = 'n'"),
    "integration_webhooks_pkey":
        change("integration_webhooks", f"id = {first('integration_webhooks', 'other')}"),
    "integration_webhooks_name": copy("integration_webhooks"),
    "integration_webhooks_url": change("integration_webhooks", "url = 'http://x.test/'"),
    "integration_webhooks_values": change("integration_webhooks", "timeout_seconds = 0"),
    "integration_webhooks_json": change("integration_webhooks", "events = '{{}}'"),
    "integration_webhooks_clinic_id_c7dff27a_fk_clinics_id":
        copy("integration_webhooks", clinic_id=ANY),
    "webhook_logs_pkey": change("webhook_logs", f"id = {first('webhook_logs', 'other')}"),
    "webhook_logs_status": change("webhook_logs", "status = 'x'"),
    "webhook_logs_values": change("webhook_logs", "response_status = 99"),
    "webhook_logs_json": change("webhook_logs", "payload = '[]'"),
    "webhook_logs_webhook_fk":
        change("webhook_logs", f"webhook_id = {first('integration_webhooks', 'other')}"),
}  # fmt: skip
