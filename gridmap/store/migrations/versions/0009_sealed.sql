-- Cases are listed from the newest change on, and their trail is asked for what it told of last.
CREATE INDEX cases_changed ON cases (changed_at, case_id);
CREATE INDEX audit_of_a_case ON audit ((detail ->> 'case'), audit_id) WHERE detail ? 'seals';

-- Of a case itself its status moves, its zone comes with its first shape, and each change counts one.
CREATE FUNCTION case_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version <> OLD.version + 1 OR NEW.epsg IS DISTINCT FROM coalesce(OLD.epsg, NEW.epsg)
    OR to_jsonb(OLD) - '{status,epsg,version,changed_at}'::text[]
    IS DISTINCT FROM to_jsonb(NEW) - '{status,epsg,version,changed_at}'::text[] THEN
        RAISE EXCEPTION 'of a case status and zone alone may change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER cases_stay BEFORE DELETE OR TRUNCATE ON cases
FOR EACH STATEMENT EXECUTE FUNCTION case_refuse();
CREATE TRIGGER cases_move_on BEFORE UPDATE ON cases
FOR EACH ROW EXECUTE FUNCTION case_moves_on();
CREATE TRIGGER parcel_lineage_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON parcel_lineage
FOR EACH STATEMENT EXECUTE FUNCTION case_refuse();
