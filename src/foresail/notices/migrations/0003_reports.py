"""People are told of reports that were handed in to them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0002_shared"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("task", "Task"),
                    ("given", "Given"),
                    ("shared", "Shared"),
                    ("taken", "Taken"),
                    ("verdict", "Verdict"),
                    ("alert", "Alert"),
                    ("imported", "Imported"),
                    ("doubt", "Doubt"),
                    ("report", "Report"),
                    ("summary", "Summary"),
                ],
                max_length=10,
            ),
        ),
    ]
