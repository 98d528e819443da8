"""Stages are put in order in one statement: their places are compared when it is done."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0050_pool")]

    operations = [
        migrations.RemoveConstraint(model_name="stage", name="stage_position_once"),
        migrations.AddConstraint(
            model_name="stage",
            constraint=models.UniqueConstraint(
                fields=["pipeline", "position"],
                name="stage_position_once",
                deferrable=models.Deferrable.IMMEDIATE,
            ),
        ),
    ]
