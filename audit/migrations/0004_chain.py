"""Each entry of the trail sealed into its clinic's chain, and a record of who looked."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_more_tables"),
    ]
    operations = load(
        "audit/tables/access_logs",
        "audit/tables/seals",
        "audit/policies/seals",
        "audit/functions/digests",
        "audit/views/entries",
        "audit/functions/seal",
        "audit/functions/verify_chain",
        "audit/functions/record_access",
        "audit/functions/who_viewed_me",
        "audit/functions/keep",
    )
