-- Layers, provenance, audit, revisions and keys. The tables are described by gridmap/store/schema.py.
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE api_keys (
    key_id BIGINT GENERATED ALWAYS AS IDENTITY,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    prefix TEXT COLLATE "C" NOT NULL,
    secret_sha256 BYTEA NOT NULL,
    created TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    revoked TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (key_id),
    CONSTRAINT api_keys_known_role CHECK (role IN ('viewer', 'operator', 'mediator', 'grid-admin', 'system-admin')),
    UNIQUE (secret_sha256)
);
CREATE UNIQUE INDEX api_keys_one_key_per_name ON api_keys (name) WHERE revoked IS NULL;

CREATE TABLE audit (
    audit_id BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    layer TEXT COLLATE "C",
    load_id BIGINT,
    detail JSONB NOT NULL,
    prev BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (audit_id),
    UNIQUE (prev)
);

CREATE TABLE loads (
    load_id BIGINT GENERATED ALWAYS AS IDENTITY,
    layer TEXT COLLATE "C" NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C",
    crs TEXT COLLATE "C",
    encoding TEXT COLLATE "C",
    effective DATE,
    loaded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    rows INTEGER NOT NULL,
    warnings JSONB NOT NULL,
    PRIMARY KEY (load_id)
);

CREATE TABLE revisions (
    one BOOLEAN NOT NULL CONSTRAINT revisions_one_row CHECK (one),
    number BIGINT NOT NULL,
    transaction BIGINT,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (one)
);

CREATE TABLE addresses (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    building TEXT COLLATE "C",
    valid DATERANGE NOT NULL,
    geom geometry(POINT,4490) NOT NULL,
    load_id BIGINT NOT NULL,
    PRIMARY KEY (row_id),
    FOREIGN KEY(load_id) REFERENCES loads (load_id),
    CONSTRAINT addresses_one_row_per_day EXCLUDE USING gist (hashtextextended(id, 0) WITH =, hashtextextended(id, 1) WITH =, valid WITH &&)
);
CREATE INDEX addresses_geom ON addresses USING gist (geom);
CREATE INDEX addresses_id ON addresses (id);

CREATE TABLE areas (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C",
    level TEXT COLLATE "C",
    parent TEXT COLLATE "C",
    depth SMALLINT NOT NULL,
    households INTEGER,
    residents INTEGER,
    valid DATERANGE NOT NULL,
    geom geometry(MULTIPOLYGON,4490) NOT NULL,
    load_id BIGINT NOT NULL,
    PRIMARY KEY (row_id),
    FOREIGN KEY(load_id) REFERENCES loads (load_id),
    CONSTRAINT areas_one_row_per_day EXCLUDE USING gist (hashtextextended(code, 0) WITH =, hashtextextended(code, 1) WITH =, valid WITH &&)
);
CREATE INDEX areas_code ON areas (code);
CREATE INDEX areas_geom ON areas USING gist (geom);
CREATE INDEX areas_parent ON areas (parent);

CREATE TABLE buildings (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT COLLATE "C" NOT NULL,
    households INTEGER,
    residents INTEGER,
    height_m DOUBLE PRECISION,
    floors INTEGER,
    valid DATERANGE NOT NULL,
    geom geometry(MULTIPOLYGON,4490) NOT NULL,
    load_id BIGINT NOT NULL,
    PRIMARY KEY (row_id),
    FOREIGN KEY(load_id) REFERENCES loads (load_id),
    CONSTRAINT buildings_one_row_per_day EXCLUDE USING gist (hashtextextended(id, 0) WITH =, hashtextextended(id, 1) WITH =, valid WITH &&)
);
CREATE INDEX buildings_geom ON buildings USING gist (geom);
CREATE INDEX buildings_id ON buildings (id);

CREATE TABLE cameras (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C",
    height_m DOUBLE PRECISION,
    heading_deg DOUBLE PRECISION,
    hfov_deg DOUBLE PRECISION,
    tilt_deg DOUBLE PRECISION,
    vfov_deg DOUBLE PRECISION,
    width_px INTEGER,
    range_m DOUBLE PRECISION,
    kind TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    valid DATERANGE NOT NULL,
    geom geometry(POINT,4490) NOT NULL,
    load_id BIGINT NOT NULL,
    PRIMARY KEY (row_id),
    FOREIGN KEY(load_id) REFERENCES loads (load_id),
    CONSTRAINT cameras_one_row_per_day EXCLUDE USING gist (hashtextextended(id, 0) WITH =, hashtextextended(id, 1) WITH =, valid WITH &&)
);
CREATE INDEX cameras_geom ON cameras USING gist (geom);
CREATE INDEX cameras_id ON cameras (id);

CREATE TABLE candidates (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C",
    valid DATERANGE NOT NULL,
    geom geometry(MULTILINESTRING,4490) NOT NULL,
    load_id BIGINT NOT NULL,
    PRIMARY KEY (row_id),
    FOREIGN KEY(load_id) REFERENCES loads (load_id),
    CONSTRAINT candidates_one_row_per_day EXCLUDE USING gist (hashtextextended(id, 0) WITH =, hashtextextended(id, 1) WITH =, valid WITH &&)
);
CREATE INDEX candidates_geom ON candidates USING gist (geom);
CREATE INDEX candidates_id ON candidates (id);

CREATE TABLE checkpoints (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C",
    opens TEXT COLLATE "C",
    closes TEXT COLLATE "C",
    radius_m DOUBLE PRECISION,
    valid DATERANGE NOT NULL,
    geom geometry(POINT,4490) NOT NULL,
    load_id BIGINT NOT NULL,
    PRIMARY KEY (row_id),
    FOREIGN KEY(load_id) REFERENCES loads (load_id),
    CONSTRAINT checkpoints_one_row_per_day EXCLUDE USING gist (hashtextextended(id, 0) WITH =, hashtextextended(id, 1) WITH =, valid WITH &&)
);
CREATE INDEX checkpoints_geom ON checkpoints USING gist (geom);
CREATE INDEX checkpoints_id ON checkpoints (id);

CREATE TABLE claims (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    digest TEXT COLLATE "C" NOT NULL,
    party TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C",
    date DATE,
    accuracy_m DOUBLE PRECISION,
    valid DATERANGE NOT NULL,
    geom geometry(GEOMETRY,4490) NOT NULL,
    load_id BIGINT NOT NULL,
    PRIMARY KEY (row_id),
    FOREIGN KEY(load_id) REFERENCES loads (load_id),
    CONSTRAINT claims_one_row_per_day EXCLUDE USING gist (hashtextextended(digest, 0) WITH =, hashtextextended(digest, 1) WITH =, valid WITH &&),
    CONSTRAINT claims_polygon_or_line CHECK (GeometryType(geom) IN ('MULTIPOLYGON', 'MULTILINESTRING'))
);
CREATE INDEX claims_digest ON claims (digest);
CREATE INDEX claims_geom ON claims USING gist (geom);

CREATE TABLE fixes (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    post TEXT COLLATE "C" NOT NULL,
    time TIMESTAMP WITH TIME ZONE NOT NULL,
    accuracy_m DOUBLE PRECISION,
    geom geometry(POINT,4490) NOT NULL,
    load_id BIGINT NOT NULL,
    PRIMARY KEY (row_id),
    CONSTRAINT fixes_one_place_at_a_time UNIQUE (post, time),
    FOREIGN KEY(load_id) REFERENCES loads (load_id)
);
CREATE INDEX fixes_geom ON fixes USING gist (geom);

CREATE TABLE parcels (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT COLLATE "C" NOT NULL,
    party TEXT COLLATE "C",
    source TEXT COLLATE "C",
    accuracy_m DOUBLE PRECISION,
    valid DATERANGE NOT NULL,
    geom geometry(MULTIPOLYGON,4490) NOT NULL,
    load_id BIGINT NOT NULL,
    PRIMARY KEY (row_id),
    FOREIGN KEY(load_id) REFERENCES loads (load_id),
    CONSTRAINT parcels_one_row_per_day EXCLUDE USING gist (hashtextextended(id, 0) WITH =, hashtextextended(id, 1) WITH =, valid WITH &&)
);
CREATE INDEX parcels_geom ON parcels USING gist (geom);
CREATE INDEX parcels_id ON parcels (id);

CREATE TABLE places (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    floor_m2 DOUBLE PRECISION,
    staff INTEGER,
    valid DATERANGE NOT NULL,
    geom geometry(POINT,4490) NOT NULL,
    load_id BIGINT NOT NULL,
    PRIMARY KEY (row_id),
    FOREIGN KEY(load_id) REFERENCES loads (load_id),
    CONSTRAINT places_one_row_per_day EXCLUDE USING gist (hashtextextended(id, 0) WITH =, hashtextextended(id, 1) WITH =, valid WITH &&)
);
CREATE INDEX places_geom ON places USING gist (geom);
CREATE INDEX places_id ON places (id);

CREATE TABLE streets (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C",
    class TEXT COLLATE "C",
    barrier TEXT COLLATE "C",
    valid DATERANGE NOT NULL,
    geom geometry(MULTILINESTRING,4490) NOT NULL,
    load_id BIGINT NOT NULL,
    PRIMARY KEY (row_id),
    FOREIGN KEY(load_id) REFERENCES loads (load_id),
    CONSTRAINT streets_one_row_per_day EXCLUDE USING gist (hashtextextended(id, 0) WITH =, hashtextextended(id, 1) WITH =, valid WITH &&)
);
CREATE INDEX streets_geom ON streets USING gist (geom);
CREATE INDEX streets_id ON streets (id);

