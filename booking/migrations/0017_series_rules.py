"""Keys, policies and functions of series and of deliberate overlaps."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0016_series"),
        ("audit", "0006_chain"),
        ("clinic", "0007_availability"),
    ]
    operations = load(
        "booking/constraints/appointment_series",
        "booking/policies/appointment_series",
        "audit/triggers/series",
        "booking/policies/overbooking",
        "booking/functions/overbook_slot",
        "booking/functions/restore_despite",
        "booking/views/overbooked_visits",
        "booking/functions/series_dates",
        "booking/functions/series_times",
        "booking/functions/series_choice",
        "booking/functions/preview_series",
        "booking/functions/series_answers",
        "booking/functions/book_series",
        "booking/functions/move_series",
        "booking/functions/cancel_series",
        "booking/functions/undo_series",
    )
