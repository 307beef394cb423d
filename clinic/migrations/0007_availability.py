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
        migrations.RemoveConstraint(
            model_name='workinghours',
            name='doctor_working_hours_times',
        ),
        migrations.AddField(
            model_name='doctor',
            name='buffer_before_minutes',
            field=models.IntegerField(db_default=0, verbose_name='minutes kept free before a visit'),
        ),
        migrations.AddField(
            model_name='doctor',
            name='lead_time_minutes',
            field=models.IntegerField(db_default=0, help_text='Patients book no later than so many minutes ahead'),
        ),
        migrations.AddField(
            model_name='workinghours',
            name='deleted_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='workinghours',
            name='every_weeks',
            field=models.SmallIntegerField(db_default=1, help_text='1 is every week, 2 every other week, up to 4'),
        ),
        migrations.AddField(
            model_name='workinghours',
            name='week_of',
            field=models.DateField(blank=True, help_text='A day in a week that is worked; needed unless every week is', null=True, verbose_name='counted from the week of'),
        ),
        migrations.AlterField(
            model_name='doctor',
            name='advance_booking_days',
            field=models.IntegerField(db_default=30, help_text='Patients book no earlier than so many days ahead'),
        ),
        migrations.AlterField(
            model_name='doctor',
            name='buffer_time_minutes',
            field=models.IntegerField(db_default=0, verbose_name='minutes kept free after a visit'),
        ),
        migrations.AlterField(
            model_name='workinghours',
            name='ends',
            field=models.TimeField(help_text='At or before the start means on the next day'),
        ),
        migrations.AddConstraint(
            model_name='doctor',
            constraint=models.CheckConstraint(condition=models.Q(('buffer_before_minutes__gte', 0), ('buffer_before_minutes__lte', 240), ('lead_time_minutes__gte', 0), ('lead_time_minutes__lte', 43200)), name='doctors_online_limits'),
        ),
        migrations.AddConstraint(
            model_name='workinghours',
            constraint=models.CheckConstraint(condition=models.Q(('ends', models.F('starts')), _negated=True), name='doctor_working_hours_times'),
        ),
        migrations.AddConstraint(
            model_name='workinghours',
            constraint=models.CheckConstraint(condition=models.Q(('every_weeks', 1), models.Q(('every_weeks__in', [2, 3, 4]), ('week_of__isnull', False)), _connector='OR'), name='doctor_working_hours_weeks'),
        ),
        *load(
            "clinic/constraints/availability",
            "clinic/policies/doctor_working_hours",
            "clinic/policies/extra_sessions",
            "clinic/policies/holidays",
            "clinic/triggers/updated_at_availability",
        ),
    ]
