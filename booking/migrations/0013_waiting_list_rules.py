"""Keys, policies and functions of the waiting list; the job that marks who never came."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [("booking", "0012_waiting_list"), ("audit", "0006_chain")]
    operations = load(
        "booking/constraints/waiting_list",
        "booking/policies/waiting_list_entries",
        "booking/policies/freed_slots",
        "booking/policies/waiting_list_offers",
        "audit/triggers/waiting_list",
        "booking/functions/setting_number",
        "booking/functions/offer_links",
        "booking/functions/offer_slot",
        "booking/functions/slot_freed",
        "booking/functions/answer_offer",
        "booking/functions/offer_by_hand",
        "booking/functions/withdraw_entry",
        "booking/functions/work_waiting_list",
        "booking/functions/recall_offers",
        "booking/functions/fill_rate",
        "booking/functions/mark_no_shows",
        "booking/triggers/waiting_list",
    )
