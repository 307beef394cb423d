"""The queue, by the scripts that procrastinate brings."""

from django.db import migrations

from config.sqlfiles import load
from jobs.scripts import scripts


class Migration(migrations.Migration):
    initial = True
    dependencies = [("clinic", "0003_policies")]
    operations = [
        *load("jobs/schemas/jobs"),
        *scripts("", "02.06.00_01_add_cancel_states.sql"),
    ]
