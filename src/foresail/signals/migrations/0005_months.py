"""Months of evidence in files. The database itself counts in how many statements the evidence of one changed."""

import django.contrib.postgres.indexes
from django.db import migrations, models

# Also what nobody here thought of, such as a row mended by hand, makes a file stale.
FORWARD = """
CREATE FUNCTION signals_count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE signals_month SET changes = changes + 1
    WHERE first IN (SELECT date_trunc('month', at AT TIME ZONE 'UTC')::date FROM changed);
    RETURN NULL;
END
$$;
CREATE TRIGGER signals_evidence_begun AFTER INSERT ON signals_evidence
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION signals_count_change();
CREATE TRIGGER signals_evidence_ended AFTER UPDATE ON signals_evidence
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION signals_count_change();
CREATE TRIGGER signals_evidence_gone AFTER DELETE ON signals_evidence
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION signals_count_change();
"""
BACKWARD = """
DROP TRIGGER signals_evidence_begun ON signals_evidence;
DROP TRIGGER signals_evidence_ended ON signals_evidence;
DROP TRIGGER signals_evidence_gone ON signals_evidence;
DROP FUNCTION signals_count_change;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0004_tracked_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="Month",
            fields=[
                ("first", models.DateField(primary_key=True, serialize=False)),
                ("changes", models.BigIntegerField(default=0)),
                ("file", models.TextField(default="")),
                ("rows", models.BigIntegerField(null=True)),
                ("digest", models.TextField(default="")),
                ("written", models.BigIntegerField(null=True)),
                ("written_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="signals_evidence_by_time"),
        ),
        migrations.AddIndex(
            model_name="interest",
            index=models.Index(
                fields=["account"],
                include=("topic", "kind", "at", "value", "whole"),
                name="signals_interest_of_map",
            ),
        ),
        migrations.AddIndex(
            model_name="daily",
            index=models.Index(
                fields=["account", "on"], include=("kind", "whole"), name="signals_daily_of_map"
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
