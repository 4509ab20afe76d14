-- Cases of land disputes. Described by gridmap/store/schema_cases.py.
CREATE TABLE cases (
    case_id BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    epsg INTEGER,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_id),
    UNIQUE (code),
    CONSTRAINT cases_known_status CHECK (status IN ('open', 'agreed', 'closed', 'withdrawn'))
);

CREATE TABLE evidence_files (
    sha256 TEXT COLLATE "C" NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (sha256)
);

CREATE TABLE case_sources (
    case_id BIGINT NOT NULL REFERENCES cases (case_id),
    number INTEGER NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    captured TEXT COLLATE "C",
    released TEXT COLLATE "C",
    scanned TEXT COLLATE "C",
    evidence INTEGER,
    epsg INTEGER,
    accuracy_m DOUBLE PRECISION,
    leave_one_out_m DOUBLE PRECISION,
    method TEXT COLLATE "C",
    points JSON,
    actor TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    prev TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_id, number),
    CONSTRAINT case_sources_known_kind CHECK (kind IN ('map', 'picture', 'survey', 'parcels', 'document'))
);

CREATE TABLE case_claims (
    case_id BIGINT NOT NULL REFERENCES cases (case_id),
    number INTEGER NOT NULL,
    party TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C",
    date TEXT COLLATE "C",
    accuracy_m DOUBLE PRECISION,
    evidence INTEGER,
    geom geometry(GEOMETRY, 4490) NOT NULL,
    reading JSON,
    withdrawn BOOLEAN DEFAULT false NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    prev TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_id, number),
    CONSTRAINT case_claims_polygon_or_line CHECK (GeometryType(geom) IN ('MULTIPOLYGON', 'MULTILINESTRING'))
);

CREATE TABLE case_candidates (
    case_id BIGINT NOT NULL REFERENCES cases (case_id),
    number INTEGER NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C",
    geom geometry(MULTILINESTRING, 4490) NOT NULL,
    params JSON,
    withdrawn BOOLEAN DEFAULT false NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    prev TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_id, number)
);
CREATE UNIQUE INDEX case_candidates_one_of_an_id ON case_candidates (case_id, id);

CREATE TABLE case_evidence (
    case_id BIGINT NOT NULL REFERENCES cases (case_id),
    number INTEGER NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    media_type TEXT COLLATE "C" NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL REFERENCES evidence_files (sha256),
    kind TEXT COLLATE "C" NOT NULL,
    party TEXT COLLATE "C",
    statement TEXT COLLATE "C",
    captured TEXT COLLATE "C",
    released TEXT COLLATE "C",
    scanned TEXT COLLATE "C",
    actor TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    prev TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_id, number),
    CONSTRAINT case_evidence_not_empty CHECK (bytes > 0)
);

CREATE TABLE case_agreements (
    case_id BIGINT NOT NULL REFERENCES cases (case_id),
    number INTEGER NOT NULL,
    candidate TEXT COLLATE "C" NOT NULL,
    agreed_on DATE NOT NULL,
    effective DATE NOT NULL,
    parties TEXT[] NOT NULL,
    terms TEXT COLLATE "C" NOT NULL,
    sheet_sha256 TEXT COLLATE "C",
    claims_head TEXT COLLATE "C" NOT NULL,
    candidates_head TEXT COLLATE "C" NOT NULL,
    evidence_head TEXT COLLATE "C" NOT NULL,
    parcels JSON NOT NULL,
    lineage JSON NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    prev TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_id, number)
);

CREATE TABLE parcel_lineage (
    row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    case_id BIGINT NOT NULL REFERENCES cases (case_id),
    number INTEGER NOT NULL,
    old TEXT COLLATE "C",
    new TEXT COLLATE "C",
    kind TEXT COLLATE "C" NOT NULL,
    share_old DOUBLE PRECISION,
    share_new DOUBLE PRECISION,
    area_m2 DOUBLE PRECISION,
    effective DATE NOT NULL,
    PRIMARY KEY (row_id)
);
CREATE INDEX parcel_lineage_case ON parcel_lineage (case_id);
CREATE INDEX parcel_lineage_old ON parcel_lineage (old);
CREATE INDEX parcel_lineage_new ON parcel_lineage (new);

-- What a party handed in is never overwritten nor taken out; a claim or candidate may be marked as withdrawn, once.
CREATE FUNCTION case_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE FUNCTION case_withdraw_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.withdrawn OR NOT NEW.withdrawn OR to_jsonb(OLD) - 'withdrawn' IS DISTINCT FROM to_jsonb(NEW) - 'withdrawn'
    OR ST_AsEWKB(OLD.geom) IS DISTINCT FROM ST_AsEWKB(NEW.geom) THEN
        RAISE EXCEPTION '% is append-only: a row can be withdrawn alone', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER case_sources_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_sources
FOR EACH STATEMENT EXECUTE FUNCTION case_refuse();
CREATE TRIGGER case_evidence_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_evidence
FOR EACH STATEMENT EXECUTE FUNCTION case_refuse();
CREATE TRIGGER case_agreements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_agreements
FOR EACH STATEMENT EXECUTE FUNCTION case_refuse();
CREATE TRIGGER evidence_files_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_files
FOR EACH STATEMENT EXECUTE FUNCTION case_refuse();
CREATE TRIGGER case_claims_append_only BEFORE DELETE OR TRUNCATE ON case_claims
FOR EACH STATEMENT EXECUTE FUNCTION case_refuse();
CREATE TRIGGER case_claims_withdraw_alone BEFORE UPDATE ON case_claims
FOR EACH ROW EXECUTE FUNCTION case_withdraw_alone();
CREATE TRIGGER case_candidates_append_only BEFORE DELETE OR TRUNCATE ON case_candidates
FOR EACH STATEMENT EXECUTE FUNCTION case_refuse();
CREATE TRIGGER case_candidates_withdraw_alone BEFORE UPDATE ON case_candidates
FOR EACH ROW EXECUTE FUNCTION case_withdraw_alone();
