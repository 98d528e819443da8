"""The tables as all migrations before made them, at once: an empty database is ready in a moment."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("notices", "0001_initial"),
        ("notices", "0002_shared"),
        ("notices", "0003_reports"),
        ("notices", "0004_mentions_and_days_off"),
    ]

    initial = True

    dependencies = [
        ("people", "0003_ways_in"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("kinds", models.JSONField(default=dict)),
                ("quiet_from", models.TimeField(null=True)),
                ("quiet_to", models.TimeField(null=True)),
                ("zone", models.CharField(default="Asia/Shanghai", max_length=64)),
                (
                    "quiet_days",
                    models.CharField(
                        choices=[("none", "None"), ("weekend", "Weekend"), ("calendar", "Calendar")],
                        default="none",
                        max_length=10,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quiet_from", None), ("quiet_to", None)),
                            models.Q(
                                ("quiet_from__isnull", False),
                                ("quiet_to__isnull", False),
                                models.Q(("quiet_from", models.F("quiet_to")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="quiet_hours_have_both_ends",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Mute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=20)),
                ("record", models.BigIntegerField()),
                ("muted_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["record_type", "record"], name="mute_of_record")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "record_type", "record"), name="record_muted_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
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
                ("record_type", models.CharField(blank=True, max_length=20)),
                ("record", models.BigIntegerField(null=True)),
                ("more", models.PositiveIntegerField(default=0)),
                ("times", models.PositiveIntegerField(default=1)),
                ("part", models.BigIntegerField(null=True)),
                ("said", models.CharField(blank=True, max_length=10)),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                ("held", models.BooleanField(default=False)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "summary",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="notices.notification",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "-at", "-id"], name="notification_of_person"),
                    models.Index(
                        condition=models.Q(("read_at", None)), fields=["person"], name="notification_unread"
                    ),
                    models.Index(fields=["record_type", "record"], name="notification_of_record"),
                    models.Index(fields=["at"], name="notification_by_age"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("actor", None),
                            models.Q(("actor", models.F("person")), _negated=True),
                            _connector="OR",
                        ),
                        name="notification_never_of_oneself",
                    )
                ],
            },
        ),
    ]
