"""Keys and policies of transitions, and the functions of an appointment's whole life."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0006_transitions"),
        ("audit", "0003_more_tables"),
        ("messaging", "0002_rules"),
    ]
    operations = load(
        "booking/constraints/appointment_transitions",
        "booking/policies/appointment_transitions",
        "audit/triggers/transitions",
        "booking/functions/next_status",
        "booking/functions/status_refusal",
        "booking/functions/record_transition",
        "booking/functions/notices",
        "booking/functions/move_in_queue",
        "booking/functions/change_status",
        "booking/functions/reschedule_booking",
        "booking/functions/restore_status",
        "booking/functions/undo_transition",
        "booking/functions/cancel_booking",
    )
