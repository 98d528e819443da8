"""Imports find what is there already by an index, and a board adds up its open deals from one."""

from django.db import migrations, models

# As foresail.crm.services.importing.twins asks, to the letter.
_NAME = "translate(lower(normalize(name, NFKC)), ' .,()-_·&/''\"“”‘’、', '')"
_PHONE = "right(regexp_replace(phone, '[^0-9]', '', 'g'), 11)"
FORWARD = f"""
CREATE INDEX account_same_name ON crm_account ({_NAME}) WHERE deleted_at IS NULL AND name <> '';
CREATE INDEX account_same_phone ON crm_account ({_PHONE}) WHERE deleted_at IS NULL AND phone <> '';
CREATE INDEX contact_same_phone ON crm_contact ({_PHONE}) WHERE deleted_at IS NULL AND phone <> '';
CREATE INDEX lead_same_phone ON crm_lead ({_PHONE}) WHERE deleted_at IS NULL AND phone <> '';
"""
BACKWARD = "DROP INDEX account_same_name, account_same_phone, contact_same_phone, lead_same_phone;"


class Migration(migrations.Migration):
    dependencies = [("crm", "0090_import_log")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                fields=["pipeline", "stage"],
                include=[
                    "id",
                    "owner",
                    "team",
                    "line",
                    "account",
                    "status",
                    "amount",
                    "currency",
                    "closed_at",
                ],
                condition=models.Q(("deleted_at", None), ("status", "open")),
                name="deal_board",
            ),
        ),
    ]
