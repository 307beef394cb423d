"""The trail, its policies, its trigger, and the tables that it watches."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_audit_logs"),
        ("booking", "0002_rules"),
        ("clinic", "0003_policies"),
    ]
    operations = load(
        "audit/tables/audit_logs",
        "audit/policies/audit_logs",
        "audit/functions/audit_trigger_function",
        "audit/functions/audit_row_function",
        "audit/functions/attach",
        "audit/functions/ensure_partitions",
        "audit/triggers/clinic",
        "audit/triggers/booking",
    )
