"""Where events come from."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.db import migrations, models

from config.sqlfiles import in_schema


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('clinic', '0005_record_rules'),
    ]

    operations = [
        in_schema('webhook'),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('provider', models.CharField(max_length=50)),
                ('is_active', models.BooleanField(db_default=True)),
                ('secret_pad', models.BinaryField(null=True)),
                ('secret_set_at', models.DateTimeField(editable=False, null=True)),
                ('old_secret_pad', models.BinaryField(null=True)),
                ('old_secret_expires_at', models.DateTimeField(editable=False, null=True)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
            ],
            options={
                'verbose_name': 'webhook source',
                'db_table': 'sources',
                'ordering': ['name', 'id'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'id'), name='sources_clinic_id'),
                    models.UniqueConstraint(fields=('clinic', 'name'), name='sources_clinic_name'),
                    models.CheckConstraint(condition=models.Q(('provider__regex', '^[a-z0-9][a-z0-9_-]*$')), name='sources_provider'),
                ],
            },
        ),
    ]
