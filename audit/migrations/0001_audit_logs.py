
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AuditLog',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('table_schema', models.CharField(max_length=100)),
                ('table_name', models.CharField(max_length=100)),
                ('record_id', models.TextField(null=True)),
                ('action', models.CharField(max_length=10)),
                ('old_values', models.JSONField(null=True)),
                ('new_values', models.JSONField(null=True)),
                ('changed_fields', models.JSONField(null=True)),
                ('user_id', models.UUIDField(null=True)),
                ('actor_role', models.TextField(null=True)),
                ('clinic_id', models.UUIDField(null=True)),
                ('ip_address', models.GenericIPAddressField(null=True)),
                ('user_agent', models.TextField(null=True)),
                ('request_id', models.CharField(max_length=100, null=True)),
                ('reason', models.TextField(null=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'audit log entry',
                'verbose_name_plural': 'audit log',
                'db_table': 'audit_logs',
                'ordering': ['-created_at', '-id'],
                'managed': False,
            },
        ),
    ]
