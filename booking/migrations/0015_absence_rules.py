"""Keys, policies and functions of absences."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0014_absences"),
        ("audit", "0006_chain"),
        ("messaging", "0002_rules"),
    ]
    operations = load(
        "booking/constraints/absences",
        "booking/policies/absences",
        "booking/policies/absence_rows",
        "booking/policies/absence_runs",
        "booking/triggers/absences",
        "audit/triggers/absences",
        "booking/functions/affected_visits",
        "booking/functions/free_places",
        "booking/functions/propose_places",
        "booking/functions/absence_answers",
        "booking/functions/start_absence",
        "booking/functions/settle_visit",
        "booking/functions/apply_absence",
        "booking/functions/answer_absence",
        "booking/functions/undo_absence",
    )
