"""What the map asks of some accounts among very many lies together in indexes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0005_months"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="interest",
            index=models.Index(
                fields=["account"],
                include=("topic", "kind", "at", "value", "whole"),
                name="signals_interest_of_map",
            ),
        ),
        migrations.AddIndex(
            model_name="daily",
            index=models.Index(
                fields=["account", "on"], include=("kind", "whole"), name="signals_daily_of_map"
            ),
        ),
    ]
