"""A doctor is away: absences, their visits, and who did what with them."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models

from config.sqlfiles import in_schema


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0013_waiting_list_rules'),
        ('clinic', '0007_availability'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        in_schema('clinic'),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('reason', models.TextField(choices=[('sick', 'Ill'), ('family', 'Family matter'), ('training', 'Training'), ('other', 'Another reason')])),
                ('note', models.CharField(blank=True, db_default='', max_length=500)),
                ('leave_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), db_default=[], editable=False, size=None)),
                ('version', models.IntegerField(db_default=1, editable=False)),
                ('undo_until', models.DateTimeField(editable=False, null=True)),
                ('undone_at', models.DateTimeField(editable=False, null=True)),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('doctor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='absences', to='clinic.doctor')),
                ('reported_by', models.ForeignKey(blank=True, db_column='reported_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undone_by', models.ForeignKey(blank=True, db_column='undone_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'absences',
                'ordering': ['-starts_at', 'doctor'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'id'), name='absences_clinic_id'),
                    models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='absences_times'),
                    models.CheckConstraint(condition=models.Q(models.Q(('undone_at__isnull', True), ('undone_by__isnull', True)), models.Q(('undone_at__isnull', False), ('undone_by__isnull', False)), _connector='OR'), name='absences_undone'),
                    models.CheckConstraint(condition=models.Q(('reason__isnull', True), ('reason__in', ['sick', 'family', 'training', 'other']), _connector='OR'), name='absences_reason'),
                    django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('undone_at__isnull', True)), expressions=[('clinic', '='), ('doctor', '='), (models.Func('starts_at', 'ends_at', function='tstzrange'), '&&')], name='absences_overlap'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'doctor', 'starts_at'], name='absences_doctor'),
                    models.Index(fields=['clinic', 'ends_at'], name='absences_ends'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AbsenceRow',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.TextField(choices=[('open', 'To be decided'), ('asked', 'Asked'), ('covered', 'Covered'), ('moved', 'Moved'), ('cancelled', 'Cancelled')], db_default='open')),
                ('choice', models.TextField(blank=True, choices=[('cover', 'Cover'), ('move', 'Move'), ('ask', 'Ask'), ('cancel', 'Cancel'), ('later', 'Leave for now')], null=True)),
                ('from_starts_at', models.DateTimeField()),
                ('version', models.IntegerField(editable=False, null=True)),
                ('held_until', models.DateTimeField(editable=False, null=True)),
                ('notice_id', models.UUIDField(editable=False, null=True)),
                ('code', models.TextField(blank=True, db_default='')),
                ('handled_at', models.DateTimeField(editable=False, null=True)),
                ('absence', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='booking.absence')),
                ('appointment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointment')),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('handled_by', models.ForeignKey(blank=True, db_column='handled_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('slot', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointmentslot')),
            ],
            options={
                'db_table': 'absence_rows',
                'ordering': ['from_starts_at', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'absence', 'appointment'), name='absence_rows_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'asked'), _negated=True), models.Q(('held_until__isnull', False), ('slot__isnull', False)), _connector='OR'), name='absence_rows_asked'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['covered', 'moved', 'cancelled']), _negated=True), ('version__isnull', False), _connector='OR'), name='absence_rows_done'),
                    models.CheckConstraint(condition=models.Q(('state__isnull', True), ('state__in', ['open', 'asked', 'covered', 'moved', 'cancelled']), _connector='OR'), name='absence_rows_state'),
                    models.CheckConstraint(condition=models.Q(('choice__isnull', True), ('choice__in', ['cover', 'move', 'ask', 'cancel', 'later']), _connector='OR'), name='absence_rows_choice'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'appointment'], name='absence_rows_visit'),
                    models.Index(condition=models.Q(('slot__isnull', False)), fields=['clinic', 'slot'], name='absence_rows_slot'),
                    models.Index(condition=models.Q(('notice_id__isnull', False)), fields=['clinic', 'notice_id'], name='absence_rows_notice'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AbsenceRun',
            fields=[
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('action', models.TextField(choices=[('start', 'Recorded'), ('save', 'Saved for later'), ('apply', 'Applied'), ('answer', 'Answer of a patient'), ('undo', 'Taken back')])),
                ('idempotency_key', models.TextField()),
                ('request_hash', models.BinaryField()),
                ('answer', models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ('messages_due_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('absence', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='booking.absence')),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('done_by', models.ForeignKey(blank=True, db_column='done_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'absence_runs',
                'ordering': ['created_at', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'done_by', 'idempotency_key'), name='absence_runs_key'),
                    models.CheckConstraint(condition=models.Q(('action__isnull', True), ('action__in', ['start', 'save', 'apply', 'answer', 'undo']), _connector='OR'), name='absence_runs_action'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'absence', 'created_at'], name='absence_runs_absence'),
                ],
            },
        ),
    ]
