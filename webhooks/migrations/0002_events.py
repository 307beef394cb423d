"""Events in, and the tables of events out."""

import clinic.fields
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import uuid
from django.db import migrations, models

from config.sqlfiles import in_schema, load


class Migration(migrations.Migration):

    dependencies = [
        ('webhooks', '0001_sources'),
    ]

    operations = [
        *load('webhooks/enums/all'),
        in_schema('clinic'),
        migrations.CreateModel(
            name='IntegrationWebhook',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('url', models.TextField()),
                ('secret_encrypted', models.TextField(editable=False, null=True)),
                ('is_active', models.BooleanField(db_default=True)),
                ('events', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list)),
                ('headers', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict)),
                ('max_retries', models.IntegerField(db_default=3)),
                ('timeout_seconds', models.IntegerField(db_default=30)),
                ('last_triggered_at', models.DateTimeField(editable=False, null=True)),
                ('success_count', models.IntegerField(db_default=0, editable=False)),
                ('failure_count', models.IntegerField(db_default=0, editable=False)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
            ],
            options={
                'db_table': 'integration_webhooks',
                'ordering': ['name', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'id'), name='integration_webhooks_clinic_id'),
                    models.UniqueConstraint(fields=('clinic', 'name'), name='integration_webhooks_name'),
                    models.CheckConstraint(condition=models.Q(('url__regex', '^https://[^\\s]+$')), name='integration_webhooks_url'),
                    models.CheckConstraint(condition=models.Q(('failure_count__gte', 0), ('max_retries__range', (0, 20)), ('success_count__gte', 0), ('timeout_seconds__range', (1, 60))), name='integration_webhooks_values'),
                ],
            },
        ),
        migrations.CreateModel(
            name='WebhookEvent',
            fields=[
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('event_id', models.TextField()),
                ('event_type', models.CharField(db_default='', max_length=100)),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('payload', models.JSONField()),
                ('body_digest', models.BinaryField(null=True)),
                ('signature', models.TextField(db_default='')),
                ('conflicts', models.IntegerField(db_default=0)),
                ('status', clinic.fields.PgEnumField(choices=[('pending', 'Waiting'), ('processing', 'In work'), ('success', 'Done'), ('failed', 'Failed, tried again later'), ('dead_letter', 'Given up')], db_default='pending', max_length=32, type_name='webhook_event_status')),
                ('attempts', models.IntegerField(db_default=0)),
                ('max_attempts', models.IntegerField(db_default=10)),
                ('crashes', models.IntegerField(db_default=0)),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('last_attempt_at', models.DateTimeField(null=True)),
                ('locked_by', models.TextField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('processed_at', models.DateTimeField(null=True)),
                ('error', models.TextField(db_default='')),
                ('due_at', models.GeneratedField(db_persist=True, expression=models.Case(models.When(status='processing', then=models.F('lease_until')), models.When(status__in=['pending', 'failed'], then=django.db.models.functions.comparison.Coalesce('next_attempt_at', 'received_at'))), output_field=models.DateTimeField(null=True))),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('source', models.ForeignKey(db_column='webhook_id', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='webhooks.source')),
            ],
            options={
                'db_table': 'webhook_events',
                'ordering': ['-received_at', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('source', 'event_id'), name='webhook_events_once'),
                    models.CheckConstraint(condition=models.Q(('event_id__regex', '^[A-Za-z0-9_-]{1,128}$')), name='webhook_events_event_id'),
                    models.CheckConstraint(condition=models.Q(('attempts__gte', 0), ('conflicts__gte', 0), ('crashes__gte', 0), ('max_attempts__range', (1, 100))), name='webhook_events_counts'),
                    models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('locked_by__isnull', False), ('status', 'processing')), models.Q(models.Q(('status', 'processing'), _negated=True), ('lease_until__isnull', True), ('locked_by__isnull', True)), _connector='OR'), name='webhook_events_lease'),
                    models.CheckConstraint(condition=models.Q(models.Q(('status', 'success'), _negated=True), ('processed_at__isnull', False), _connector='OR'), name='webhook_events_processed'),
                ],
                'indexes': [
                    models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at', 'id'], name='webhook_events_due'),
                    models.Index(condition=models.Q(('status', 'processing')), fields=['lease_until'], name='webhook_events_leases'),
                    models.Index(fields=['clinic', '-received_at'], name='webhook_events_recent'),
                    models.Index(fields=['clinic', 'status', '-received_at'], name='webhook_events_status'),
                ],
            },
        ),
        migrations.CreateModel(
            name='WebhookLog',
            fields=[
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('event_type', models.CharField(max_length=100)),
                ('payload', models.JSONField()),
                ('response_status', models.IntegerField(null=True)),
                ('response_body', models.TextField(db_default='')),
                ('response_time_ms', models.IntegerField(null=True)),
                ('status', models.TextField(choices=[('pending', 'Pending'), ('success', 'Delivered'), ('failed', 'Failed')], db_default='pending')),
                ('error_message', models.TextField(db_default='')),
                ('retry_count', models.IntegerField(db_default=0)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('webhook', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='logs', to='webhooks.integrationwebhook')),
            ],
            options={
                'db_table': 'webhook_logs',
                'ordering': ['-created_at', 'id'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('status__isnull', True), ('status__in', ['pending', 'success', 'failed']), _connector='OR'), name='webhook_logs_status'),
                    models.CheckConstraint(condition=models.Q(models.Q(('response_status__isnull', True), ('response_status__range', (100, 599)), _connector='OR'), models.Q(('response_time_ms__isnull', True), ('response_time_ms__gte', 0), _connector='OR'), ('retry_count__gte', 0)), name='webhook_logs_values'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'webhook', '-created_at'], name='webhook_logs_webhook'),
                    models.Index(fields=['clinic', '-created_at'], name='webhook_logs_recent'),
                ],
            },
        ),
    ]
