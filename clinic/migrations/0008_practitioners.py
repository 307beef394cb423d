"""Who a doctor is beyond one clinic."""

import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0007_availability'),
    ]

    operations = [
        migrations.AddField(
            model_name='doctor',
            name='practitioner_id',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('user_id', 'id'), output_field=models.UUIDField()),
        ),
        migrations.AddConstraint(
            model_name='doctor',
            constraint=models.UniqueConstraint(fields=('clinic', 'id', 'practitioner_id'), name='doctors_clinic_practitioner'),
        ),
    ]
