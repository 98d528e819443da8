"""What search finds a record by is kept as numbers: their index takes half the time to write, and less room."""

from typing import Any

import django.contrib.postgres.fields
from django.db import migrations, models

from foresail.core.search import key_of_piece

TABLES = ("account", "contact", "deal", "lead", "product")


def to_numbers(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  (as Django calls it)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE numbered (piece text PRIMARY KEY, number integer) ON COMMIT DROP")
        pieces = " UNION ".join(f"SELECT unnest(keys) FROM crm_{table}" for table in TABLES)  # noqa: S608
        cursor.execute(pieces)
        found = [piece for (piece,) in cursor.fetchall()]
        with cursor.copy("COPY numbered FROM STDIN") as copy:
            for piece in found:
                copy.write_row((piece, key_of_piece(piece)))
        cursor.execute("ANALYZE numbered")
        cursor.execute(
            """
            CREATE FUNCTION pg_temp.numbers(pieces text[]) RETURNS integer[] STABLE LANGUAGE sql AS $$
                SELECT coalesce(array_agg(number ORDER BY place), '{}')
                FROM unnest(pieces) WITH ORDINALITY AS kept (piece, place) JOIN numbered USING (piece)
            $$
            """
        )
        for table in TABLES:
            cursor.execute(
                f"""
                DROP INDEX {table}_keys;
                ALTER TABLE crm_{table} ALTER COLUMN keys TYPE integer[] USING pg_temp.numbers(keys);
                CREATE INDEX {table}_keys ON crm_{table} USING gin (keys);
                """
            )
        cursor.execute("DROP FUNCTION pg_temp.numbers(text[])")


class Migration(migrations.Migration):
    dependencies = [("crm", "0095_quick")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(to_numbers)],
            state_operations=[
                migrations.AlterField(
                    table,
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                )
                for table in TABLES
            ],
        ),
    ]
