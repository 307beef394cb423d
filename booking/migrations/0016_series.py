"""Visits that repeat."""

import clinic.fields
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
        ('booking', '0015_absence_rules'),
        ('clinic', '0007_availability'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        in_schema('clinic'),
        migrations.CreateModel(
            name='AppointmentSeries',
            fields=[
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('appointment_type', clinic.fields.PgEnumField(choices=[('consultation', 'Consultation'), ('follow-up', 'Follow-up'), ('vaccination', 'Vaccination'), ('screening', 'Screening')], db_default='consultation', max_length=32, type_name='appointment_type')),
                ('visit_reason', models.TextField(blank=True, db_default='')),
                ('every_weeks', models.IntegerField(db_default=1, verbose_name='every (weeks)')),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None)),
                ('starts_on', models.DateField(verbose_name='from')),
                ('wall_time', models.TimeField(verbose_name='at')),
                ('occurrences', models.IntegerField(blank=True, null=True, verbose_name='times')),
                ('until', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('created_by', models.ForeignKey(blank=True, db_column='created_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('doctor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.doctor')),
                ('patient', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.patient')),
            ],
            options={
                'verbose_name': 'series',
                'verbose_name_plural': 'series',
                'db_table': 'appointment_series',
                'ordering': ['-created_at', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'id', 'patient'), name='appointment_series_clinic_id'),
                    models.CheckConstraint(condition=models.Q(('every_weeks__isnull', True), ('every_weeks__range', (1, 52)), _connector='OR'), name='appointment_series_every_weeks'),
                    models.CheckConstraint(condition=models.Q(('occurrences__isnull', True), ('occurrences__range', (1, 100)), _connector='OR'), name='appointment_series_occurrences'),
                    models.CheckConstraint(condition=models.Q(models.Q(('occurrences__isnull', True), ('until__isnull', False)), models.Q(('occurrences__isnull', False), ('until__isnull', True)), _connector='OR'), name='appointment_series_end'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'patient', 'created_at'], name='appointment_series_of'),
                    models.Index(fields=['clinic', 'doctor'], name='appointment_series_doctor'),
                    models.Index(fields=['clinic', 'created_at', 'id'], name='appointment_series_recent'),
                ],
            },
        ),
        migrations.AddField(
            model_name='appointment',
            name='series',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='booking.appointmentseries'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.UniqueConstraint(condition=models.Q(('series__isnull', False)), fields=('clinic', 'series', 'patient', 'series_position'), name='appointments_series_position'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('series__isnull', True), ('series_position__isnull', True)), models.Q(('series__isnull', False), ('series_position__gt', 0), ('series_position__isnull', False)), _connector='OR'), name='appointments_series'),
        ),
    ]
