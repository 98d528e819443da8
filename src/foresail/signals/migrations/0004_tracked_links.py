"""Tracked links, and a way to find what ties a browser to one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Of whoever withdraws, what ties a browser to them goes at once: without a look at all that others left.
FORWARD = """
CREATE INDEX signals_of_link ON signals_signal ((values->>'link_id')) WHERE values ? 'link_id';
"""
BACKWARD = """
DROP INDEX signals_of_link;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0096_keys_as_numbers"),
        ("signals", "0003_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TrackedLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=22, unique=True)),
                ("target", models.TextField()),
                ("asset", models.CharField(blank=True, max_length=60)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("moves", models.JSONField(default=list)),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.contact",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name__regex", "^[A-Za-z0-9_-]{22}$")),
                        name="signals_link_has_a_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("made_at"))),
                        name="signals_link_expires",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
