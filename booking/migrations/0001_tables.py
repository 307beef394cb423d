import clinic.fields
import django.contrib.postgres.constraints
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Least
from django.db.models.lookups import GreaterThanOrEqual

from config.sqlfiles import in_schema


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('clinic', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        in_schema('clinic'),
        migrations.CreateModel(
            name='BookingRequest',
            fields=[
                ('pk', models.CompositePrimaryKey('clinic_id', 'user_id', 'operation', 'idempotency_key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('user_id', models.UUIDField()),
                ('operation', models.TextField()),
                ('idempotency_key', models.TextField()),
                ('request_hash', models.BinaryField()),
                ('slot_id', models.UUIDField(null=True)),
                ('patient_id', models.UUIDField(null=True)),
                ('appointment_id', models.UUIDField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'booking_requests',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('appointment_number', models.CharField(editable=False, max_length=50)),
                ('appointment_date', models.DateField()),
                ('appointment_time', models.TimeField()),
                ('duration_minutes', models.IntegerField(db_default=15)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('appointment_type', clinic.fields.PgEnumField(choices=[('consultation', 'Consultation'), ('follow-up', 'Follow-up'), ('vaccination', 'Vaccination'), ('screening', 'Screening')], db_default='consultation', max_length=32, type_name='appointment_type')),
                ('visit_reason', models.TextField(blank=True, db_default='')),
                ('status', clinic.fields.PgEnumField(choices=[('scheduled', 'Booked'), ('confirmed', 'Confirmed'), ('in_progress', 'In room'), ('completed', 'Completed'), ('cancelled', 'Cancelled'), ('no_show', 'Did not attend'), ('rescheduled', 'Rescheduled')], db_default='scheduled', max_length=32, type_name='appointment_status')),
                ('version', models.IntegerField(db_default=1, editable=False)),
                ('queue_number', models.CharField(blank=True, db_default='', max_length=10)),
                ('queue_status', clinic.fields.PgEnumField(blank=True, choices=[('waiting', 'Waiting'), ('called', 'Called'), ('serving', 'Serving'), ('completed', 'Completed'), ('cancelled', 'Cancelled')], max_length=32, null=True, type_name='queue_status')),
                ('checked_in_at', models.DateTimeField(blank=True, null=True)),
                ('called_at', models.DateTimeField(blank=True, null=True)),
                ('consultation_start_at', models.DateTimeField(blank=True, null=True)),
                ('consultation_end_at', models.DateTimeField(blank=True, null=True)),
                ('is_telemedicine', models.BooleanField(db_default=False)),
                ('telemedicine_link', models.TextField(blank=True, db_default='')),
                ('telemedicine_session_id', models.CharField(blank=True, db_default='', max_length=255)),
                ('consultation_fee', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('additional_charges', models.DecimalField(db_default=0, decimal_places=2, max_digits=10)),
                ('chas_applicable', models.BooleanField(db_default=False)),
                ('chas_subsidy_amount', models.DecimalField(db_default=0, decimal_places=2, max_digits=10)),
                ('total_amount', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('pre_consultation_notes', models.TextField(blank=True, db_default='')),
                ('post_consultation_notes', models.TextField(blank=True, db_default='')),
                ('internal_notes', models.TextField(blank=True, db_default='')),
                ('reminder_sent_at', models.DateTimeField(blank=True, null=True)),
                ('reminder_channels', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list)),
                ('source', clinic.fields.PgEnumField(choices=[('online', 'Online'), ('walk-in', 'Walk-in'), ('phone', 'Phone')], max_length=32, null=True, type_name='appointment_source')),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('cancellation_reason', models.TextField(blank=True, db_default='')),
                ('no_show_marked_at', models.DateTimeField(blank=True, null=True)),
                ('overbooked_reason', models.TextField(blank=True, db_default='', help_text='Why the doctor sees two at once; empty where not')),
                ('overlap_reason', models.TextField(blank=True, db_default='', help_text='Why the patient is in two places; empty where not')),
                ('booked_by', models.ForeignKey(db_column='booked_by', db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cancelled_by', models.ForeignKey(db_column='cancelled_by', db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('doctor', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='clinic.doctor')),
                ('patient', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='clinic.patient')),
                ('rescheduled_from', models.ForeignKey(db_column='rescheduled_from', blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointment')),
                ('busy_from', models.DateTimeField(blank=True, editable=False, null=True)),
                ('busy_to', models.DateTimeField(blank=True, editable=False, null=True)),
                ('practitioner_id', models.UUIDField(blank=True, editable=False, null=True)),
                ('series_position', models.IntegerField(blank=True, editable=False, null=True)),
            ],
            options={
                'db_table': 'appointments',
                'ordering': ['starts_at', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'id'), name='appointments_clinic_id'),
                    models.UniqueConstraint(fields=('clinic', 'appointment_number'), name='appointments_clinic_number'),
                    django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(models.Q(('status__in', ['cancelled', 'rescheduled', 'no_show']), _negated=True), ('deleted_at__isnull', True), ('overlap_reason', '')), expressions=[('patient', '='), (models.Func('starts_at', 'ends_at', function='tstzrange'), '&&')], name='appointments_patient_overlap'),
                    models.CheckConstraint(condition=models.Q(('duration_minutes__range', (1, 720))), name='appointments_duration'),
                    models.CheckConstraint(condition=GreaterThanOrEqual(Least('total_amount', 'consultation_fee', 'additional_charges', 'chas_subsidy_amount'), 0), name='appointments_money'),
                    models.CheckConstraint(condition=models.Q(models.Q(('status', 'cancelled'), _negated=True), models.Q(('cancelled_at__isnull', False), models.Q(('cancellation_reason', ''), _negated=True)), _connector='OR'), name='appointments_cancelled'),
                    django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(models.Q(('status__in', ['cancelled', 'rescheduled', 'no_show']), _negated=True), ('deleted_at__isnull', True), ('overbooked_reason', '')), expressions=[('practitioner_id', '='), (models.Func(django.db.models.functions.comparison.Coalesce('busy_from', 'starts_at'), django.db.models.functions.comparison.Coalesce('busy_to', 'ends_at'), function='tstzrange'), '&&')], name='appointments_doctor_overlap'),
                    models.CheckConstraint(condition=models.Q(('busy_from__lte', models.F('starts_at')), ('busy_to__gte', models.F('ends_at'))), name='appointments_busy'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'starts_at'], name='appointments_day'),
                    models.Index(fields=['clinic', 'patient', 'starts_at'], name='appointments_patient'),
                    models.Index(fields=['clinic', 'doctor', 'starts_at'], name='appointments_doctor'),
                    models.Index(condition=models.Q(('rescheduled_from__isnull', False)), fields=['clinic', 'rescheduled_from'], name='appointments_rescheduled_from'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AppointmentSlot',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('slot_date', models.DateField()),
                ('slot_time', models.TimeField()),
                ('duration_minutes', models.IntegerField(db_default=15)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('is_available', models.BooleanField(db_default=True)),
                ('is_blocked', models.BooleanField(db_default=False)),
                ('block_reason', models.TextField(blank=True, db_default='')),
                ('held_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('held_by', models.ForeignKey(blank=True, db_column='held_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('held_for', models.ForeignKey(blank=True, db_column='held_for', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.patient')),
                ('appointment', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointment')),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('doctor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='clinic.doctor')),
                ('covered_by', models.ForeignKey(blank=True, db_column='covered_by', db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='covers', to='booking.appointment')),
            ],
            options={
                'db_table': 'appointment_slots',
                'ordering': ['starts_at', 'doctor'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'id'), name='appointment_slots_clinic_id'),
                    models.UniqueConstraint(fields=('doctor', 'starts_at'), name='appointment_slots_doctor_start'),
                    models.UniqueConstraint(condition=models.Q(('appointment__isnull', False)), fields=('appointment',), name='appointment_slots_appointment'),
                    models.CheckConstraint(condition=models.Q(('duration_minutes__range', (1, 720))), name='appointment_slots_duration'),
                    models.CheckConstraint(condition=models.Q(('is_available', False), ('appointment__isnull', True), _connector='OR'), name='appointment_slots_free'),
                    models.CheckConstraint(condition=models.Q(models.Q(('held_by__isnull', True), ('held_for__isnull', True), ('held_until__isnull', True)), models.Q(('held_until__isnull', False), ('is_available', True), models.Q(('held_by__isnull', False), ('held_for__isnull', False), _connector='OR')), _connector='OR'), name='appointment_slots_hold'),
                    models.CheckConstraint(condition=models.Q(('covered_by__isnull', True), models.Q(('appointment__isnull', True), ('is_available', False)), _connector='OR'), name='appointment_slots_covered'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', 'starts_at'], name='appointment_slots_day'),
                    models.Index(condition=models.Q(('held_by__isnull', False)), fields=['clinic', 'held_by'], name='appointment_slots_held_by'),
                    models.Index(condition=models.Q(('held_for__isnull', False)), fields=['clinic', 'held_for'], name='appointment_slots_held_for'),
                    models.Index(condition=models.Q(('covered_by__isnull', False)), fields=['clinic', 'covered_by'], name='appointment_slots_covers'),
                    models.Index(condition=models.Q(('is_available', True), ('is_blocked', False)), fields=['clinic', 'starts_at', 'doctor'], name='appointment_slots_open'),
                ],
            },
        ),
        migrations.AddField(
            model_name='appointment',
            name='slot',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointmentslot'),
        ),
        migrations.CreateModel(
            name='AppointmentCounter',
            fields=[
                ('pk', models.CompositePrimaryKey('clinic_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('last_value', models.BigIntegerField()),
                ('clinic', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
            ],
            options={
                'db_table': 'appointment_counters',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('last_value__gt', 0)), name='appointment_counters_positive'),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('status__in', ['cancelled', 'rescheduled', 'no_show']), _negated=True), ('deleted_at__isnull', True), ('overbooked_reason', ''), ('slot__isnull', False)), fields=('slot',), name='appointments_slot'),
        ),
    ]
