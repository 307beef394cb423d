"""What happened to appointments."""

import clinic.fields
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models

from config.sqlfiles import in_schema


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0005_views'),
        ('clinic', '0005_record_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        in_schema('clinic'),
        migrations.CreateModel(
            name='AppointmentTransition',
            fields=[
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('action', models.TextField(choices=[('confirm', 'Confirmed'), ('check_in', 'Checked in'), ('start', 'Moved to room'), ('finish', 'Finished'), ('no_show', 'Did not attend'), ('leave', 'Left without being seen'), ('cancel', 'Cancelled'), ('reschedule', 'Moved'), ('undo', 'Undone')])),
                ('from_status', clinic.fields.PgEnumField(choices=[('scheduled', 'Booked'), ('confirmed', 'Confirmed'), ('in_progress', 'In room'), ('completed', 'Completed'), ('cancelled', 'Cancelled'), ('no_show', 'Did not attend'), ('rescheduled', 'Rescheduled')], max_length=32, type_name='appointment_status')),
                ('to_status', clinic.fields.PgEnumField(choices=[('scheduled', 'Booked'), ('confirmed', 'Confirmed'), ('in_progress', 'In room'), ('completed', 'Completed'), ('cancelled', 'Cancelled'), ('no_show', 'Did not attend'), ('rescheduled', 'Rescheduled')], max_length=32, type_name='appointment_status')),
                ('version', models.IntegerField(help_text='Of the appointment, after the change')),
                ('from_starts_at', models.DateTimeField()),
                ('to_starts_at', models.DateTimeField()),
                ('initiator', models.TextField(choices=[('patient', 'Patient'), ('clinic', 'Clinic')])),
                ('channel', models.TextField(choices=[('desk', 'Front desk'), ('portal', 'Patient'), ('job', 'Job')])),
                ('reason', models.TextField(blank=True, db_default='')),
                ('actor_role', models.TextField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('appointment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='transitions', to='booking.appointment')),
                ('changed_by', models.ForeignKey(blank=True, db_column='changed_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('from_slot', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointmentslot')),
                ('to_slot', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointmentslot')),
                ('notice_id', models.UUIDField(editable=False, null=True)),
                ('from_overbooked_reason', models.TextField(blank=True, db_default='')),
                ('from_overlap_reason', models.TextField(blank=True, db_default='')),
            ],
            options={
                'db_table': 'appointment_transitions',
                'ordering': ['created_at', 'version'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'appointment', 'version'), name='appointment_transitions_version'),
                    models.CheckConstraint(condition=models.Q(('action__isnull', True), ('action__in', ['confirm', 'check_in', 'start', 'finish', 'no_show', 'leave', 'cancel', 'reschedule', 'undo']), _connector='OR'), name='appointment_transitions_action'),
                    models.CheckConstraint(condition=models.Q(('initiator__isnull', True), ('initiator__in', ['patient', 'clinic']), _connector='OR'), name='appointment_transitions_initiator'),
                    models.CheckConstraint(condition=models.Q(('channel__isnull', True), ('channel__in', ['desk', 'portal', 'job']), _connector='OR'), name='appointment_transitions_channel'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'from_slot'], name='appointment_transitions_from'),
                    models.Index(fields=['clinic', 'to_slot'], name='appointment_transitions_to'),
                    models.Index(condition=models.Q(('notice_id__isnull', False)), fields=['clinic', 'notice_id'], name='appointment_transitions_notice'),
                ],
            },
        ),
    ]
