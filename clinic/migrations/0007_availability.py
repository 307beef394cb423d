"""Working time: odd and even weeks, extra sessions, holidays, limits of online booking."""

import django.contrib.postgres.constraints
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.db import migrations, models

from config.sqlfiles import in_schema, load


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0006_encryption'),
    ]

    operations = [
        in_schema('clinic'),
        migrations.CreateModel(
            name='ExtraSession',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('day', models.DateField()),
                ('starts', models.TimeField()),
                ('ends', models.TimeField(help_text='At or before the start means on the next day')),
                ('reason', models.CharField(blank=True, db_default='', max_length=255)),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('doctor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='extra_sessions', to='clinic.doctor')),
            ],
            options={
                'db_table': 'extra_sessions',
                'ordering': ['-day', 'starts'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('ends', models.F('starts')), _negated=True), name='extra_sessions_times'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'doctor', 'day'], name='extra_sessions_doctor'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('first_day', models.DateField()),
                ('last_day', models.DateField()),
                ('name', models.CharField(max_length=255)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
            ],
            options={
                'db_table': 'holidays',
                'ordering': ['-first_day'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='holidays_days'),
                    models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='holidays_name'),
                    django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('deleted_at__isnull', True)), expressions=[('clinic', '='), (models.Func('first_day', 'last_day', models.Value('[]'), function='daterange'), '&&')], name='holidays_overlap'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'first_day'], name='holidays_day'),
                ],
            },
        ),
        *load(
            "clinic/constraints/availability",
            "clinic/policies/doctor_working_hours",
            "clinic/policies/extra_sessions",
            "clinic/policies/holidays",
            "clinic/triggers/updated_at_availability",
        ),
    ]
