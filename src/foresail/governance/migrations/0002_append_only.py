"""The audit trail takes new rows and nothing else."""

from django.db import migrations

# Django empties the tables of a database named test_… between tests, and no other may be emptied.
# ALWAYS: the trigger also works while a session plays back another server's changes.
FORWARD = r"""
CREATE FUNCTION governance_refuse_to_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The audit trail is append-only: % is refused.', TG_OP
        USING HINT = 'To erase what it holds about a person, use governance.services.erase_person.';
END
$$;
CREATE TRIGGER governance_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON governance_auditrow
    FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse_to_forget();
ALTER TABLE governance_auditrow ENABLE ALWAYS TRIGGER governance_append_only;
"""
BACKWARD = """
DROP TRIGGER governance_append_only ON governance_auditrow;
DROP FUNCTION governance_refuse_to_forget();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
