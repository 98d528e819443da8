"""The tables as all migrations before made them, at once: an empty database is ready in a moment."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("forecast", "0001_initial"), ("forecast", "0002_quick_sums")]

    initial = True

    dependencies = [
        ("crm", "0002_finding"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Pool",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=150, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="ForecastModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("fitted_as_of", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[("serving", "Serving"), ("retired", "Retired"), ("rejected", "Rejected")],
                        max_length=9,
                    ),
                ),
                ("figures", models.JSONField(default=dict)),
                ("card", models.JSONField(default=dict)),
                ("folder", models.CharField(max_length=100)),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="models", to="forecast.pool"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("pool", "version"), name="model_version_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "serving")), fields=("pool",), name="one_model_serves"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PoolPipeline",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "pipeline",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="crm.pipeline"
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="forecast.pool",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Score",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("p_won_final", models.FloatField()),
                ("p_won", models.FloatField()),
                ("p_lost", models.FloatField()),
                ("p_open", models.FloatField()),
                ("chances", models.JSONField()),
                ("swing", models.JSONField(null=True)),
                ("close_early", models.DateField(null=True)),
                ("close_mid", models.DateField(null=True)),
                ("close_late", models.DateField(null=True)),
                ("verdict", models.CharField(max_length=4, null=True)),
                ("risk", models.FloatField()),
                ("tier", models.CharField(max_length=20)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16, null=True)),
                ("reasons", models.JSONField(default=dict)),
                ("nightly", models.BooleanField(default=False)),
                ("alerted", models.BooleanField(default=False)),
                ("replayed", models.BooleanField(default=False)),
                (
                    "deal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="crm.deal"
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scores",
                        to="forecast.forecastmodel",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("alerted", True)), fields=["deal", "at"], name="score_alerted"
                    ),
                    models.Index(
                        fields=["deal", "-at", "-id"], include=("p_won_final", "amount"), name="score_of_deal"
                    ),
                    models.Index(
                        condition=models.Q(("nightly", True)),
                        fields=["at", "deal"],
                        include=("p_won", "alerted"),
                        name="score_nightly",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("deal", "at", "model"), name="one_score_a_look")
                ],
            },
        ),
        migrations.CreateModel(
            name="Outlook",
            fields=[
                (
                    "deal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="outlook",
                        serialize=False,
                        to="crm.deal",
                    ),
                ),
                ("p_won_final", models.FloatField()),
                ("p_won_7", models.FloatField()),
                ("p_won_14", models.FloatField()),
                ("p_won_30", models.FloatField()),
                ("p_won_90", models.FloatField()),
                ("close_mid", models.DateField(null=True)),
                ("verdict", models.CharField(max_length=4, null=True)),
                ("risk", models.FloatField()),
                ("alerted", models.BooleanField(default=False)),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="forecast.pool"
                    ),
                ),
                (
                    "score",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="forecast.score"
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Touched",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("deal", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="forecast.pool"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("side", models.CharField(max_length=4)),
                ("said_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("state", models.CharField(max_length=4, null=True)),
                ("right", models.BooleanField(null=True)),
                (
                    "deal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="crm.deal"
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="forecast.forecastmodel",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="forecast.pool"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("right", None)), fields=["due_at"], name="verdict_not_judged"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("right", None)),
                        fields=("deal", "side"),
                        name="verdict_said_once_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Estimate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=4)),
                ("scope", models.BigIntegerField()),
                ("period", models.CharField(max_length=7)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16)),
                ("reason", models.TextField(blank=True)),
                ("made_at", models.DateTimeField()),
                ("model_mean", models.DecimalField(decimal_places=2, max_digits=18)),
                ("model_low", models.DecimalField(decimal_places=2, max_digits=18)),
                ("model_high", models.DecimalField(decimal_places=2, max_digits=18)),
                ("actual", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ("judged_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["kind", "scope", "period", "-made_at"], name="estimate_latest")
                ],
            },
        ),
    ]
