"""What lies ahead, what patients owe, how days went."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [("booking", "0004_queue_rules")]
    operations = load(
        "booking/views/upcoming_appointments",
        "booking/views/patient_summary",
        "booking/views/daily_clinic_metrics",
    )
