"""What sums and lists ask for lies in narrow rows: outlooks know when they were made, indexes hold the chances."""

from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery


def fill(apps: Any, _: object) -> None:
    scores = apps.get_model("forecast", "Score").objects.filter(pk=OuterRef("score"))
    apps.get_model("forecast", "Outlook").objects.update(at=Subquery(scores.values("at")[:1]))


class Migration(migrations.Migration):
    dependencies = [("forecast", "0001_initial")]

    operations = [
        migrations.AddField("outlook", "at", models.DateTimeField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("outlook", "at", models.DateTimeField()),
        migrations.RemoveIndex("score", "score_of_deal"),
        migrations.RemoveIndex("score", "score_nightly"),
        migrations.AddIndex(
            "score",
            models.Index(
                fields=["deal", "-at", "-id"], include=["p_won_final", "amount"], name="score_of_deal"
            ),
        ),
        migrations.AddIndex(
            "score",
            models.Index(
                fields=["at", "deal"],
                include=["p_won", "alerted"],
                condition=Q(nightly=True),
                name="score_nightly",
            ),
        ),
    ]
