"""What companies do after something happened, what people made of proposals, their reports, and what counts as saved."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("crm", "0090_import_log"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavingSetting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("per_minute", models.PositiveSmallIntegerField(default=60)),
                ("stage", models.PositiveSmallIntegerField(default=20)),
                ("join", models.PositiveSmallIntegerField(default=15)),
                ("contact", models.PositiveSmallIntegerField(default=25)),
                ("task", models.PositiveSmallIntegerField(default=10)),
                ("confirm", models.PositiveSmallIntegerField(default=4)),
                ("refuse", models.PositiveSmallIntegerField(default=4)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="saving_setting_once"),
                    models.CheckConstraint(
                        condition=models.Q(("per_minute__gte", 10), ("per_minute__lte", 600)),
                        name="typing_speed_sensible",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
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
                            ("stage", "Stage"),
                            ("join", "Join"),
                            ("contact", "Contact"),
                            ("task", "Task"),
                        ],
                        max_length=7,
                    ),
                ),
                ("mark", models.CharField(max_length=32)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("confirmed", "Confirmed"), ("refused", "Refused")], max_length=9
                    ),
                ),
                ("evidence", models.JSONField(default=list)),
                ("at", models.DateTimeField()),
                ("characters", models.PositiveIntegerField(default=0)),
                ("made", models.BigIntegerField(null=True)),
                ("before", models.BigIntegerField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="crm.deal"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["by", "at"], name="decision_of_somebody")],
                "constraints": [
                    models.UniqueConstraint(fields=("deal", "mark"), name="proposal_decided_once"),
                    models.CheckConstraint(
                        condition=models.Q(("mark", ""), _negated=True), name="decision_names_its_proposal"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Habit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=50)),
                ("cases", models.PositiveIntegerField()),
                ("reached", models.PositiveIntegerField()),
                ("learned_at", models.DateTimeField()),
                (
                    "pipeline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="crm.pipeline"
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="crm.stage"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("pipeline", "kind"), name="habit_once_a_kind"),
                    models.CheckConstraint(
                        condition=models.Q(("reached__gt", 0), ("reached__lte", models.F("cases"))),
                        name="habit_within_its_cases",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("span", models.CharField(choices=[("week", "Week"), ("month", "Month")], max_length=5)),
                ("begins_on", models.DateField()),
                ("team", models.BooleanField(default=False)),
                ("drafted", models.JSONField(default=list)),
                ("text", models.TextField(blank=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("saved_at", models.DateTimeField(null=True)),
                ("handed_at", models.DateTimeField(null=True)),
                ("handed_text", models.TextField(blank=True)),
                ("kept", models.PositiveIntegerField(default=0)),
                ("typed", models.PositiveIntegerField(default=0)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handed_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["handed_to", "-handed_at"], name="report_handed_in")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("author", "span", "begins_on", "team"), name="report_once_a_period"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("handed_at", None), ("handed_to", None)),
                            models.Q(
                                ("handed_at__isnull", False),
                                ("handed_to__isnull", False),
                                models.Q(("handed_to", models.F("author")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="report_handed_to_another",
                    ),
                ],
            },
        ),
    ]
