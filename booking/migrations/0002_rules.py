"""Composite keys, policies and the booking functions."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [("booking", "0001_tables"), ("clinic", "0003_policies")]
    operations = load(
        "booking/tables/booking_requests",
        "booking/constraints/appointments",
        "booking/policies/appointments",
        "booking/policies/appointment_slots",
        "booking/policies/appointment_counters",
        "booking/triggers/updated_at",
        "booking/functions/answers",
        "booking/functions/requests",
        "booking/functions/generate_appointment_number",
        "booking/functions/booking_refusal",
        "booking/functions/slots",
        "booking/functions/create_booking",
        "booking/functions/hold_slot",
        "booking/functions/generate_slots",
    )
