"""Secret calendar addresses, and the index of what can be booked."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models

from config.sqlfiles import in_schema

PERSON = {
    'blank': True, 'db_constraint': False, 'db_index': False, 'editable': False, 'null': True,
    'on_delete': django.db.models.deletion.DO_NOTHING, 'related_name': '+',
    'to': settings.AUTH_USER_MODEL,
}
OWNER = {
    'blank': True, 'db_constraint': False, 'db_index': False, 'null': True,
    'on_delete': django.db.models.deletion.PROTECT, 'related_name': '+',
}


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0017_series_rules'),
        ('clinic', '0007_availability'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        in_schema('clinic'),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('token_hash', models.BinaryField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('revoked_at', models.DateTimeField(editable=False, null=True)),
                ('last_fetched_at', models.DateTimeField(editable=False, null=True)),
                ('counted_from', models.DateTimeField(editable=False, null=True)),
                ('fetches', models.IntegerField(db_default=0, editable=False)),
                ('clinic', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('doctor', models.ForeignKey(to='clinic.doctor', **OWNER)),
                ('patient', models.ForeignKey(to='clinic.patient', **OWNER)),
                ('user', models.ForeignKey(db_column='user_id', **PERSON)),
                ('made_by', models.ForeignKey(db_column='made_by', **PERSON)),
                ('revoked_by', models.ForeignKey(db_column='revoked_by', **PERSON)),
            ],
            options={
                'db_table': 'calendar_feeds',
                'ordering': ['-created_at', 'id'],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('clinic', 'doctor'), name='calendar_feeds_doctor'),
                    models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('clinic', 'patient'), name='calendar_feeds_patient'),
                    models.CheckConstraint(condition=models.Q(models.Q(('doctor__isnull', False), ('patient__isnull', True)), models.Q(('doctor__isnull', True), ('patient__isnull', False)), _connector='OR'), name='calendar_feeds_owner'),
                    models.CheckConstraint(condition=models.Q(('fetches__gte', 0), models.Q(('revoked_at__isnull', True), ('revoked_at__gte', models.F('created_at')), _connector='OR')), name='calendar_feeds_values'),
                ],
                'indexes': [
                    models.Index(fields=['token_hash'], name='calendar_feeds_token'),
                    models.Index(fields=['clinic', 'doctor'], name='calendar_feeds_of_doctor'),
                    models.Index(fields=['clinic', 'patient'], name='calendar_feeds_of_patient'),
                ],
            },
        ),
    ]
