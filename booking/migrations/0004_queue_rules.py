"""Keys and policies of the queue, video visits and leads."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0003_queue"),
        ("clinic", "0005_record_rules"),
    ]
    operations = load(
        "booking/constraints/queue",
        "booking/triggers/updated_at_records",
        "booking/policies/queue_management",
        "booking/policies/queue_entries",
        "booking/policies/telemedicine_sessions",
        "booking/policies/public_booking_requests",
    )
