"""People are told of notes that name them, and want to be left alone on days off by China's calendar."""

from typing import Any

from django.db import migrations, models


def keep_weekends(apps: Any, _: Any) -> None:
    apps.get_model("notices", "Preference").objects.filter(quiet_weekend=True).update(quiet_days="weekend")


def keep_flags(apps: Any, _: Any) -> None:
    apps.get_model("notices", "Preference").objects.exclude(quiet_days="none").update(quiet_weekend=True)


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0003_reports"),
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
                    ("mention", "Mention"),
                    ("summary", "Summary"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="preference",
            name="quiet_days",
            field=models.CharField(
                choices=[("none", "None"), ("weekend", "Weekend"), ("calendar", "Calendar")],
                default="none",
                max_length=10,
            ),
        ),
        migrations.RunPython(keep_weekends, keep_flags),
        migrations.RemoveField(model_name="preference", name="quiet_weekend"),
    ]
