"""Keys, policies and procedures of webhooks."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0002_events")]
    operations = load(
        "webhooks/constraints/events",
        "webhooks/triggers/updated_at",
        "webhooks/policies/sources",
        "webhooks/policies/webhook_events",
        "webhooks/policies/integration_webhooks",
        "webhooks/policies/webhook_logs",
        "webhooks/functions/signature",
        "webhooks/functions/rotate_secret",
        "webhooks/functions/receive",
        "webhooks/functions/claim_next_event",
        "webhooks/functions/mark_event_result",
        "webhooks/functions/retry_event",
        "webhooks/functions/settle_payment",
    )
