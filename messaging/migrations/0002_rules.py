"""Keys and policies of messages."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0001_messages"),
        ("clinic", "0005_record_rules"),
    ]
    operations = load(
        "messaging/constraints/messages",
        "messaging/triggers/updated_at_records",
        "messaging/policies/notifications",
        "messaging/policies/sms_messages",
        "messaging/policies/whatsapp_messages",
        "messaging/policies/email_messages",
        "messaging/functions/patient_reach",
    )
