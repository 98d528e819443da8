"""Keys, visitors, and signals in partitions by the month in which they became known."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A key over partitions cannot leave out the month: what was seen is kept beside them. Signals can be erased, unlike
# entries of the timeline: they are people's own data, and rest on their consent.
FORWARD = """
CREATE SEQUENCE signals_signal_id_seq AS bigint;
CREATE TABLE signals_signal (
    id bigint NOT NULL DEFAULT nextval('signals_signal_id_seq'),
    known_at timestamptz NOT NULL,
    at timestamptz NOT NULL CHECK (at <= known_at),
    until timestamptz NOT NULL CHECK (until > at),
    key_id bigint NOT NULL,
    visitor_id bigint NOT NULL,
    source text NOT NULL,
    kind text NOT NULL,
    purpose text NOT NULL,
    basis text NOT NULL,
    fingerprint bytea NOT NULL,
    values jsonb NOT NULL,
    PRIMARY KEY (id, known_at)
) PARTITION BY RANGE (known_at);
CREATE INDEX signals_of_visitor ON signals_signal (visitor_id, at);
CREATE INDEX signals_of_key ON signals_signal (key_id, known_at);
CREATE INDEX signals_until ON signals_signal USING brin (until);
CREATE TABLE signals_seen (fingerprint bytea PRIMARY KEY);

-- Attached, not made in place: PARTITION OF would lock out every reader.
CREATE FUNCTION signals_make_month(first date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := 'signals_signal_' || to_char(first, 'YYYY_MM');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('foresail.signals months', 0));
    -- Not to_regclass: it may not see yet what was made while this waited for the lock.
    IF EXISTS (SELECT FROM pg_class WHERE relname = name AND relkind = 'r') THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE signals_signal INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format(
        'ALTER TABLE signals_signal ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        name, first::timestamp AT TIME ZONE 'UTC', (first + interval '1 month') AT TIME ZONE 'UTC');
END
$$;
"""
BACKWARD = """
DROP TABLE signals_signal, signals_seen;
DROP FUNCTION signals_make_month(date);
DROP SEQUENCE signals_signal_id_seq;
"""
STATE = [
    migrations.CreateModel(
        name="Seen",
        fields=[
            ("fingerprint", models.BinaryField(primary_key=True, serialize=False)),
        ],
        options={
            "db_table": "signals_seen",
        },
    ),
    migrations.CreateModel(
        name="Signal",
        fields=[
            ("id", models.BigIntegerField(primary_key=True, serialize=False)),
            ("known_at", models.DateTimeField()),
            ("at", models.DateTimeField()),
            ("until", models.DateTimeField()),
            ("key", models.BigIntegerField(db_column="key_id")),
            ("visitor", models.BigIntegerField(db_column="visitor_id")),
            ("source", models.TextField()),
            ("kind", models.TextField()),
            ("purpose", models.TextField()),
            ("basis", models.TextField()),
            ("fingerprint", models.BinaryField()),
            ("values", models.JSONField()),
        ],
        options={
            "db_table": "signals_signal",
        },
    ),
]


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD, state_operations=STATE),
        migrations.CreateModel(
            name="Visitor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("anonymous", models.TextField(unique=True)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="IntakeKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("server", "Server"), ("browser", "Browser")], max_length=7),
                ),
                ("name", models.CharField(max_length=100)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("shown", models.CharField(max_length=60)),
                ("secret", models.CharField(max_length=64)),
                ("sources", models.JSONField()),
                ("origins", models.JSONField(default=list)),
                ("per_minute", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "browser"), _negated=True),
                            models.Q(("origins", []), _negated=True),
                            _connector="OR",
                        ),
                        name="signals_key_browser_has_origins",
                    )
                ],
            },
        ),
    ]
