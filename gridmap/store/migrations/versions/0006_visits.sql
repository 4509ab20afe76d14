-- The ledger of visits, shifts that were settled, and batches that devices sent. Described by gridmap/store/schema.py.
CREATE TABLE visits (
    post TEXT COLLATE "C" NOT NULL,
    shift TEXT COLLATE "C" NOT NULL,
    street TEXT COLLATE "C" NOT NULL,
    from_m DOUBLE PRECISION NOT NULL,
    to_m DOUBLE PRECISION NOT NULL,
    start TIMESTAMP WITH TIME ZONE NOT NULL,
    "end" TIMESTAMP WITH TIME ZONE NOT NULL,
    class TEXT COLLATE "C" NOT NULL,
    direction SMALLINT NOT NULL,
    confidence DOUBLE PRECISION,
    revision BIGINT NOT NULL,
    CONSTRAINT visits_known_class CHECK (class IN ('observed', 'inferred', 'unknown')),
    CONSTRAINT visits_forward CHECK (from_m < to_m AND start <= "end")
) PARTITION BY RANGE (start);
CREATE INDEX visits_start ON visits USING brin (start);
CREATE INDEX visits_street ON visits (street, start);
CREATE INDEX visits_post_shift ON visits (post, shift);

CREATE TABLE settled (
    post TEXT COLLATE "C" NOT NULL,
    shift TEXT COLLATE "C" NOT NULL,
    opens TIMESTAMP WITH TIME ZONE NOT NULL,
    closes TIMESTAMP WITH TIME ZONE NOT NULL,
    fixes INTEGER NOT NULL,
    kept INTEGER NOT NULL,
    visits INTEGER NOT NULL,
    waterfall JSONB NOT NULL,
    quality JSONB NOT NULL,
    faults JSONB NOT NULL,
    shapes TEXT[] NOT NULL,
    datum TEXT COLLATE "C",
    datum_margin DOUBLE PRECISION,
    datum_reason TEXT COLLATE "C",
    read_as TEXT COLLATE "C",
    held JSONB NOT NULL,
    released JSONB NOT NULL,
    released_by TEXT COLLATE "C",
    released_at TIMESTAMP WITH TIME ZONE,
    credited BOOLEAN NOT NULL,
    revision BIGINT NOT NULL,
    matched_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    reduced_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (post, shift)
);
CREATE INDEX settled_opens ON settled (opens);
CREATE INDEX settled_shapes ON settled USING gin (shapes);
CREATE INDEX settled_held ON settled (opens) WHERE NOT credited;

CREATE TABLE unsettled (
    mark_id BIGINT GENERATED ALWAYS AS IDENTITY,
    post TEXT COLLATE "C" NOT NULL,
    hour TIMESTAMP WITH TIME ZONE NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (mark_id)
);
CREATE INDEX unsettled_post_hour ON unsettled (post, hour);

CREATE TABLE last_fixes (
    post TEXT COLLATE "C" NOT NULL,
    time TIMESTAMP WITH TIME ZONE NOT NULL,
    device TEXT COLLATE "C",
    accuracy_m DOUBLE PRECISION,
    speed_m_s DOUBLE PRECISION,
    geom geometry(POINT,4490) NOT NULL,
    PRIMARY KEY (post)
);

CREATE TABLE batches (
    batch_id UUID NOT NULL,
    layer TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    rows INTEGER NOT NULL,
    added INTEGER NOT NULL,
    datum TEXT COLLATE "C",
    datum_found TEXT COLLATE "C",
    datum_margin DOUBLE PRECISION,
    refused TEXT COLLATE "C",
    load_id BIGINT,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (batch_id),
    FOREIGN KEY(load_id) REFERENCES loads (load_id)
);
CREATE INDEX batches_received_at ON batches USING brin (received_at);

CREATE INDEX fixes_time ON fixes (time);
CREATE INDEX signins_time ON signins (time);

-- Marks what has to be settled, whoever adds fixes, and keeps the last place of each post. A mark stands for the fixes of
-- a post from a moment to the end of its hour. One that stands already is shared, so that whoever settles does not take
-- it away before this transaction ends; one that is being settled just now is passed over, and another is made. Nobody
-- waits for anybody.
CREATE FUNCTION fixes_arrived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH wanted AS (
        SELECT post, date_trunc('hour', time, 'UTC') AS hour, date_trunc('minute', min(time), 'UTC') AS since
        FROM arrived GROUP BY 1, 2
    ), held AS MATERIALIZED (
        SELECT wanted.post, wanted.hour
        FROM wanted JOIN unsettled ON unsettled.post = wanted.post AND unsettled.hour = wanted.hour
                                   AND unsettled.since <= wanted.since
        FOR KEY SHARE OF unsettled SKIP LOCKED
    )
    INSERT INTO unsettled (post, hour, since)
    SELECT post, hour, since FROM wanted
    WHERE NOT EXISTS (SELECT FROM held WHERE held.post = wanted.post AND held.hour = wanted.hour)
    ORDER BY post, hour;
    -- a clock that is far ahead would hide every later fix
    INSERT INTO last_fixes AS last (post, time, device, accuracy_m, speed_m_s, geom)
    SELECT DISTINCT ON (post) post, time, device, accuracy_m, speed_m_s, geom
    FROM arrived WHERE time <= now() + interval '5 minutes' ORDER BY post, time DESC, device
    ON CONFLICT (post) DO UPDATE
    SET time = excluded.time, device = excluded.device, accuracy_m = excluded.accuracy_m,
        speed_m_s = excluded.speed_m_s, geom = excluded.geom
    WHERE excluded.time > last.time;
    RETURN NULL;
END
$$;
CREATE TRIGGER fixes_arrived AFTER INSERT ON fixes REFERENCING NEW TABLE AS arrived
FOR EACH STATEMENT EXECUTE FUNCTION fixes_arrived();

-- what is there already has not been settled
INSERT INTO unsettled (post, hour, since)
SELECT post, date_trunc('hour', time, 'UTC'), date_trunc('minute', min(time), 'UTC') FROM fixes GROUP BY 1, 2;
INSERT INTO last_fixes (post, time, device, accuracy_m, speed_m_s, geom)
SELECT DISTINCT ON (post) post, time, device, accuracy_m, speed_m_s, geom
FROM fixes WHERE time <= now() + interval '5 minutes' ORDER BY post, time DESC, device;
