"""What the map asks of sums, in the order in which it adds them up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0008_signals_by_email"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="interest",
            name="signals_interest_of_map",
        ),
        migrations.AddIndex(
            model_name="interest",
            index=models.Index(
                fields=["account", "topic"],
                include=("kind", "at", "value", "whole"),
                name="signals_interest_of_map",
            ),
        ),
    ]
