"""What tables need beyond columns: composite keys, numbers, functions over the tables."""

import django.db.models.expressions
from django.db import migrations, models

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [("clinic", "0001_initial")]
    operations = [
        *load(
            "clinic/constraints/clinics",
            "clinic/constraints/patients",
            "clinic/constraints/workforce",
            "clinic/tables/number_counters",
            "clinic/functions/next_number",
        ),
        migrations.AlterField(
            "patient",
            "patient_number",
            models.CharField(
                db_default=django.db.models.expressions.Func(
                    models.Value("P"), function="clinic.next_document_number"
                ),
                editable=False,
                max_length=50,
            ),
        ),
        *load(
            "clinic/tables/clinic_entries",
            "clinic/functions/login",
            "clinic/functions/enter_clinic",
            "clinic/functions/clinic_ids",
            "clinic/functions/own_rows",
            "clinic/triggers/updated_at",
        ),
    ]
