"""When to suggest something, what was suggested, and the triggers that Foresail comes with."""

from datetime import UTC, datetime
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from foresail.advice.shipped import SHIPPED


def install(apps: Any, _: Any) -> None:
    Trigger = apps.get_model("advice", "Trigger")
    at = datetime.now(UTC)
    Trigger.objects.bulk_create(
        Trigger(**each, status="active", shipped=True, changed_at=at) for each in SHIPPED
    )


class Migration(migrations.Migration):
    dependencies = [
        ("advice", "0001_initial"),
        ("crm", "0096_keys_as_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Waiting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("deal", models.BigIntegerField(null=True)),
                ("account", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Trigger",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=40, unique=True)),
                ("zh", models.CharField(max_length=60)),
                ("en", models.CharField(max_length=60)),
                ("about", models.CharField(choices=[("deal", "Deal"), ("account", "Account")], max_length=7)),
                ("condition", models.JSONField()),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("send_content", "Send Content"),
                            ("call", "Call"),
                            ("meeting", "Meeting"),
                            ("task", "Task"),
                        ],
                        max_length=12,
                    ),
                ),
                ("action_zh", models.CharField(max_length=120)),
                ("action_en", models.CharField(max_length=200)),
                ("topic_kind", models.CharField(blank=True, max_length=14)),
                ("cooldown_days", models.PositiveSmallIntegerField()),
                ("expiry_days", models.PositiveSmallIntegerField()),
                (
                    "whose",
                    models.CharField(
                        choices=[("owner", "Owner"), ("manager", "Manager")], default="owner", max_length=7
                    ),
                ),
                ("priority", models.PositiveSmallIntegerField(default=3)),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("active", "Active"), ("retired", "Retired")],
                        default="draft",
                        max_length=7,
                    ),
                ),
                ("shipped", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Suggestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("trigger_version", models.PositiveIntegerField()),
                ("facts", models.JSONField()),
                ("evidence", models.JSONField()),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("lapsed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("accepted", "Accepted"),
                            ("dismissed", "Dismissed"),
                            ("over", "Over"),
                            ("expired", "Expired"),
                            ("closed", "Closed"),
                            ("retired", "Retired"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_true", "Not True"),
                            ("done", "Done"),
                            ("not_now", "Not Now"),
                            ("not_useful", "Not Useful"),
                            ("other", "Other"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
                ("task", models.BigIntegerField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="crm.account"
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.deal",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "trigger",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suggestions",
                        to="advice.trigger",
                    ),
                ),
            ],
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
                ("made_at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("learned", models.BooleanField(default=False)),
                (
                    "deal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.deal",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "trigger",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="advice.trigger",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="trigger",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__gte", 1), ("priority__lte", 5)), name="trigger_priority_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="trigger",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cooldown_days__lte", 365), ("expiry_days__gte", 1), ("expiry_days__lte", 365)
                ),
                name="trigger_days_sensible",
            ),
        ),
        migrations.AddIndex(
            model_name="suggestion",
            index=models.Index(fields=["deal"], name="suggestion_of_deal"),
        ),
        migrations.AddIndex(
            model_name="suggestion",
            index=models.Index(fields=["account"], name="suggestion_of_account"),
        ),
        migrations.AddIndex(
            model_name="suggestion",
            index=models.Index(fields=["trigger", "ended_at"], name="suggestion_of_trigger"),
        ),
        migrations.AddIndex(
            model_name="suggestion",
            index=models.Index(fields=["decided_by", "ended_at"], name="suggestion_decided_by"),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("trigger", "deal"),
                name="suggestion_one_open_for_deal",
            ),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deal", None), ("ended_at", None)),
                fields=("trigger", "account"),
                name="suggestion_one_open_for_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("how", "")),
                    models.Q(("ended_at__gte", models.F("made_at")), models.Q(("how", ""), _negated=True)),
                    _connector="OR",
                ),
                name="suggestion_ended_somehow",
            ),
        ),
        migrations.AddConstraint(
            model_name="mute",
            constraint=models.UniqueConstraint(fields=("user", "trigger"), name="suggestion_mute_of_trigger"),
        ),
        migrations.AddConstraint(
            model_name="mute",
            constraint=models.UniqueConstraint(fields=("user", "deal"), name="suggestion_mute_of_deal"),
        ),
        migrations.AddConstraint(
            model_name="mute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("deal__isnull", False), ("trigger", None)),
                    models.Q(("deal", None), ("trigger__isnull", False)),
                    _connector="OR",
                ),
                name="suggestion_mute_of_one",
            ),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
