"""The trail watches keys, and who sees what they encrypt."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_more_tables"), ("clinic", "0006_encryption")]
    operations = load("audit/functions/record_reveal", "audit/triggers/keys")
