"""What may be collected, who decides it, and the ledger of consent, which takes new rows and nothing else."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = r"""
CREATE FUNCTION governance_keep_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The ledger of consent is append-only: % is refused.', TG_OP
        USING HINT = 'Who changes their mind adds a row; what their consent allowed is erased by that.';
END
$$;
CREATE TRIGGER governance_consent_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON governance_consententry
    FOR EACH STATEMENT EXECUTE FUNCTION governance_keep_consent();
ALTER TABLE governance_consententry ENABLE ALWAYS TRIGGER governance_consent_append_only;
"""
BACKWARD = """
DROP TRIGGER governance_consent_append_only ON governance_consententry;
DROP FUNCTION governance_keep_consent();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0090_leaving"),
        ("people", "0004_sharing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
        ),
        migrations.AddConstraint(
            model_name="consentwording",
            constraint=models.UniqueConstraint(fields=("purpose", "version"), name="governance_wording_once"),
        ),
        migrations.AddIndex(
            model_name="consententry",
            index=models.Index(fields=["subject", "purpose", "at"], name="governance_consent_of"),
        ),
        migrations.AddIndex(
            model_name="consententry",
            index=models.Index(fields=["-known_at", "-id"], name="governance_consent_newest"),
        ),
        migrations.AddConstraint(
            model_name="consententry",
            constraint=models.CheckConstraint(
                condition=models.Q(("at__lte", models.F("known_at"))), name="governance_consent_not_ahead"
            ),
        ),
        migrations.AddIndex(
            model_name="proposedboundary",
            index=models.Index(
                condition=models.Q(("status", "approved")),
                fields=["decided_at"],
                name="governance_boundary_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposedboundary",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("status", "proposed")),
                    models.Q(models.Q(("status", "proposed"), _negated=True), ("decided_at__isnull", False)),
                    _connector="OR",
                ),
                name="governance_boundary_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposedboundary",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "approved"), _negated=True),
                    models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="governance_boundary_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposedboundary",
            constraint=models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(("status", "proposed")),
                name="governance_boundary_one_proposed",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
