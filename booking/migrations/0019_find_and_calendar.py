"""Finding free times; calendar addresses: who may have one, and what it shows."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [("booking", "0018_calendar_feeds"), ("audit", "0006_chain")]
    operations = load(
        "booking/constraints/calendar_feeds",
        "booking/policies/calendar_feeds",
        "audit/triggers/calendar",
        "booking/functions/find_slots",
        "booking/functions/find_fits",
        "booking/functions/calendar_feeds",
        "booking/functions/calendar",
    )
