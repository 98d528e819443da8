"""Let sums be tidied after a hundredth of them changed, not a fifth: only what is tidy is read from its index alone."""

from django.db import migrations

TABLES = ("signals_daily", "signals_interest")
SOONER = "autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01"
AS_EVER = "autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor"


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0009_map_in_order"),
    ]

    operations = [
        migrations.RunSQL(
            [f"ALTER TABLE {table} SET ({SOONER})" for table in TABLES],
            [f"ALTER TABLE {table} RESET ({AS_EVER})" for table in TABLES],
        ),
    ]
