"""The house currency, and what others are worth in it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0060_stages"),
    ]

    operations = [
        migrations.CreateModel(
            name="CurrencyRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("house", models.CharField(max_length=3)),
                ("currency", models.CharField(max_length=3)),
                ("from_on", models.DateField()),
                ("rate", models.DecimalField(decimal_places=10, max_digits=20)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("house", "currency", "from_on"), name="currency_rate_once_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rate__gt", 0), models.Q(("house", models.F("currency")), _negated=True)
                        ),
                        name="currency_rate_sensible",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MoneySetting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("currency", models.CharField(default="CNY", max_length=3)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="money_setting_once")
                ],
            },
        ),
    ]
