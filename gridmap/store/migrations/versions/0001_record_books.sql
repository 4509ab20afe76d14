-- The audit trail: rows are added, numbered and chained by the database, and never changed.
CREATE FUNCTION audit_hash(prev bytea, entry audit) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256(prev || convert_to(jsonb_build_array(
        entry.audit_id, to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        entry.actor, entry.role, entry.action, entry.layer, entry.load_id, entry.detail)::text, 'UTF8'))
$$;

-- Takes its place at the end of the chain. Writers queue here until the one before has committed or given up;
-- one that reads an older snapshot than its predecessor's is refused by the unique `prev`.
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last audit;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('gridmap.audit'));
    SELECT * INTO last FROM audit ORDER BY audit_id DESC LIMIT 1;
    NEW.audit_id := coalesce(last.audit_id, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.prev := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
    NEW.hash := audit_hash(NEW.prev, NEW);
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_chain BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_chain();

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- The revision: counts the committed changes of areas and addresses, whoever makes them.
-- The row stays locked until its transaction ends, so the numbers grow in the order of the commits.
INSERT INTO revisions (one, number, changed_at) VALUES (true, 0, now());

CREATE FUNCTION revision_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    counted bigint;
BEGIN
    IF TG_OP <> 'TRUNCATE' THEN
        IF NOT EXISTS (SELECT FROM changed) THEN
            RETURN NULL;
        END IF;
    END IF;
    UPDATE revisions
    SET number = number + 1, changed_at = now(), transaction = pg_current_xact_id()::text::bigint
    WHERE transaction IS DISTINCT FROM pg_current_xact_id()::text::bigint
    RETURNING number INTO counted;
    IF FOUND THEN
        PERFORM pg_notify('gridmap_changed', counted::text);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER areas_inserted AFTER INSERT ON areas REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION revision_count();
CREATE TRIGGER areas_updated AFTER UPDATE ON areas REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION revision_count();
CREATE TRIGGER areas_deleted AFTER DELETE ON areas REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION revision_count();
CREATE TRIGGER areas_truncated AFTER TRUNCATE ON areas
FOR EACH STATEMENT EXECUTE FUNCTION revision_count();
CREATE TRIGGER addresses_inserted AFTER INSERT ON addresses REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION revision_count();
CREATE TRIGGER addresses_updated AFTER UPDATE ON addresses REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION revision_count();
CREATE TRIGGER addresses_deleted AFTER DELETE ON addresses REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION revision_count();
CREATE TRIGGER addresses_truncated AFTER TRUNCATE ON addresses
FOR EACH STATEMENT EXECUTE FUNCTION revision_count();
