"""Keys of the clinics, and the columns that they encrypt."""

from django.db import migrations

from config.sqlfiles import load


class Migration(migrations.Migration):
    dependencies = [("clinic", "0005_record_rules")]
    operations = load(
        "clinic/tables/clinic_keys",
        "clinic/functions/keys",
        "clinic/functions/encryption",
        "clinic/functions/encrypted_columns",
        "clinic/functions/key_rotation",
    )
