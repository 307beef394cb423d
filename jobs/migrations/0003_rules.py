"""The last script; then who may work the queue and who may ask whether somebody does."""

from django.db import migrations

from config.sqlfiles import load
from jobs.scripts import scripts


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_queue_3_4")]
    operations = [
        *scripts(
            "03.04.00_01_pre_add_retry_failed_job_procedure.sql",
            "03.04.00_50_post_add_retry_failed_job_procedure.sql",
        ),
        *load("jobs/policies/procrastinate", "jobs/functions/worker_alive"),
    ]
