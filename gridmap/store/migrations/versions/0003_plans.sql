-- Plans: drafts, their edits, their lineage and change sheets. The tables are described by gridmap/store/schema.py.
CREATE TABLE plans (
    plan_id BIGINT GENERATED ALWAYS AS IDENTITY,
    name TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    base DATE NOT NULL,
    base_areas JSONB NOT NULL,
    level TEXT COLLATE "C",
    target DOUBLE PRECISION NOT NULL,
    effective DATE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    load_id BIGINT REFERENCES loads (load_id),
    ended JSONB,
    PRIMARY KEY (plan_id),
    CONSTRAINT plans_known_status CHECK (status IN ('draft', 'published', 'withdrawn')),
    CONSTRAINT plans_published_from_a_day CHECK ((status = 'published') <= (effective IS NOT NULL))
);
CREATE UNIQUE INDEX plans_one_draft_per_name ON plans (name) WHERE status = 'draft';
CREATE UNIQUE INDEX plans_one_plan_per_day ON plans (effective) WHERE status = 'published';

CREATE TABLE plan_areas (
    plan_id BIGINT NOT NULL REFERENCES plans (plan_id),
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C",
    level TEXT COLLATE "C",
    parent TEXT COLLATE "C",
    kind TEXT COLLATE "C",
    households INTEGER,
    residents INTEGER,
    buildings INTEGER,
    geom geometry(MULTIPOLYGON, 4490),
    PRIMARY KEY (plan_id, code)
);

CREATE TABLE plan_edits (
    plan_id BIGINT NOT NULL REFERENCES plans (plan_id),
    number INTEGER NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    of INTEGER,
    operation JSONB NOT NULL,
    codes JSONB NOT NULL,
    before JSONB NOT NULL,
    after JSONB NOT NULL,
    undone BOOLEAN NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (plan_id, number),
    CONSTRAINT plan_edits_known_kind CHECK (kind IN ('edit', 'undo', 'redo'))
);

CREATE TABLE plan_lineage (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    plan_id BIGINT NOT NULL REFERENCES plans (plan_id),
    old TEXT COLLATE "C",
    new TEXT COLLATE "C",
    kind TEXT COLLATE "C" NOT NULL,
    share_old DOUBLE PRECISION,
    share_new DOUBLE PRECISION,
    area_m2 DOUBLE PRECISION,
    households INTEGER,
    effective DATE NOT NULL,
    PRIMARY KEY (row_id)
);
CREATE INDEX plan_lineage_plan ON plan_lineage (plan_id);
CREATE INDEX plan_lineage_old ON plan_lineage (old);
CREATE INDEX plan_lineage_new ON plan_lineage (new);

CREATE TABLE plan_sheets (
    plan_id BIGINT NOT NULL REFERENCES plans (plan_id),
    sheet TEXT COLLATE "C" NOT NULL,
    place INTEGER NOT NULL,
    content JSONB NOT NULL,
    PRIMARY KEY (plan_id, sheet)
);
