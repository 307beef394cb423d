"""Why a doctor's limit of a day was gone over."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models

from config.sqlfiles import in_schema


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0007_transition_rules'),
        ('clinic', '0007_availability'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        in_schema('clinic'),
        migrations.CreateModel(
            name='LimitPermit',
            fields=[
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.TextField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('patient', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.patient')),
                ('permitted_by', models.ForeignKey(blank=True, db_column='permitted_by', db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('slot', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='booking.appointmentslot')),
            ],
            options={
                'db_table': 'limit_permits',
                'ordering': ['-created_at'],
                'indexes': [models.Index(fields=['clinic', 'patient'], name='limit_permits_patient')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'slot', 'patient'), name='limit_permits_clinic_slot_patient'), models.CheckConstraint(condition=models.Q(('reason__regex', '\\S')), name='limit_permits_reason')],
            },
        ),
    ]
