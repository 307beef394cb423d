"""Each entry of the trail sealed into its clinic's chain, and a record of who looked."""

from django.db import migrations, models

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0005_webhook_tables"),
    ]
    operations = [
        migrations.CreateModel(
            name="AccessLog",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("clinic_id", models.UUIDField(null=True)),
                ("action", models.CharField(max_length=10)),
                ("table_name", models.CharField(max_length=100)),
                ("record_id", models.TextField(null=True)),
                ("patient_id", models.UUIDField(null=True)),
                ("detail", models.JSONField(null=True)),
                ("user_id", models.UUIDField(null=True)),
                ("actor_role", models.TextField(null=True)),
                ("ip_address", models.GenericIPAddressField(null=True)),
                ("user_agent", models.TextField(null=True)),
                ("request_id", models.CharField(max_length=100, null=True)),
                ("reason", models.TextField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "access",
                "verbose_name_plural": "access report",
                "db_table": "access_logs",
                "ordering": ["-created_at", "-id"],
                "managed": False,
            },
        ),
    ] + load(
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
