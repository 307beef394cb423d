"""Messages to people."""

import clinic.fields
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models

from config.sqlfiles import in_schema


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('clinic', '0004_records'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        in_schema('clinic'),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('type', models.CharField(max_length=50)),
                ('channel', clinic.fields.PgEnumField(choices=[('email', 'E-mail'), ('sms', 'SMS'), ('whatsapp', 'WhatsApp'), ('push', 'Push'), ('in_app', 'In the app')], max_length=32, type_name='notification_channel')),
                ('recipient', models.CharField(max_length=255)),
                ('subject', models.CharField(blank=True, db_default='', max_length=255)),
                ('message', models.TextField()),
                ('template_id', models.CharField(blank=True, db_default='', max_length=100, verbose_name='template')),
                ('template_variables', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict)),
                ('status', models.TextField(choices=[('pending', 'Pending'), ('sent', 'Sent'), ('delivered', 'Delivered'), ('failed', 'Failed'), ('bounced', 'Bounced'), ('withdrawn', 'Withdrawn before it was sent')], db_default='pending')),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('failure_reason', models.TextField(blank=True, db_default='')),
                ('retry_count', models.IntegerField(db_default=0, verbose_name='tries')),
                ('priority', models.IntegerField(db_default=5)),
                ('scheduled_for', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('metadata', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('user', models.ForeignKey(blank=True, db_column='user_id', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'notifications',
                'ordering': ['-created_at', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'id'), name='notifications_clinic_id'),
                    models.CheckConstraint(condition=models.Q(('status__isnull', True), ('status__in', ['pending', 'sent', 'delivered', 'failed', 'bounced', 'withdrawn']), _connector='OR'), name='notifications_status'),
                    models.CheckConstraint(condition=models.Q(('priority__gte', 1), ('priority__lte', 10), ('retry_count__gte', 0)), name='notifications_values'),
                    models.CheckConstraint(condition=models.Q(('expires_at__isnull', True), ('scheduled_for__isnull', True), ('expires_at__gt', models.F('scheduled_for')), _connector='OR'), name='notifications_times'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'user', 'channel'], name='notifications_user'),
                    models.Index(fields=['clinic', '-created_at'], name='notifications_recent'),
                    models.Index(condition=models.Q(('status', 'pending')), fields=['scheduled_for'], name='notifications_due'),
                    models.Index(fields=['clinic', 'recipient'], name='notifications_recipient'),
                ],
            },
        ),
        migrations.CreateModel(
            name='EmailMessage',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('provider_message_id', models.CharField(blank=True, db_default='', max_length=255, verbose_name="provider's reference")),
                ('status', models.TextField(choices=[('pending', 'Pending'), ('sent', 'Sent'), ('delivered', 'Delivered'), ('failed', 'Failed'), ('bounced', 'Bounced'), ('withdrawn', 'Withdrawn before it was sent')], db_default='pending')),
                ('to_email', models.CharField(max_length=255, verbose_name='to')),
                ('cc_emails', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, verbose_name='copies to')),
                ('bcc_emails', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, verbose_name='blind copies to')),
                ('from_email', models.CharField(blank=True, db_default='', max_length=255, verbose_name='from')),
                ('reply_to_email', models.CharField(blank=True, db_default='', max_length=255, verbose_name='replies to')),
                ('subject', models.CharField(max_length=500)),
                ('html_body', models.TextField(blank=True, db_default='', verbose_name='HTML')),
                ('text_body', models.TextField(blank=True, db_default='', verbose_name='text')),
                ('attachments', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list)),
                ('provider', models.CharField(blank=True, db_default='', max_length=50)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('clicked_at', models.DateTimeField(blank=True, null=True)),
                ('bounced_at', models.DateTimeField(blank=True, null=True)),
                ('bounce_type', models.CharField(blank=True, db_default='', max_length=50)),
                ('bounce_reason', models.TextField(blank=True, db_default='')),
                ('spam_reported_at', models.DateTimeField(blank=True, null=True)),
                ('unsubscribed_at', models.DateTimeField(blank=True, null=True)),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('notification', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='emails', to='messaging.notification')),
            ],
            options={
                'verbose_name': 'email',
                'db_table': 'email_messages',
                'ordering': ['-created_at', 'id'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('status__isnull', True), ('status__in', ['pending', 'sent', 'delivered', 'failed', 'bounced', 'withdrawn']), _connector='OR'), name='email_messages_status'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'notification'], name='email_notification'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SmsMessage',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('provider_message_id', models.CharField(blank=True, db_default='', max_length=255, verbose_name="provider's reference")),
                ('status', models.TextField(choices=[('pending', 'Pending'), ('sent', 'Sent'), ('delivered', 'Delivered'), ('failed', 'Failed'), ('bounced', 'Bounced'), ('withdrawn', 'Withdrawn before it was sent')], db_default='pending')),
                ('to_number', models.CharField(max_length=20, verbose_name='to')),
                ('from_number', models.CharField(blank=True, db_default='', max_length=20, verbose_name='from')),
                ('message', models.TextField()),
                ('provider', models.CharField(blank=True, db_default='', max_length=50)),
                ('delivery_status', models.CharField(blank=True, db_default='', max_length=50)),
                ('error_code', models.CharField(blank=True, db_default='', max_length=50)),
                ('error_message', models.TextField(blank=True, db_default='')),
                ('segments', models.IntegerField(blank=True, null=True)),
                ('price_per_segment', models.DecimalField(blank=True, decimal_places=4, max_digits=10, null=True)),
                ('total_cost', models.DecimalField(blank=True, decimal_places=4, max_digits=10, null=True)),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('notification', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='sms', to='messaging.notification')),
            ],
            options={
                'verbose_name': 'text message',
                'db_table': 'sms_messages',
                'ordering': ['-created_at', 'id'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('status__isnull', True), ('status__in', ['pending', 'sent', 'delivered', 'failed', 'bounced', 'withdrawn']), _connector='OR'), name='sms_messages_status'),
                    models.CheckConstraint(condition=models.Q(models.Q(('segments__isnull', True), ('segments__gt', 0), _connector='OR'), models.Q(('total_cost__isnull', True), ('total_cost__gte', 0), _connector='OR')), name='sms_messages_values'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'notification'], name='sms_messages_notification'),
                ],
            },
        ),
        migrations.CreateModel(
            name='WhatsappMessage',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('provider_message_id', models.CharField(blank=True, db_default='', max_length=255, verbose_name="provider's reference")),
                ('status', models.TextField(choices=[('pending', 'Pending'), ('sent', 'Sent'), ('delivered', 'Delivered'), ('failed', 'Failed'), ('bounced', 'Bounced'), ('withdrawn', 'Withdrawn before it was sent')], db_default='pending')),
                ('to_number', models.CharField(max_length=20, verbose_name='to')),
                ('from_number', models.CharField(blank=True, db_default='', max_length=20, verbose_name='from')),
                ('message_type', models.CharField(blank=True, db_default='', max_length=50)),
                ('text_body', models.TextField(blank=True, db_default='', verbose_name='text')),
                ('template_name', models.CharField(blank=True, db_default='', max_length=100)),
                ('template_language', models.CharField(blank=True, db_default='', max_length=10)),
                ('template_parameters', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict)),
                ('media_url', models.TextField(blank=True, db_default='', verbose_name='media (link)')),
                ('media_type', models.CharField(blank=True, db_default='', max_length=50)),
                ('conversation_id', models.CharField(blank=True, db_default='', max_length=255)),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('error_code', models.CharField(blank=True, db_default='', max_length=50)),
                ('error_message', models.TextField(blank=True, db_default='')),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('notification', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='whatsapp', to='messaging.notification')),
            ],
            options={
                'verbose_name': 'WhatsApp message',
                'db_table': 'whatsapp_messages',
                'ordering': ['-created_at', 'id'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('status__isnull', True), ('status__in', ['pending', 'sent', 'delivered', 'failed', 'bounced', 'withdrawn']), _connector='OR'), name='whatsapp_messages_status'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'notification'], name='whatsapp_notification'),
                ],
            },
        ),
    ]
