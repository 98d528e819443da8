"""A way to find what names an address."""

from django.db import migrations

# Whoever withdraws is found by the address too, without a look at all that others left.
FORWARD = """
CREATE INDEX signals_of_email ON signals_signal (lower(btrim(values->>'email'))) WHERE values ? 'email';
"""
BACKWARD = """
DROP INDEX signals_of_email;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0007_ties_of_contacts"),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
