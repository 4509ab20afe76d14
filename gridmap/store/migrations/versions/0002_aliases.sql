-- Aliases: what people call an address, and what is meant. The table is described by gridmap/store/schema.py.
CREATE TABLE aliases (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    alias TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    means TEXT COLLATE "C" NOT NULL,
    valid DATERANGE NOT NULL,
    added_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (row_id),
    CONSTRAINT aliases_one_row_per_day EXCLUDE USING gist (key WITH =, valid WITH &&)
);
CREATE INDEX aliases_key ON aliases (key);

-- Whoever keeps a copy of the territory follows these changes too: the revision counts them from now on.
DO $$
DECLARE
    layer text;
BEGIN
    FOREACH layer IN ARRAY ARRAY['aliases', 'buildings', 'streets'] LOOP
        EXECUTE format('CREATE TRIGGER %1$s_inserted AFTER INSERT ON %1$I REFERENCING NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION revision_count()', layer);
        EXECUTE format('CREATE TRIGGER %1$s_updated AFTER UPDATE ON %1$I REFERENCING NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION revision_count()', layer);
        EXECUTE format('CREATE TRIGGER %1$s_deleted AFTER DELETE ON %1$I REFERENCING OLD TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION revision_count()', layer);
        EXECUTE format('CREATE TRIGGER %1$s_truncated AFTER TRUNCATE ON %1$I
            FOR EACH STATEMENT EXECUTE FUNCTION revision_count()', layer);
    END LOOP;
END
$$;
