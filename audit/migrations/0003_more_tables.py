"""The trail watches clinical, money and message tables."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_trail"),
        ("clinic", "0005_record_rules"),
        ("booking", "0004_queue_rules"),
        ("messaging", "0002_rules"),
    ]
    operations = load(
        "audit/triggers/records",
        "audit/triggers/queue",
        "audit/triggers/messages",
    )
