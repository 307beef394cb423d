"""The queue, video visits and leads."""

import clinic.fields
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import phonenumber_field.modelfields
import uuid
from django.db import migrations, models

from config.sqlfiles import in_schema


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0002_rules'),
        ('clinic', '0003_policies'),
    ]

    operations = [
        in_schema('clinic'),
        migrations.CreateModel(
            name='PublicBookingRequest',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.TextField()),
                ('phone', phonenumber_field.modelfields.PhoneNumberField(max_length=128, region=None)),
                ('contact_preference', models.TextField(choices=[('whatsapp', 'WhatsApp'), ('call', 'Call'), ('either', 'Either')], verbose_name='reach by')),
                ('preferred_time_text', models.TextField(verbose_name='preferred time')),
                ('reason', models.TextField()),
                ('source', models.TextField(db_default='web')),
                ('status', models.TextField(choices=[('new', 'New'), ('contacted', 'Contacted'), ('confirmed', 'Confirmed'), ('cancelled', 'Cancelled')], db_default='new')),
                ('idempotency_key', models.TextField(editable=False, null=True)),
                ('appointment', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointment')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
            ],
            options={
                'verbose_name': 'request from the web',
                'verbose_name_plural': 'requests from the web',
                'db_table': 'public_booking_requests',
                'ordering': ['-created_at', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'idempotency_key', 'phone'), name='public_booking_requests_key'),
                    models.CheckConstraint(condition=models.Q(('contact_preference__isnull', True), ('contact_preference__in', ['whatsapp', 'call', 'either']), _connector='OR'), name='public_booking_requests_contact_preference'),
                    models.CheckConstraint(condition=models.Q(('status__isnull', True), ('status__in', ['new', 'contacted', 'confirmed', 'cancelled']), _connector='OR'), name='public_booking_requests_status'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'status', '-created_at'], name='public_booking_requests_new'),
                    models.Index(fields=['clinic', 'phone'], name='public_booking_requests_phone'),
                    models.Index(fields=['clinic', 'appointment'], name='public_booking_requests_visit'),
                    models.Index(fields=['clinic', 'created_at', 'id'], name='public_booking_requests_recent'),
                ],
            },
        ),
        migrations.CreateModel(
            name='QueueEntry',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('queue_date', models.DateField(verbose_name='day')),
                ('ticket_number', models.CharField(max_length=10, verbose_name='ticket')),
                ('status', clinic.fields.PgEnumField(choices=[('waiting', 'Waiting'), ('called', 'Called'), ('serving', 'Serving'), ('completed', 'Completed'), ('cancelled', 'Cancelled')], db_default='waiting', max_length=32, type_name='queue_status')),
                ('priority', models.IntegerField(db_default=5, help_text='1 is most urgent')),
                ('arrived_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('called_at', models.DateTimeField(blank=True, null=True)),
                ('served_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('appointment', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointment')),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('doctor', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.doctor')),
                ('patient', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.patient')),
            ],
            options={
                'verbose_name_plural': 'queue entries',
                'db_table': 'queue_entries',
                'ordering': ['queue_date', 'priority', 'arrived_at'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'queue_date', 'ticket_number'), name='queue_entries_ticket'),
                    models.UniqueConstraint(condition=models.Q(('status__in', ['waiting', 'called', 'serving'])), fields=('clinic', 'appointment'), name='queue_entries_open'),
                    models.CheckConstraint(condition=models.Q(('priority__range', (1, 10))), name='queue_entries_priority'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'patient'], name='queue_entries_patient'),
                    models.Index(fields=['clinic', 'appointment'], name='queue_entries_appointment'),
                    models.Index(fields=['clinic', 'doctor', 'queue_date'], name='queue_entries_doctor'),
                ],
            },
        ),
        migrations.CreateModel(
            name='QueueManagement',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('queue_date', models.DateField(verbose_name='day')),
                ('current_number', models.CharField(blank=True, db_default='', max_length=10, verbose_name='being served')),
                ('last_called_number', models.CharField(blank=True, db_default='', max_length=10, verbose_name='last called')),
                ('total_waiting', models.IntegerField(db_default=0, verbose_name='waiting')),
                ('average_wait_time_minutes', models.IntegerField(blank=True, null=True, verbose_name='average wait (minutes)')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
            ],
            options={
                'verbose_name': 'queue of a day',
                'verbose_name_plural': 'queues by day',
                'db_table': 'queue_management',
                'ordering': ['-queue_date'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'queue_date'), name='queue_management_day'),
                    models.CheckConstraint(condition=models.Q(('total_waiting__gte', 0)), name='queue_management_total'),
                ],
            },
        ),
        migrations.CreateModel(
            name='TelemedicineSession',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('session_token_hash', models.CharField(editable=False, max_length=64)),
                ('room_url', models.TextField(blank=True, db_default='', verbose_name='room (link)')),
                ('room_name', models.CharField(blank=True, db_default='', max_length=100, verbose_name='room')),
                ('status', models.TextField(choices=[('scheduled', 'Scheduled'), ('waiting', 'Waiting'), ('in_progress', 'In progress'), ('completed', 'Completed'), ('cancelled', 'Cancelled')], db_default='scheduled')),
                ('scheduled_start', models.DateTimeField()),
                ('scheduled_end', models.DateTimeField()),
                ('actual_start', models.DateTimeField(blank=True, null=True)),
                ('actual_end', models.DateTimeField(blank=True, null=True)),
                ('duration_minutes', models.IntegerField(blank=True, null=True, verbose_name='minutes')),
                ('patient_joined_at', models.DateTimeField(blank=True, null=True)),
                ('patient_left_at', models.DateTimeField(blank=True, null=True)),
                ('doctor_joined_at', models.DateTimeField(blank=True, null=True)),
                ('doctor_left_at', models.DateTimeField(blank=True, null=True)),
                ('connection_drops', models.IntegerField(db_default=0)),
                ('recording_enabled', models.BooleanField(db_default=False, verbose_name='recorded')),
                ('recording_url', models.TextField(blank=True, db_default='', verbose_name='recording (link)')),
                ('patient_rating', models.IntegerField(blank=True, null=True)),
                ('patient_feedback', models.TextField(blank=True, db_default='')),
                ('doctor_notes', models.TextField(blank=True, db_default='')),
                ('technical_issues', models.TextField(blank=True, db_default='')),
                ('appointment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointment')),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('doctor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.doctor')),
                ('patient', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.patient')),
            ],
            options={
                'verbose_name': 'video visit',
                'db_table': 'telemedicine_sessions',
                'ordering': ['-scheduled_start', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'appointment'), name='telemedicine_sessions_appointment'),
                    models.UniqueConstraint(fields=('clinic', 'session_token_hash'), name='telemedicine_sessions_token'),
                    models.CheckConstraint(condition=models.Q(('status__isnull', True), ('status__in', ['scheduled', 'waiting', 'in_progress', 'completed', 'cancelled']), _connector='OR'), name='telemedicine_sessions_status'),
                    models.CheckConstraint(condition=models.Q(('connection_drops__gte', 0), ('scheduled_end__gt', models.F('scheduled_start')), models.Q(('patient_rating__isnull', True), ('patient_rating__range', (1, 5)), _connector='OR')), name='telemedicine_sessions_values'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'patient', '-scheduled_start'], name='telemedicine_patient'),
                    models.Index(fields=['clinic', 'doctor', '-scheduled_start'], name='telemedicine_doctor'),
                    models.Index(fields=['clinic', 'scheduled_start', 'id'], name='telemedicine_recent'),
                ],
            },
        ),
    ]
