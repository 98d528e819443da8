"""People are told that something was shared with them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0001_initial"),
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
                    ("summary", "Summary"),
                ],
                max_length=10,
            ),
        ),
    ]
