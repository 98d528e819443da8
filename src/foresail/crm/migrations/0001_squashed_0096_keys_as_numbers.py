"""The tables as all migrations before made them, at once: an empty database is ready in a moment."""

import datetime as dt
import uuid
from decimal import Decimal
from importlib import import_module

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

# What Django has no word for stays where it was written.
_SQL = [import_module(f"foresail.crm.migrations.{name}") for name in ("0002_finding", "0095_quick")]


class Migration(migrations.Migration):
    replaces = [
        ("crm", "0001_initial"),
        ("crm", "0002_finding"),
        ("crm", "0003_records"),
        ("crm", "0010_views"),
        ("crm", "0020_beside"),
        ("crm", "0030_imports"),
        ("crm", "0040_quality"),
        ("crm", "0050_pool"),
        ("crm", "0060_stages"),
        ("crm", "0061_currencies"),
        ("crm", "0062_open_by_amount"),
        ("crm", "0090_import_log"),
        ("crm", "0095_quick"),
        ("crm", "0096_keys_as_numbers"),
    ]

    initial = True

    dependencies = [
        ("people", "0003_ways_in"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("industry", models.CharField(blank=True, max_length=100)),
                ("region", models.CharField(blank=True, max_length=100)),
                ("domain", models.CharField(blank=True, max_length=253)),
                ("since", models.DateField(null=True)),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.businessline",
                    ),
                ),
                (
                    "owner",
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
                ("address", models.CharField(blank=True, max_length=300)),
                ("changed_at", models.DateTimeField()),
                ("code", models.CharField(blank=True, max_length=18)),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("custom", models.JSONField(default=dict)),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "deleted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
                ("level", models.CharField(blank=True, max_length=20)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="crm.account",
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=50)),
                ("tags", models.JSONField(default=list)),
                ("version", models.PositiveIntegerField(default=1)),
                ("merged_into", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["name", "id"], name="account_by_name"),
                    models.Index(fields=["changed_at", "id"], name="account_by_change"),
                    models.Index(
                        condition=models.Q(("code", ""), _negated=True),
                        fields=["code"],
                        name="account_by_code",
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["keys"], name="account_keys"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["tags"], name="account_tags", opclasses=["jsonb_path_ops"]
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)),
                        fields=["deleted_at"],
                        name="account_bin",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at", None), ("owner", None)),
                        fields=["changed_at", "id"],
                        name="account_pool",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="account_has_a_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("id")), _negated=True),
                        name="account_not_below_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=150)),
                ("title", models.CharField(blank=True, max_length=150)),
                ("email", models.CharField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=50)),
                ("left_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contacts", to="crm.account"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.businessline",
                    ),
                ),
                (
                    "owner",
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
                ("changed_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("custom", models.JSONField(default=dict)),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "deleted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("department", models.CharField(blank=True, max_length=100)),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
                ("left_reason", models.CharField(blank=True, max_length=20)),
                ("tags", models.JSONField(default=list)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "previous",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="following",
                        to="crm.contact",
                    ),
                ),
                ("merged_into", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["name", "id"], name="contact_by_name"),
                    models.Index(fields=["changed_at", "id"], name="contact_by_change"),
                    models.Index(
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("email", ""), _negated=True),
                        name="contact_by_email",
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["keys"], name="contact_keys"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["tags"], name="contact_tags", opclasses=["jsonb_path_ops"]
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)),
                        fields=["deleted_at"],
                        name="contact_bin",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="contact_has_a_name"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Pipeline",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=150)),
                ("currency", models.CharField(default="CNY", max_length=3)),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.businessline",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("line", "name"), name="pipeline_name_once_in_a_line"),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="pipeline_has_a_name"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Stage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=50)),
                ("name_zh", models.CharField(max_length=150)),
                ("name_en", models.CharField(max_length=150)),
                ("position", models.PositiveSmallIntegerField()),
                ("usual_days", models.PositiveSmallIntegerField(null=True)),
                (
                    "pipeline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stages", to="crm.pipeline"
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("omitted", "Omitted"),
                            ("pipeline", "Pipeline"),
                            ("best_case", "Best Case"),
                            ("commit", "Commit"),
                        ],
                        default="pipeline",
                        max_length=9,
                    ),
                ),
                ("requires", models.JSONField(default=list)),
                ("retired_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("pipeline", "key"), name="stage_key_once"),
                    models.UniqueConstraint(fields=("id", "pipeline"), name="stage_and_pipeline"),
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                        fields=("pipeline", "position"),
                        name="stage_position_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=50, unique=True)),
                ("name", models.CharField(max_length=200)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                        default="open",
                        max_length=4,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=16, null=True)),
                ("currency", models.CharField(max_length=3)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("expected_close_on", models.DateField(null=True)),
                ("close_reason", models.TextField(blank=True)),
                ("facts", models.JSONField(default=dict)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deals", to="crm.account"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.businessline",
                    ),
                ),
                (
                    "owner",
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
                    "pipeline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deals", to="crm.pipeline"
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deals", to="crm.stage"
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("omitted", "Omitted"),
                            ("pipeline", "Pipeline"),
                            ("best_case", "Best Case"),
                            ("commit", "Commit"),
                        ],
                        max_length=9,
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("custom", models.JSONField(default=dict)),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "deleted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
                ("next_step", models.CharField(blank=True, max_length=300)),
                ("tags", models.JSONField(default=list)),
                ("merged_into", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["opened_at", "id"], name="deal_by_opening"),
                    models.Index(
                        django.db.models.functions.comparison.Coalesce(
                            "amount",
                            models.Value(Decimal(-1), models.DecimalField(decimal_places=2, max_digits=16)),
                        ),
                        models.F("id"),
                        name="deal_by_amount_down",
                    ),
                    models.Index(
                        django.db.models.functions.comparison.Coalesce(
                            "amount",
                            models.Value(
                                Decimal("99999999999999.99"),
                                models.DecimalField(decimal_places=2, max_digits=16),
                            ),
                        ),
                        models.F("id"),
                        name="deal_by_amount_up",
                    ),
                    models.Index(
                        django.db.models.functions.comparison.Coalesce(
                            "expected_close_on", models.Value(dt.date(9999, 12, 31), models.DateField())
                        ),
                        models.F("id"),
                        name="deal_by_close",
                    ),
                    models.Index(
                        condition=models.Q(("status", "open")), fields=["pipeline", "id"], name="deal_open"
                    ),
                    models.Index(
                        condition=models.Q(("status", "open"), _negated=True),
                        fields=["closed_at"],
                        name="deal_ended",
                    ),
                    models.Index(fields=["name", "id"], name="deal_by_name"),
                    models.Index(fields=["changed_at", "id"], name="deal_by_change"),
                    django.contrib.postgres.indexes.GinIndex(fields=["keys"], name="deal_keys"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["tags"], name="deal_tags", opclasses=["jsonb_path_ops"]
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)),
                        fields=["deleted_at"],
                        name="deal_bin",
                    ),
                    models.Index(
                        django.db.models.functions.comparison.Coalesce(
                            "amount",
                            models.Value(Decimal(-1), models.DecimalField(decimal_places=2, max_digits=16)),
                        ),
                        models.F("id"),
                        condition=models.Q(("deleted_at", None), ("status", "open")),
                        name="deal_open_by_amount",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at", None), ("status", "open")),
                        fields=["pipeline", "stage"],
                        include=(
                            "id",
                            "owner",
                            "team",
                            "line",
                            "account",
                            "status",
                            "amount",
                            "currency",
                            "closed_at",
                        ),
                        name="deal_board",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="deal_has_a_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number", ""), _negated=True), name="deal_has_a_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount", None), ("amount__gte", 0), _connector="OR"),
                        name="deal_amount_not_below_0",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("status", "open")),
                            models.Q(
                                ("closed_at__gte", models.F("opened_at")), ("status__in", ["won", "lost"])
                            ),
                            _connector="OR",
                        ),
                        name="deal_closed_once_it_ended",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DealContact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("economic_buyer", "Economic Buyer"),
                            ("champion", "Champion"),
                            ("technical", "Technical"),
                            ("blocker", "Blocker"),
                            ("user", "User"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deals", to="crm.contact"
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="people", to="crm.deal"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("deal", "contact"), name="contact_once_in_a_deal"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role__in", ["economic_buyer", "champion", "technical", "blocker", "user"])
                        ),
                        name="deal_role_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomField",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("long_text", "Long Text"),
                            ("number", "Number"),
                            ("money", "Money"),
                            ("date", "Date"),
                            ("bool", "Bool"),
                            ("choice", "Choice"),
                            ("choices", "Choices"),
                            ("person", "Person"),
                            ("record", "Record"),
                        ],
                        max_length=9,
                    ),
                ),
                ("name_zh", models.CharField(max_length=60)),
                ("name_en", models.CharField(max_length=60)),
                ("choices", models.JSONField(default=list)),
                ("target", models.CharField(blank=True, max_length=20)),
                ("required", models.BooleanField(default=False)),
                ("position", models.PositiveSmallIntegerField()),
                ("retired_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("record_type", "key"), name="custom_field_key_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name_zh", ""), _negated=True), models.Q(("name_en", ""), _negated=True)
                        ),
                        name="custom_field_named_in_both_languages",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FieldChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=20)),
                ("record", models.BigIntegerField()),
                ("field", models.CharField(max_length=40)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("at", models.DateTimeField()),
                ("batch", models.UUIDField()),
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
                    "undoes",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="crm.fieldchange",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["record_type", "record", "-at", "-id"], name="change_of_record"),
                    models.Index(fields=["batch"], name="change_of_batch"),
                ],
            },
        ),
        migrations.CreateModel(
            name="FieldRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=20)),
                ("field", models.CharField(max_length=40)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("rep", "rep"),
                            ("manager", "manager"),
                            ("sales_operations", "sales_operations"),
                            ("legal", "legal"),
                            ("engineering", "engineering"),
                            ("logistics", "logistics"),
                            ("admin", "admin"),
                            ("read_only", "read_only"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[("hidden", "Hidden"), ("own", "Own"), ("read", "Read")], max_length=6
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("record_type", "field", "role"), name="field_rule_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Lead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("custom", models.JSONField(default=dict)),
                ("tags", models.JSONField(default=list)),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(null=True)),
                ("name", models.CharField(max_length=150)),
                ("company", models.CharField(blank=True, max_length=200)),
                ("title", models.CharField(blank=True, max_length=150)),
                ("email", models.CharField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=50)),
                ("source", models.CharField(blank=True, max_length=20)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("working", "Working"),
                            ("converted", "Converted"),
                            ("discarded", "Discarded"),
                        ],
                        default="new",
                        max_length=9,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="crm.account",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="crm.contact",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="crm.deal",
                    ),
                ),
                (
                    "deleted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.businessline",
                    ),
                ),
                (
                    "owner",
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
                ("merged_into", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["name", "id"], name="lead_by_name"),
                    models.Index(fields=["created_at", "id"], name="lead_by_creation"),
                    models.Index(
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("email", ""), _negated=True),
                        name="lead_by_email",
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["keys"], name="lead_keys"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["tags"], name="lead_tags", opclasses=["jsonb_path_ops"]
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)),
                        fields=["deleted_at"],
                        name="lead_bin",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at", None), ("owner", None)),
                        fields=["changed_at", "id"],
                        name="lead_pool",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="lead_has_a_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("status__in", ["new", "working"])),
                            models.Q(("ended_at__isnull", False), ("status__in", ["converted", "discarded"])),
                            _connector="OR",
                        ),
                        name="lead_ended_once_it_did",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=300)),
                ("due_on", models.DateField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "assignee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="crm.deal",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="crm.account",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="crm.contact",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="crm.lead",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["assignee", "due_on", "id"], name="task_of_somebody")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True), name="task_has_a_title"
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            models.Func(
                                "deal",
                                "account",
                                "contact",
                                "lead",
                                function="num_nonnulls",
                                output_field=models.IntegerField(),
                            ),
                            1,
                        ),
                        name="task_for_one_record_at_most",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("custom", models.JSONField(default=dict)),
                ("tags", models.JSONField(default=list)),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(null=True)),
                ("name", models.CharField(max_length=200)),
                ("code", models.CharField(max_length=50, unique=True)),
                ("unit", models.CharField(blank=True, max_length=20)),
                ("price", models.DecimalField(decimal_places=2, max_digits=16, null=True)),
                ("currency", models.CharField(default="CNY", max_length=3)),
                ("active", models.BooleanField(default=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deleted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.businessline",
                    ),
                ),
                ("merged_into", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["name", "id"], name="product_by_name"),
                    django.contrib.postgres.indexes.GinIndex(fields=["keys"], name="product_keys"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["tags"], name="product_tags", opclasses=["jsonb_path_ops"]
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", False)),
                        fields=["deleted_at"],
                        name="product_bin",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="product_has_a_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code", ""), _negated=True), name="product_has_a_code"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DealProduct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=12)),
                ("price", models.DecimalField(decimal_places=2, max_digits=16)),
                ("discount", models.DecimalField(decimal_places=2, default=0, max_digits=5)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "deal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="products", to="crm.deal"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="in_deals", to="crm.product"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("deal", "position"), name="deal_product_place_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("discount__gte", 0),
                            ("discount__lte", 100),
                            ("price__gte", 0),
                            ("quantity__gt", 0),
                        ),
                        name="deal_product_sensible",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=60)),
                (
                    "shared",
                    models.CharField(
                        choices=[("nobody", "Nobody"), ("team", "Team"), ("all", "All")],
                        default="nobody",
                        max_length=6,
                    ),
                ),
                ("settings", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
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
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "record_type", "name"), name="view_name_once_for_somebody"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="view_has_a_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("shared", "team"), ("team__isnull", False)),
                            models.Q(("shared__in", ["nobody", "all"]), ("team", None)),
                            _connector="OR",
                        ),
                        name="view_shared_with_whom",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ViewPin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                    "view",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pins", to="crm.savedview"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "view"), name="view_pinned_once")],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=20)),
                ("record", models.BigIntegerField()),
                ("name", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=20)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("place", models.CharField(max_length=40, unique=True)),
                ("created_at", models.DateTimeField()),
                (
                    "author",
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
                    models.Index(
                        fields=["record_type", "record", "-created_at", "-id"], name="attachment_of_record"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="attachment_has_a_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size__gt", 0)), name="attachment_holds_something"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=20)),
                ("record", models.BigIntegerField()),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField(null=True)),
                (
                    "author",
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
                        fields=["record_type", "record", "-created_at", "-id"], name="note_of_record"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="note_says_something"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("file_name", models.CharField(max_length=200)),
                ("columns", models.JSONField()),
                ("rows", models.PositiveIntegerField()),
                ("settings", models.JSONField(default=dict)),
                ("check_result", models.JSONField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("read", "Read"),
                            ("checking", "Checking"),
                            ("checked", "Checked"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("undoing", "Undoing"),
                            ("undone", "Undone"),
                        ],
                        default="read",
                        max_length=8,
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0)),
                ("added", models.PositiveIntegerField(default=0)),
                ("updated", models.PositiveIntegerField(default=0)),
                ("same", models.PositiveIntegerField(default=0)),
                ("rejected", models.PositiveIntegerField(default=0)),
                ("accounts_made", models.PositiveIntegerField(default=0)),
                ("stayed", models.JSONField(default=list)),
                ("batch", models.UUIDField(default=uuid.uuid4)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("forgotten_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("log", models.JSONField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["-created_at", "-id"], name="import_by_age")],
            },
        ),
        migrations.CreateModel(
            name="ImportMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("digest", models.CharField(max_length=32)),
                ("settings", models.JSONField()),
                ("used_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("by", "kind", "digest"), name="import_mapping_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=20)),
                ("record", models.BigIntegerField(null=True)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("added", "Added"),
                            ("updated", "Updated"),
                            ("same", "Same"),
                            ("rejected", "Rejected"),
                        ],
                        max_length=8,
                    ),
                ),
                ("problems", models.JSONField(null=True)),
                ("before", models.JSONField(null=True)),
                ("version", models.PositiveIntegerField(null=True)),
                ("later", models.JSONField(null=True)),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="outcomes", to="crm.import"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["of", "action", "row"], name="import_row_by_action"),
                    models.Index(fields=["kind", "record"], name="import_row_of_record"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("of", "row", "kind"), name="import_row_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=20, unique=True)),
                ("records", models.PositiveIntegerField()),
                ("u", models.JSONField(default=dict)),
                ("learned_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="MatchKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=20)),
                ("record", models.BigIntegerField()),
                ("key", models.CharField(max_length=300)),
            ],
            options={
                "indexes": [models.Index(fields=["record_type", "record"], name="match_key_of_record")],
                "constraints": [
                    models.UniqueConstraint(fields=("record_type", "key", "record"), name="match_key_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="QualitySetting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "hidden_matches",
                    models.CharField(
                        choices=[("nothing", "Nothing"), ("exists", "Exists"), ("team", "Team")],
                        default="team",
                        max_length=7,
                    ),
                ),
                ("departs_from", models.FloatField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="quality_setting_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("departs_from", None),
                            models.Q(("departs_from__gte", 0.6), ("departs_from__lte", 1)),
                            _connector="OR",
                        ),
                        name="quality_departs_from_sensible",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Departure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("confidence", models.FloatField()),
                ("signs", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("confirmed", "Confirmed"),
                            ("dismissed", "Dismissed"),
                        ],
                        default="proposed",
                        max_length=9,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "contact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="departure",
                        to="crm.contact",
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
            ],
            options={
                "indexes": [models.Index(fields=["state", "-confidence", "-id"], name="departure_queue")],
            },
        ),
        migrations.CreateModel(
            name="DuplicatePair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=20)),
                ("low", models.BigIntegerField()),
                ("high", models.BigIntegerField()),
                ("weight", models.FloatField()),
                ("chance", models.FloatField()),
                ("outcomes", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("dismissed", "Dismissed"), ("merged", "Merged")],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("found_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
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
                    models.Index(
                        fields=["record_type", "state", "-weight", "-id"], name="duplicate_pair_queue"
                    ),
                    models.Index(fields=["record_type", "high"], name="duplicate_pair_of_high"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("record_type", "low", "high"), name="duplicate_pair_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("low__lt", models.F("high"))), name="duplicate_pair_in_order"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=20)),
                ("kept", models.BigIntegerField()),
                ("gone", models.JSONField()),
                ("moved", models.JSONField(default=list)),
                ("fields", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["record_type", "kept"], name="merge_of_record")],
            },
        ),
        migrations.CreateModel(
            name="PoolRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=20)),
                ("active", models.BooleanField(default=False)),
                ("days", models.PositiveSmallIntegerField()),
                ("by_level", models.JSONField(default=dict)),
                ("where", models.JSONField(null=True)),
                ("contract_field", models.CharField(blank=True, max_length=40)),
                ("warn_days", models.PositiveSmallIntegerField(default=7)),
                ("daily_quota", models.PositiveSmallIntegerField(null=True)),
                ("hold_limit", models.PositiveSmallIntegerField(null=True)),
                ("cool_down_days", models.PositiveSmallIntegerField(default=0)),
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
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.businessline",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("record_type", "line"), name="pool_rule_once"),
                    models.CheckConstraint(
                        condition=models.Q(("days__gt", 0), ("record_type__in", ["account", "lead"])),
                        name="pool_rule_sensible",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PoolDue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=20)),
                ("record", models.BigIntegerField()),
                ("returns_on", models.DateField()),
                ("last_touch_at", models.DateTimeField()),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="crm.poolrule"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("record_type", "record"), name="pool_due_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PoolMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=20)),
                ("record", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("recycled", "Recycled"),
                            ("returned", "Returned"),
                            ("claimed", "Claimed"),
                            ("assigned", "Assigned"),
                        ],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("days", models.PositiveSmallIntegerField(null=True)),
                ("last_touch_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "from_owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "to_owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="crm.poolrule",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["record_type", "record", "-at", "-id"], name="pool_move_of_record"),
                    models.Index(
                        condition=models.Q(("kind", "claimed")),
                        fields=["to_owner", "record_type", "at"],
                        name="pool_move_claims",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["recycled", "returned"]), ("to_owner", None)),
                            models.Q(
                                ("from_owner", None),
                                ("kind__in", ["claimed", "assigned"]),
                                ("to_owner__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="pool_move_in_or_out",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CurrencyRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("house", models.CharField(max_length=3)),
                ("currency", models.CharField(max_length=3)),
                ("from_on", models.DateField()),
                ("rate", models.DecimalField(decimal_places=10, max_digits=20)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("house", "currency", "from_on"), name="currency_rate_once_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rate__gt", 0), models.Q(("house", models.F("currency")), _negated=True)
                        ),
                        name="currency_rate_sensible",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MoneySetting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("currency", models.CharField(default="CNY", max_length=3)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="money_setting_once")
                ],
            },
        ),
        *(migrations.RunSQL(module.FORWARD, module.BACKWARD) for module in _SQL),
    ]
