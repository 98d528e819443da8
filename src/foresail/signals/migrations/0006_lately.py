"""What is asked of very many accounts: those with news."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0005_months"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="daily",
            index=models.Index(fields=["on"], include=("account", "whole"), name="signals_daily_lately"),
        ),
    ]
