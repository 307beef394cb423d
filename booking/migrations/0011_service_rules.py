"""Keys, policies and functions of services, and the practitioner behind a doctor."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [("booking", "0010_services"), ("audit", "0006_chain")]
    operations = load(
        "booking/constraints/services",
        "booking/policies/services",
        "booking/policies/service_doctors",
        "booking/policies/resource_pools",
        "booking/policies/resources",
        "booking/policies/service_needs",
        "booking/policies/appointment_resources",
        "booking/triggers/services",
        "audit/triggers/services",
        "booking/functions/follow_practitioner",
        "booking/functions/planned_visit",
        "booking/functions/places",
    )
