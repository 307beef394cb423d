"""Row-level security and grants of every table of the app."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0002_rules"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = load(
        "clinic/policies/clinics",
        "clinic/policies/users",
        "clinic/policies/memberships",
        "clinic/policies/patients",
        "clinic/policies/doctors",
        "clinic/policies/staff",
        "clinic/policies/doctor_leave",
        "clinic/policies/django",
    )
