"""Working time as instants, slots from it, limits, and what changes them."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [("booking", "0008_limit_permits"), ("audit", "0003_more_tables")]
    operations = load(
        "booking/policies/limit_permits",
        "audit/triggers/availability",
        "booking/functions/working_time",
        "booking/functions/generate_slots",
        "booking/functions/limits",
        "booking/functions/uncovered",
        "booking/functions/save_hours",
        "booking/functions/change_calendar",
    )
