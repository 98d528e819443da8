"""The log and what was seen are guarded too while a session plays back another server's changes."""

from django.db import migrations

FORWARD = r"""
CREATE TRIGGER timeline_seen_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON timeline_seen
    FOR EACH STATEMENT EXECUTE FUNCTION timeline_refuse_to_forget();
ALTER TABLE timeline_seen ENABLE ALWAYS TRIGGER timeline_seen_append_only;
-- Partitions have both: the first is handed down to those there are and to come, the second is each one's own.
ALTER TABLE timeline_entry ENABLE ALWAYS TRIGGER timeline_append_only;
ALTER TABLE ONLY timeline_entry ENABLE ALWAYS TRIGGER timeline_never_emptied;
DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'timeline_entry'::regclass LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER timeline_never_emptied', part);
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION timeline_make_month(first date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := 'timeline_entry_' || to_char(first, 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('foresail.timeline months', 0));
    -- Not to_regclass: it may not see yet what was made while this waited for the lock.
    IF EXISTS (SELECT FROM pg_class WHERE relname = name AND relkind = 'r') THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE timeline_entry INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format(
        'ALTER TABLE timeline_entry ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        name, first::timestamp AT TIME ZONE 'UTC', (first + interval '1 month') AT TIME ZONE 'UTC');
    EXECUTE format('CREATE TRIGGER timeline_never_emptied BEFORE TRUNCATE ON %I '
        'FOR EACH STATEMENT EXECUTE FUNCTION timeline_refuse_to_forget()', name);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER timeline_never_emptied', name);
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("timeline", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
