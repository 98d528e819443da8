"""One log in partitions by the month in which an entry became known. It takes new entries and nothing else."""

from django.db import migrations, models

# Django empties the tables of a database named test_… between tests, and no other may be emptied.
FORWARD = r"""
CREATE SEQUENCE timeline_entry_id_seq AS bigint;
CREATE TABLE timeline_entry (
    id bigint NOT NULL DEFAULT nextval('timeline_entry_id_seq'),
    known_at timestamptz NOT NULL,
    at timestamptz NOT NULL CHECK (at <= known_at),
    kind text NOT NULL CHECK (kind <> ''),
    deal_id bigint,
    account_id bigint,
    actor_id bigint,
    actor_label text,
    subject text NOT NULL,
    source text NOT NULL,
    source_id text NOT NULL,
    basis text NOT NULL CHECK (basis IN ('contract', 'legitimate_interest', 'consent', 'own_record')),
    ref text,
    values jsonb,
    PRIMARY KEY (id, known_at)
) PARTITION BY RANGE (known_at);
CREATE INDEX timeline_of_deal ON timeline_entry (deal_id, at DESC, id DESC);
CREATE INDEX timeline_of_account ON timeline_entry (account_id, at DESC, id DESC) WHERE deal_id IS NULL;

-- A key over all partitions must hold the month: so what was seen is kept beside them.
CREATE TABLE timeline_seen (fingerprint bytea PRIMARY KEY);

CREATE FUNCTION timeline_refuse_to_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The timeline is append-only: % is refused.', TG_OP
        USING HINT = 'What was said lies in the room that "ref" names, and can be erased there.';
END
$$;
CREATE TRIGGER timeline_append_only BEFORE UPDATE OR DELETE ON timeline_entry
    FOR EACH ROW EXECUTE FUNCTION timeline_refuse_to_forget();
CREATE TRIGGER timeline_never_emptied BEFORE TRUNCATE ON timeline_entry
    FOR EACH STATEMENT EXECUTE FUNCTION timeline_refuse_to_forget();

-- Attached, not made in place: PARTITION OF would lock out every reader of the log.
CREATE FUNCTION timeline_make_month(first date) RETURNS void LANGUAGE plpgsql AS $$
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
END
$$;
"""
BACKWARD = """
DROP TABLE timeline_entry, timeline_seen;
DROP FUNCTION timeline_refuse_to_forget(), timeline_make_month(date);
DROP SEQUENCE timeline_entry_id_seq;
"""
ENTRY = migrations.CreateModel(
    name="Entry",
    fields=[
        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
        ("known_at", models.DateTimeField()),
        ("at", models.DateTimeField()),
        ("kind", models.TextField()),
        ("deal", models.BigIntegerField(db_column="deal_id", null=True)),
        ("account", models.BigIntegerField(db_column="account_id", null=True)),
        ("actor", models.BigIntegerField(db_column="actor_id", null=True)),
        ("actor_label", models.TextField(null=True)),
        ("subject", models.TextField()),
        ("source", models.TextField()),
        ("source_id", models.TextField()),
        ("basis", models.TextField()),
        ("ref", models.TextField(null=True)),
        ("values", models.JSONField(null=True)),
    ],
    options={"db_table": "timeline_entry"},
)
SEEN = migrations.CreateModel(
    name="Seen",
    fields=[("fingerprint", models.BinaryField(primary_key=True, serialize=False))],
    options={"db_table": "timeline_seen"},
)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(FORWARD, BACKWARD, state_operations=[ENTRY, SEEN])]
