"""What happened to a record and in no deal is found by the record; no entry is looked up by its account."""

from django.db import migrations

FORWARD = """
CREATE INDEX timeline_of_subject ON timeline_entry (subject, at DESC, id DESC) WHERE deal_id IS NULL;
DROP INDEX timeline_of_account;
"""
BACKWARD = """
CREATE INDEX timeline_of_account ON timeline_entry (account_id, at DESC, id DESC) WHERE deal_id IS NULL;
DROP INDEX timeline_of_subject;
"""


class Migration(migrations.Migration):
    dependencies = [("timeline", "0002_guarded")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
