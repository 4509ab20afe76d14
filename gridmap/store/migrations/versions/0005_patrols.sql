-- What checkpoints ask for, which machine sent a fix, and sign-ins. The tables are described by gridmap/store/schema.py.
ALTER TABLE checkpoints
    ADD COLUMN every_days DOUBLE PRECISION,
    ADD COLUMN visits INTEGER,
    ADD COLUMN place_in_order INTEGER;

ALTER TABLE fixes
    ADD COLUMN device TEXT COLLATE "C",
    ADD COLUMN speed_m_s DOUBLE PRECISION,
    DROP CONSTRAINT fixes_one_place_at_a_time,
    ADD CONSTRAINT fixes_one_place_at_a_time UNIQUE NULLS NOT DISTINCT (post, device, time);

CREATE TABLE signins (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    post TEXT COLLATE "C" NOT NULL,
    checkpoint TEXT COLLATE "C" NOT NULL,
    time TIMESTAMP WITH TIME ZONE NOT NULL,
    device TEXT COLLATE "C",
    accuracy_m DOUBLE PRECISION,
    geom geometry(POINT,4490),
    load_id BIGINT NOT NULL,
    PRIMARY KEY (row_id),
    CONSTRAINT signins_one_at_a_time UNIQUE (post, checkpoint, time),
    FOREIGN KEY(load_id) REFERENCES loads (load_id)
);
CREATE INDEX signins_geom ON signins USING gist (geom);
