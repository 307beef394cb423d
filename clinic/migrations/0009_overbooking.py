"""How many visits of a doctor may be overbooked in a day."""

from django.db import migrations, models

from config.sqlfiles import in_schema


class Migration(migrations.Migration):
    dependencies = [("clinic", "0008_practitioners")]
    operations = [
        in_schema("clinic"),
        migrations.AddField(
            model_name="doctor",
            name="max_daily_overbookings",
            field=models.IntegerField(db_default=2),
        ),
        migrations.AddConstraint(
            model_name="doctor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_daily_overbookings__gte", 0), ("max_daily_overbookings__lte", 100)
                ),
                name="doctors_overbookings",
            ),
        ),
    ]
