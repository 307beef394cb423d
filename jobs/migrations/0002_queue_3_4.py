"""The queue as procrastinate 3.4 to 3.10 has it, but for the last function."""

from django.db import migrations

from jobs.scripts import scripts


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_queue")]
    operations = scripts(
        "02.06.00_01_add_cancel_states.sql",
        "03.04.00_01_pre_add_retry_failed_job_procedure.sql",
    )
