"""The trail watches webhooks."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0004_keys"),
        ("webhooks", "0003_rules"),
    ]
    operations = load("audit/triggers/webhooks")
