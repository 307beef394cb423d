"""seed_system adds what is missing, and leaves what operators changed."""

from io import StringIO

from django.core.management import call_command
from django.db import connections

from clinic.models import FeatureFlag, SystemSetting
from tests.factories import World


def seed() -> str:
    told = StringIO()
    call_command("seed_system", stdout=told)
    return told.getvalue()


def test_it_adds_once_and_overwrites_nothing(world: World) -> None:
    flags = FeatureFlag.objects.using("owner").filter(name="telemedicine")
    settings = SystemSetting.objects.using("owner").filter(clinic=None)
    try:
        assert seed().startswith("17 ")
        flags.update(is_enabled=False)
        settings.filter(key="gst_rate").update(value=0.1)
        assert seed().startswith("0 ")
        assert not flags.get().is_enabled
        assert settings.get(key="gst_rate").value == 0.1
        with world.as_user(world.bob):
            assert SystemSetting.objects.get(key="currency").value == "SGD"
    finally:  # they are of no clinic, so other tests would see them
        with connections["owner"].cursor() as cursor:
            cursor.execute("delete from clinic.feature_flags where rollout_percentage = 100")
            cursor.execute("delete from clinic.system_settings where clinic_id is null")
