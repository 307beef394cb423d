"""Who waits for an earlier time, which times came free, who was offered them."""

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
        ('booking', '0011_service_rules'),
        ('clinic', '0007_availability'),
        ('messaging', '0002_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        in_schema('clinic'),
        migrations.CreateModel(
            name='FreedSlot',
            fields=[
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('cause', models.TextField(choices=[('visit', 'Visit cancelled or moved'), ('block', 'No longer blocked'), ('leave', 'Leave taken back'), ('hours', 'Working hours')])),
                ('freed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('considered_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('slot', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointmentslot')),
            ],
            options={
                'verbose_name': 'freed time',
                'db_table': 'freed_slots',
                'ordering': ['-freed_at', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'id'), name='freed_slots_clinic_id'),
                    models.UniqueConstraint(fields=('clinic', 'slot', 'freed_at'), name='freed_slots_once'),
                    models.CheckConstraint(condition=models.Q(('cause__isnull', True), ('cause__in', ['visit', 'block', 'leave', 'hours']), _connector='OR'), name='freed_slots_cause'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', '-freed_at'], name='freed_slots_recent'),
                    models.Index(condition=models.Q(('considered_at__isnull', True)), fields=['clinic', 'freed_at'], name='freed_slots_open'),
                ],
            },
        ),
        migrations.CreateModel(
            name='WaitingListEntry',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('appointment_type', clinic.fields.PgEnumField(choices=[('consultation', 'Consultation'), ('follow-up', 'Follow-up'), ('vaccination', 'Vaccination'), ('screening', 'Screening')], db_default='consultation', max_length=32, type_name='appointment_type')),
                ('earliest', models.DateField()),
                ('latest', models.DateField()),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), blank=True, db_default=models.Value([], django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None)), default=list, help_text='ISO: 1 is Monday, 7 is Sunday', size=None)),
                ('day_part', models.TextField(choices=[('any', 'Any time'), ('morning', 'Morning'), ('afternoon', 'Afternoon'), ('evening', 'Evening')], db_default='any')),
                ('priority', models.SmallIntegerField(db_default=3)),
                ('note', models.TextField(blank=True, db_default='')),
                ('status', models.TextField(choices=[('waiting', 'Waiting'), ('offered', 'Offered'), ('booked', 'Booked'), ('withdrawn', 'Withdrawn'), ('expired', 'Expired')], db_default='waiting', editable=False)),
                ('request_key', models.TextField(db_default='', editable=False)),
                ('version', models.IntegerField(db_default=1, editable=False)),
                ('closed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('added_by', models.ForeignKey(blank=True, db_column='added_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('appointment', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointment')),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('doctor', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='waiting', to='clinic.doctor')),
                ('patient', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='waiting', to='clinic.patient')),
            ],
            options={
                'verbose_name': 'waiting list entry',
                'verbose_name_plural': 'waiting list',
                'db_table': 'waiting_list_entries',
                'ordering': ['priority', 'created_at', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'id'), name='waiting_list_entries_clinic_id'),
                    models.UniqueConstraint(condition=models.Q(('request_key', ''), _negated=True), fields=('clinic', 'added_by', 'request_key'), name='waiting_list_entries_request'),
                    models.UniqueConstraint(condition=models.Q(('status__in', ['waiting', 'offered'])), fields=('clinic', 'patient', 'doctor', 'appointment_type'), name='waiting_list_entries_once', nulls_distinct=False),
                    models.CheckConstraint(condition=models.Q(('day_part__isnull', True), ('day_part__in', ['any', 'morning', 'afternoon', 'evening']), _connector='OR'), name='waiting_list_entries_day_part'),
                    models.CheckConstraint(condition=models.Q(('status__isnull', True), ('status__in', ['waiting', 'offered', 'booked', 'withdrawn', 'expired']), _connector='OR'), name='waiting_list_entries_status'),
                    models.CheckConstraint(condition=models.Q(('priority__isnull', True), ('priority__range', (1, 3)), _connector='OR'), name='waiting_list_entries_priority'),
                    models.CheckConstraint(condition=models.Q(('latest__gte', models.F('earliest'))), name='waiting_list_entries_dates'),
                    models.CheckConstraint(condition=models.Q(('weekdays__contained_by', [1, 2, 3, 4, 5, 6, 7])), name='waiting_list_entries_weekdays'),
                    models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['waiting', 'offered']), ('closed_at__isnull', True)), models.Q(models.Q(('status__in', ['waiting', 'offered']), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='waiting_list_entries_closed'),
                    models.CheckConstraint(condition=models.Q(models.Q(('status', 'booked'), _negated=True), ('appointment__isnull', False), _connector='OR'), name='waiting_list_entries_booked'),
                ],
                'indexes': [
                    models.Index(condition=models.Q(('status__in', ['waiting', 'offered'])), fields=['clinic', 'priority', 'created_at'], name='waiting_list_entries_ranked'),
                    models.Index(fields=['clinic', 'patient'], name='waiting_list_entries_patient'),
                    models.Index(condition=models.Q(('doctor__isnull', False)), fields=['clinic', 'doctor'], name='waiting_list_entries_doctor'),
                    models.Index(condition=models.Q(('appointment__isnull', False)), fields=['clinic', 'appointment'], name='waiting_list_entries_visit'),
                ],
            },
        ),
        migrations.CreateModel(
            name='WaitingListOffer',
            fields=[
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('request_key', models.TextField(db_default='', editable=False)),
                ('expires_at', models.DateTimeField()),
                ('status', models.TextField(choices=[('open', 'Open'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('expired', 'Not answered'), ('withdrawn', 'Taken back')], db_default='open')),
                ('token_hash', models.BinaryField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('answered_through', models.TextField(blank=True, choices=[('desk', 'Front desk'), ('link', 'Link'), ('portal', 'Patient')], null=True)),
                ('answer_key', models.TextField(db_default='', editable=False)),
                ('answered_by', models.ForeignKey(blank=True, db_column='answered_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('entry', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='booking.waitinglistentry')),
                ('freed', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='booking.freedslot')),
                ('made_by', models.ForeignKey(blank=True, db_column='made_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('notice', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='messaging.notification')),
                ('slot', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointmentslot')),
            ],
            options={
                'verbose_name': 'offer',
                'db_table': 'waiting_list_offers',
                'ordering': ['-made_at', 'id'],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('clinic', 'entry'), name='waiting_list_offers_entry'),
                    models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('clinic', 'slot'), name='waiting_list_offers_slot'),
                    models.UniqueConstraint(condition=models.Q(('request_key', ''), _negated=True), fields=('clinic', 'made_by', 'request_key'), name='waiting_list_offers_request'),
                    models.UniqueConstraint(condition=models.Q(('answer_key', ''), _negated=True), fields=('clinic', 'answered_by', 'answer_key'), name='waiting_list_offers_answer'),
                    models.CheckConstraint(condition=models.Q(('status__isnull', True), ('status__in', ['open', 'accepted', 'declined', 'expired', 'withdrawn']), _connector='OR'), name='waiting_list_offers_status'),
                    models.CheckConstraint(condition=models.Q(('answered_through__isnull', True), ('answered_through__in', ['desk', 'link', 'portal']), _connector='OR'), name='waiting_list_offers_answered_through'),
                    models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='waiting_list_offers_times'),
                    models.CheckConstraint(condition=models.Q(models.Q(('status', 'open'), ('closed_at__isnull', True)), models.Q(models.Q(('status', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='waiting_list_offers_closed'),
                ],
                'indexes': [
                    models.Index(fields=['clinic', '-made_at'], name='waiting_list_offers_recent'),
                    models.Index(fields=['clinic', 'entry', 'slot'], name='waiting_list_offers_whom'),
                    models.Index(fields=['clinic', 'slot'], name='waiting_list_offers_what'),
                    models.Index(condition=models.Q(('notice__isnull', False)), fields=['clinic', 'notice'], name='waiting_list_offers_notice'),
                    models.Index(condition=models.Q(('freed__isnull', False)), fields=['clinic', 'freed'], name='waiting_list_offers_freed'),
                    models.Index(condition=models.Q(('status', 'open')), fields=['clinic', 'expires_at'], name='waiting_list_offers_due'),
                ],
            },
        ),
    ]
