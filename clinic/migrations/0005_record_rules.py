"""Keys, policies and helpers of the clinical, money and settings tables."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0004_records"),
        ("booking", "0003_queue"),
    ]
    operations = load(
        "clinic/constraints/records",
        "clinic/constraints/results",
        "clinic/constraints/money",
        "clinic/tables/glass_breaks",
        "clinic/functions/treatment",
        "clinic/triggers/updated_at_records",
        "clinic/policies/medical_records",
        "clinic/policies/prescriptions",
        "clinic/policies/prescription_items",
        "clinic/policies/lab_results",
        "clinic/policies/imaging_results",
        "clinic/policies/vaccination_records",
        "clinic/policies/health_screening_packages",
        "clinic/policies/health_screening_results",
        "clinic/policies/payments",
        "clinic/policies/payment_items",
        "clinic/policies/insurance_claims",
        "clinic/policies/system_settings",
        "clinic/policies/feature_flags",
        "clinic/policies/user_feedback",
        "clinic/functions/take_back",
    )
