"""The tables as all migrations before made them, at once: an empty database is ready in a moment."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What Django has no word for stays where it was written.
_SQL = [
    import_module(f"foresail.governance.migrations.{name}")
    for name in ("0002_append_only", "0091_collecting")
]


class Migration(migrations.Migration):
    replaces = [
        ("governance", "0001_initial"),
        ("governance", "0002_append_only"),
        ("governance", "0003_verification"),
        ("governance", "0090_leaving"),
        ("governance", "0091_collecting"),
    ]

    initial = True

    dependencies = [
        ("people", "0004_sharing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditRow",
            fields=[
                ("sequence", models.BigIntegerField(primary_key=True, serialize=False)),
                ("version", models.SmallIntegerField()),
                ("at", models.DateTimeField()),
                ("actor", models.BigIntegerField(null=True)),
                ("verb", models.TextField()),
                ("subject", models.TextField()),
                ("key", models.TextField()),
                ("values", models.JSONField()),
                ("person", models.TextField(null=True)),
                ("personal", models.JSONField()),
                ("commitment", models.BinaryField(null=True)),
                ("sealed", models.BinaryField(null=True)),
                ("hash", models.BinaryField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject", "key", "sequence"], name="governance_audit_of_record"),
                    models.Index(fields=["actor", "sequence"], name="governance_audit_of_actor"),
                    models.Index(fields=["subject", "sequence"], name="governance_audit_of_kind"),
                    models.Index(fields=["verb", "sequence"], name="governance_audit_of_verb"),
                    models.Index(fields=["at"], name="governance_audit_by_time"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonKey",
            fields=[
                ("person", models.TextField(primary_key=True, serialize=False)),
                ("key", models.BinaryField(null=True)),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("erased_at__isnull", True), ("key__isnull", False)),
                            models.Q(("erased_at__isnull", False), ("key__isnull", True)),
                            _connector="OR",
                        ),
                        name="governance_personkey_or_erased",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.BigIntegerField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("rows", models.BigIntegerField(null=True)),
                ("head_sequence", models.BigIntegerField(null=True)),
                ("head_hash", models.CharField(blank=True, max_length=64)),
                ("broken_at", models.BigIntegerField(null=True)),
                ("broken_what", models.CharField(blank=True, max_length=7)),
                ("because", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("rows", None)),
                            models.Q(("ended_at__isnull", False), ("rows__isnull", False)),
                            _connector="OR",
                        ),
                        name="governance_verification_ended_with_rows",
                    ),
                    models.UniqueConstraint(
                        models.Value(1),
                        condition=models.Q(("ended_at", None)),
                        name="governance_verification_one_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Leaving",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.BigIntegerField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("rows", models.BigIntegerField(null=True)),
                ("files", models.BigIntegerField(null=True)),
                ("bytes", models.BigIntegerField(null=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("because", models.CharField(blank=True, max_length=200)),
                ("forgotten_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1),
                        condition=models.Q(("ended_at", None)),
                        name="governance_leaving_one_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentWording",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(choices=[("intent", "intent"), ("service", "service")], max_length=10),
                ),
                ("version", models.PositiveIntegerField()),
                ("zh", models.TextField()),
                ("en", models.TextField()),
                ("added_at", models.DateTimeField()),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("purpose", "version"), name="governance_wording_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.TextField()),
                ("purpose", models.CharField(max_length=10)),
                ("given", models.BooleanField()),
                ("at", models.DateTimeField()),
                ("known_at", models.DateTimeField()),
                ("source", models.CharField(max_length=40)),
                ("proof", models.JSONField(default=dict)),
                ("by", models.BigIntegerField(null=True)),
                (
                    "wording",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.consentwording",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject", "purpose", "at"], name="governance_consent_of"),
                    models.Index(fields=["-known_at", "-id"], name="governance_consent_newest"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("at__lte", models.F("known_at"))),
                        name="governance_consent_not_ahead",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GateCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField()),
                ("source", models.CharField(max_length=40)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("no_boundary", "no_boundary"),
                            ("source", "source"),
                            ("kind", "kind"),
                            ("consent", "consent"),
                            ("unproven", "unproven"),
                            ("too_old", "too_old"),
                            ("field_dropped", "field_dropped"),
                            ("field_masked", "field_masked"),
                        ],
                        max_length=15,
                    ),
                ),
                ("count", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("on", "source", "reason"), name="governance_gatecount_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Guardian",
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
                ("added_at", models.DateTimeField()),
                (
                    "added_by",
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
            name="ProposedBoundary",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(unique=True)),
                ("rules", models.JSONField()),
                ("reason", models.CharField(max_length=1000)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="proposed",
                        max_length=9,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=1000)),
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
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "approved")),
                        fields=["decided_at"],
                        name="governance_boundary_in_force",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("status", "proposed")),
                            models.Q(
                                models.Q(("status", "proposed"), _negated=True), ("decided_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="governance_boundary_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "approved"), _negated=True),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="governance_boundary_two_people",
                    ),
                    models.UniqueConstraint(
                        models.Value(1),
                        condition=models.Q(("status", "proposed")),
                        name="governance_boundary_one_proposed",
                    ),
                ],
            },
        ),
        *(migrations.RunSQL(module.FORWARD, module.BACKWARD) for module in _SQL),
    ]
