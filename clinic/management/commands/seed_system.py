from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from clinic.models import FeatureFlag, SystemSetting

FLAGS = {
    "telemedicine": True,
    "online_payments": True,
    "whatsapp_notifications": True,
    "e_prescriptions": True,
    "ai_diagnosis_suggestions": False,
    "patient_document_upload": False,
}
# Of all clinics; a clinic's own value comes before them.
SETTINGS = {
    "appointment.default_duration_minutes": 15,
    "appointment.max_advance_booking_days": 90,
    "appointment.reminder_hours_before": 24,
    "appointment.no_show_after_hours": 0,
    "waiting_list.offer_minutes": 30,
    "waiting_list.lead_minutes": 120,
    "payment.gst_rate": 0.09,
    "payment.currency": "SGD",
    "notification.sms_provider": "twilio",
    "notification.email_provider": "resend",
    "telemedicine.video_provider": "daily_co",
}


class Command(BaseCommand):
    help = (
        "Add the feature flags and settings that every environment needs. What is there already"
        " stays as operators left it, so that every deploy may run this."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic(using="owner"):
            added = self.add_flags() + self.add_settings()
        self.stdout.write(f"{added} flags and settings added; the others were there.")

    def add_flags(self) -> int:
        flags = FeatureFlag.objects.using("owner")
        before = flags.count()
        rows = [
            FeatureFlag(name=name, is_enabled=on, rollout_percentage=100)
            for name, on in FLAGS.items()
        ]
        flags.bulk_create(rows, ignore_conflicts=True)
        return flags.count() - before

    def add_settings(self) -> int:
        settings = SystemSetting.objects.using("owner").filter(clinic=None)
        before = settings.count()
        rows = []
        for name, value in SETTINGS.items():
            category, _, key = name.partition(".")
            rows.append(SystemSetting(clinic=None, category=category, key=key, value=value))
        settings.bulk_create(rows, ignore_conflicts=True)
        return settings.count() - before
