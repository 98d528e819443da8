"""Parts of names are found by trigrams; a stage is of the deal's own pipeline."""

from django.db import migrations

# Django looks for a part of a text, whatever its case, as UPPER(text) LIKE: so the indexes are over UPPER.
FORWARD = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX account_found ON crm_account USING gin (upper(name) gin_trgm_ops);
CREATE INDEX contact_found ON crm_contact USING gin (upper(name) gin_trgm_ops);
CREATE INDEX deal_found ON crm_deal USING gin (upper(name) gin_trgm_ops);
CREATE INDEX deal_number_found ON crm_deal (upper(number) text_pattern_ops);
ALTER TABLE crm_deal ADD CONSTRAINT deal_stage_of_its_pipeline
    FOREIGN KEY (stage_id, pipeline_id) REFERENCES crm_stage (id, pipeline_id);
"""
BACKWARD = """
ALTER TABLE crm_deal DROP CONSTRAINT deal_stage_of_its_pipeline;
DROP INDEX account_found, contact_found, deal_found, deal_number_found;
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
