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
        ('clinic', '0009_overbooking'),
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
            ],
            options={
                'db_table': 'absences',
                'ordering': ['-starts_at', 'doctor'],
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
            ],
            options={
                'db_table': 'absence_rows',
                'ordering': ['from_starts_at', 'id'],
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
            ],
            options={
                'db_table': 'absence_runs',
                'ordering': ['created_at', 'id'],
            },
        ),
        migrations.AddField(
            model_name='appointmenttransition',
            name='notice_id',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name='appointmenttransition',
            index=models.Index(condition=models.Q(('notice_id__isnull', False)), fields=['clinic', 'notice_id'], name='appointment_transitions_notice'),
        ),
        migrations.AddField(
            model_name='absence',
            name='clinic',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic'),
        ),
        migrations.AddField(
            model_name='absence',
            name='doctor',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='absences', to='clinic.doctor'),
        ),
        migrations.AddField(
            model_name='absence',
            name='reported_by',
            field=models.ForeignKey(blank=True, db_column='reported_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='absence',
            name='undone_by',
            field=models.ForeignKey(blank=True, db_column='undone_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='absencerow',
            name='absence',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='booking.absence'),
        ),
        migrations.AddField(
            model_name='absencerow',
            name='appointment',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointment'),
        ),
        migrations.AddField(
            model_name='absencerow',
            name='clinic',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic'),
        ),
        migrations.AddField(
            model_name='absencerow',
            name='handled_by',
            field=models.ForeignKey(blank=True, db_column='handled_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='absencerow',
            name='slot',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointmentslot'),
        ),
        migrations.AddField(
            model_name='absencerun',
            name='absence',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='booking.absence'),
        ),
        migrations.AddField(
            model_name='absencerun',
            name='clinic',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic'),
        ),
        migrations.AddField(
            model_name='absencerun',
            name='done_by',
            field=models.ForeignKey(blank=True, db_column='done_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='absence',
            index=models.Index(fields=['clinic', 'doctor', 'starts_at'], name='absences_doctor'),
        ),
        migrations.AddIndex(
            model_name='absence',
            index=models.Index(fields=['clinic', 'ends_at'], name='absences_ends'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.UniqueConstraint(fields=('clinic', 'id'), name='absences_clinic_id'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='absences_times'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undone_at__isnull', True), ('undone_by__isnull', True)), models.Q(('undone_at__isnull', False), ('undone_by__isnull', False)), _connector='OR'), name='absences_undone'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('reason__isnull', True), ('reason__in', ['sick', 'family', 'training', 'other']), _connector='OR'), name='absences_reason'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('undone_at__isnull', True)), expressions=[('clinic', '='), ('doctor', '='), (models.Func('starts_at', 'ends_at', function='tstzrange'), '&&')], name='absences_overlap'),
        ),
        migrations.AddIndex(
            model_name='absencerow',
            index=models.Index(fields=['clinic', 'appointment'], name='absence_rows_visit'),
        ),
        migrations.AddIndex(
            model_name='absencerow',
            index=models.Index(condition=models.Q(('slot__isnull', False)), fields=['clinic', 'slot'], name='absence_rows_slot'),
        ),
        migrations.AddIndex(
            model_name='absencerow',
            index=models.Index(condition=models.Q(('notice_id__isnull', False)), fields=['clinic', 'notice_id'], name='absence_rows_notice'),
        ),
        migrations.AddConstraint(
            model_name='absencerow',
            constraint=models.UniqueConstraint(fields=('clinic', 'absence', 'appointment'), name='absence_rows_once'),
        ),
        migrations.AddConstraint(
            model_name='absencerow',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'asked'), _negated=True), models.Q(('held_until__isnull', False), ('slot__isnull', False)), _connector='OR'), name='absence_rows_asked'),
        ),
        migrations.AddConstraint(
            model_name='absencerow',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['covered', 'moved', 'cancelled']), _negated=True), ('version__isnull', False), _connector='OR'), name='absence_rows_done'),
        ),
        migrations.AddConstraint(
            model_name='absencerow',
            constraint=models.CheckConstraint(condition=models.Q(('state__isnull', True), ('state__in', ['open', 'asked', 'covered', 'moved', 'cancelled']), _connector='OR'), name='absence_rows_state'),
        ),
        migrations.AddConstraint(
            model_name='absencerow',
            constraint=models.CheckConstraint(condition=models.Q(('choice__isnull', True), ('choice__in', ['cover', 'move', 'ask', 'cancel', 'later']), _connector='OR'), name='absence_rows_choice'),
        ),
        migrations.AddIndex(
            model_name='absencerun',
            index=models.Index(fields=['clinic', 'absence', 'created_at'], name='absence_runs_absence'),
        ),
        migrations.AddConstraint(
            model_name='absencerun',
            constraint=models.UniqueConstraint(fields=('clinic', 'done_by', 'idempotency_key'), name='absence_runs_key'),
        ),
        migrations.AddConstraint(
            model_name='absencerun',
            constraint=models.CheckConstraint(condition=models.Q(('action__isnull', True), ('action__in', ['start', 'save', 'apply', 'answer', 'undo']), _connector='OR'), name='absence_runs_action'),
        ),
    ]
