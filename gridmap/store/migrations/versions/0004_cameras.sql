-- Whoever keeps what cameras see follows these layers too: the revision counts their changes from now on.
DO $$
DECLARE
    layer text;
BEGIN
    FOREACH layer IN ARRAY ARRAY['cameras', 'checkpoints', 'places'] LOOP
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
