"""Services, who gives them, what they need, and the time that all of it takes."""

import clinic.fields
import django.contrib.postgres.constraints
import django.contrib.postgres.functions
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.db import migrations, models

from config.sqlfiles import in_schema


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0009_availability'),
        ('clinic', '0007_availability'),
    ]

    operations = [
        in_schema('clinic'),
        migrations.CreateModel(
            name='ResourcePool',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(help_text='One of them, such as: Ultrasound room', max_length=100)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
            ],
            options={
                'db_table': 'resource_pools',
                'ordering': ['name', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'id'), name='resource_pools_clinic_id'),
                    models.UniqueConstraint(fields=('clinic', 'name'), name='resource_pools_clinic_name'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Resource',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('kind', models.TextField(choices=[('room', 'Room'), ('equipment', 'Equipment')], db_default='room')),
                ('is_active', models.BooleanField(db_default=True, verbose_name='active')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('pool', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='resources', to='booking.resourcepool')),
            ],
            options={
                'verbose_name': 'room or equipment',
                'verbose_name_plural': 'rooms and equipment',
                'db_table': 'resources',
                'ordering': ['name', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'id'), name='resources_clinic_id'),
                    models.UniqueConstraint(fields=('clinic', 'name'), name='resources_clinic_name'),
                    models.CheckConstraint(condition=models.Q(('kind__isnull', True), ('kind__in', ['room', 'equipment']), _connector='OR'), name='resources_kind'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'pool'], name='resources_pool'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AppointmentResource',
            fields=[
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('busy_from', models.DateTimeField()),
                ('busy_to', models.DateTimeField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('appointment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='resources', to='booking.appointment')),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('resource', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.resource')),
            ],
            options={
                'db_table': 'appointment_resources',
                'ordering': ['busy_from', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'appointment', 'resource'), name='appointment_resources_once'),
                    django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('clinic', '='), ('resource', '='), (models.Func('busy_from', 'busy_to', function='tstzrange'), '&&')], name='appointment_resources_overlap'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'resource', 'busy_from'], name='appointment_resources_busy'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Service',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('code', models.CharField(help_text='Small letters, digits and hyphens', max_length=40, validators=[django.core.validators.RegexValidator('^[a-z0-9][a-z0-9-]*$')])),
                ('appointment_type', clinic.fields.PgEnumField(choices=[('consultation', 'Consultation'), ('follow-up', 'Follow-up'), ('vaccination', 'Vaccination'), ('screening', 'Screening')], db_default='consultation', max_length=32, type_name='appointment_type')),
                ('duration_minutes', models.SmallIntegerField(verbose_name='length in minutes')),
                ('buffer_before_minutes', models.SmallIntegerField(db_default=0, verbose_name='minutes kept free before')),
                ('buffer_after_minutes', models.SmallIntegerField(db_default=0, verbose_name='minutes kept free after')),
                ('online_bookable', models.BooleanField(db_default=False, help_text='Patients may book it themselves')),
                ('is_active', models.BooleanField(db_default=True, verbose_name='active')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
            ],
            options={
                'db_table': 'services',
                'ordering': ['name', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'id'), name='services_clinic_id'),
                    models.UniqueConstraint(fields=('clinic', 'code'), name='services_clinic_code'),
                    models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z0-9][a-z0-9-]*$')), name='services_code'),
                    models.CheckConstraint(condition=models.Q(('duration_minutes__isnull', True), ('duration_minutes__range', (5, 480)), _connector='OR'), name='services_duration_minutes'),
                    models.CheckConstraint(condition=models.Q(('buffer_before_minutes__isnull', True), ('buffer_before_minutes__range', (0, 120)), _connector='OR'), name='services_buffer_before_minutes'),
                    models.CheckConstraint(condition=models.Q(('buffer_after_minutes__isnull', True), ('buffer_after_minutes__range', (0, 120)), _connector='OR'), name='services_buffer_after_minutes'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ServiceDoctor',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('duration_minutes', models.SmallIntegerField(blank=True, null=True, verbose_name='length in minutes')),
                ('buffer_before_minutes', models.SmallIntegerField(blank=True, null=True, verbose_name='free before')),
                ('buffer_after_minutes', models.SmallIntegerField(blank=True, null=True, verbose_name='free after')),
                ('is_active', models.BooleanField(db_default=True, verbose_name='active')),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('doctor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.doctor')),
                ('service', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='givers', to='booking.service')),
            ],
            options={
                'verbose_name': 'doctor',
                'verbose_name_plural': 'doctors who give it',
                'db_table': 'service_doctors',
                'ordering': ['service', 'doctor'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'doctor', 'service'), name='service_doctors_once'),
                    models.CheckConstraint(condition=models.Q(('duration_minutes__isnull', True), ('duration_minutes__range', (5, 480)), _connector='OR'), name='service_doctors_duration_minutes'),
                    models.CheckConstraint(condition=models.Q(('buffer_before_minutes__isnull', True), ('buffer_before_minutes__range', (0, 120)), _connector='OR'), name='service_doctors_buffer_before_minutes'),
                    models.CheckConstraint(condition=models.Q(('buffer_after_minutes__isnull', True), ('buffer_after_minutes__range', (0, 120)), _connector='OR'), name='service_doctors_buffer_after_minutes'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'service'], name='service_doctors_service'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ServiceNeed',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('is_active', models.BooleanField(db_default=True, verbose_name='active')),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('pool', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.resourcepool', verbose_name='or any')),
                ('resource', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.resource', verbose_name='this one')),
                ('service', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='needs', to='booking.service')),
            ],
            options={
                'verbose_name': 'need',
                'verbose_name_plural': 'needs',
                'db_table': 'service_needs',
                'ordering': ['service', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'service', 'resource'), name='service_needs_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('pool__isnull', False), ('resource__isnull', True)), models.Q(('pool__isnull', True), ('resource__isnull', False)), _connector='OR'), name='service_needs_one'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'resource'], name='service_needs_resource'),
                    models.Index(fields=['clinic', 'pool'], name='service_needs_pool'),
                ],
            },
        ),
        migrations.AddField(
            model_name='appointment',
            name='service',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.service'),
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(condition=models.Q(('service__isnull', False)), fields=['clinic', 'service'], name='appointments_service'),
        ),
    ]
