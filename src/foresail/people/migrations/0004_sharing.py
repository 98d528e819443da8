"""Single records shared with a colleague or a team."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_ways_in"),
    ]

    operations = [
        migrations.CreateModel(
            name="Share",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("record", models.BigIntegerField()),
                ("right", models.CharField(choices=[("see", "See"), ("change", "Change")], max_length=6)),
                ("below", models.BooleanField(default=False)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("shared_at", models.DateTimeField()),
                ("ends_on", models.DateField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shared_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.team",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["kind", "record"], name="share_of_record"),
                    models.Index(
                        condition=models.Q(("ended_at", None), ("ends_at__isnull", False)),
                        fields=["ends_at"],
                        name="share_due",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("team", None), ("user__isnull", False)),
                            models.Q(("team__isnull", False), ("user", None)),
                            _connector="OR",
                        ),
                        name="share_with_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("right__in", ["see", "change"])), name="share_right_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ends_at", None), ("ends_on", None)),
                            models.Q(("ends_at__isnull", False), ("ends_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="share_ends_after_its_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("user", "kind", "record"),
                        name="share_of_user",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("team", "kind", "record"),
                        name="share_of_team",
                    ),
                ],
            },
        ),
    ]
