"""Who refused: few among all who were asked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0092_taken_back"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="consententry",
            index=models.Index(
                condition=models.Q(("given", False), ("takes_back__isnull", True)),
                fields=["purpose", "subject"],
                include=["id"],
                name="governance_consent_refused",
            ),
        ),
    ]
