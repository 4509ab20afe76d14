-- What a camera is, as far as it was measured or is known from its list. The table is described by
-- gridmap/store/schema.py.
ALTER TABLE cameras
    ADD COLUMN heading_accuracy_deg DOUBLE PRECISION,
    ADD COLUMN octant TEXT COLLATE "C",
    ADD COLUMN direction TEXT COLLATE "C",
    ADD COLUMN height_px INTEGER,
    ADD COLUMN focal_mm DOUBLE PRECISION,
    ADD COLUMN sensor_mm DOUBLE PRECISION,
    ADD COLUMN pixel_um DOUBLE PRECISION,
    ADD COLUMN dori_detect_m DOUBLE PRECISION,
    ADD COLUMN night_m DOUBLE PRECISION,
    ADD COLUMN light TEXT COLLATE "C",
    ADD COLUMN lit TEXT COLLATE "C",
    ADD COLUMN turn_deg DOUBLE PRECISION,
    ADD COLUMN zoom DOUBLE PRECISION,
    ADD COLUMN point_class TEXT COLLATE "C";

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
