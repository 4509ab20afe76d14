-- Which area holds a point, by one tie rule, on the coordinates as they are stored.
--
-- A point belongs to the area that holds the point nudged by (+e, +e^2): a border's points go to its east side, those of an exactly
-- east-west border to its north side. Among areas that hold it: the deepest, then the least code. Where none holds it, among the
-- areas whose border it lies on exactly: the deepest, then the least code. Else it is outside.

-- The day it is in China, whatever the server's clock is set to.
CREATE FUNCTION gridmap_today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date
$$;

-- The exact value of a float8; a cast to numeric would round it to 15 digits.
CREATE FUNCTION gridmap_exact(value float8) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    bits bigint := ('x' || encode(float8send(value), 'hex'))::bit(64)::bigint;
    exponent int := (bits >> 52) & 2047;
    mantissa bigint := bits & 4503599627370495;
BEGIN
    IF exponent = 0 THEN
        exponent := 1;
    ELSE
        mantissa := mantissa | 4503599627370496;
    END IF;
    IF bits < 0 THEN
        mantissa := -mantissa;
    END IF;
    exponent := exponent - 1075;
    IF exponent >= 0 THEN
        RETURN mantissa * 2::numeric ^ exponent;
    END IF;
    -- 2^-k = 5^k / 10^k, and a numeric holds every decimal fraction
    RETURN mantissa * 5::numeric ^ (-exponent) * ('1e' || exponent)::numeric;
END
$$;

-- Sign of the turn a -> b -> p: 1 where p lies to the left, -1 to the right, 0 on the line; exact.
-- The filter's bound is (3 + 16 e) e with e = 2^-53 (Shewchuk, 1997, Adaptive Precision Floating-Point Arithmetic, section 4.3).
CREATE FUNCTION gridmap_turn(ax float8, ay float8, bx float8, by float8, px float8, py float8) RETURNS int
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    acx float8 := ax - px;
    acy float8 := ay - py;
    bcx float8 := bx - px;
    bcy float8 := by - py;
    detleft float8;
    detright float8;
BEGIN
    IF (acx = 0 AND acy = 0) OR (bcx = 0 AND bcy = 0) THEN
        RETURN 0;
    END IF;
    -- products below this would underflow, which PostgreSQL refuses
    IF greatest(abs(acx), abs(acy)) > 1e-140 AND greatest(abs(bcx), abs(bcy)) > 1e-140
       AND (acx = 0 OR abs(acx) > 1e-140) AND (acy = 0 OR abs(acy) > 1e-140)
       AND (bcx = 0 OR abs(bcx) > 1e-140) AND (bcy = 0 OR abs(bcy) > 1e-140) THEN
        detleft := acx * bcy;
        detright := acy * bcx;
        IF abs(detleft - detright) > 3.3306690738754716e-16 * (abs(detleft) + abs(detright)) THEN
            RETURN sign(detleft - detright);
        END IF;
    END IF;
    RETURN sign(
        (gridmap_exact(ax) - gridmap_exact(px)) * (gridmap_exact(by) - gridmap_exact(py))
        - (gridmap_exact(ay) - gridmap_exact(py)) * (gridmap_exact(bx) - gridmap_exact(px)));
END
$$;

-- Whether the polygon holds the nudged point: an odd number of edges passes strictly to its east.
CREATE FUNCTION gridmap_holds(area geometry, x float8, y float8) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT count(*) % 2 = 1
        FROM (
            SELECT ST_X(ST_StartPoint(edge.geom)) AS ax, ST_Y(ST_StartPoint(edge.geom)) AS ay,
                   ST_X(ST_EndPoint(edge.geom)) AS bx, ST_Y(ST_EndPoint(edge.geom)) AS by
            FROM ST_DumpSegments(area) AS edge
            OFFSET 0
        ) AS e
        WHERE (ay <= y) <> (by <= y)
          AND x <= greatest(ax, bx)
          AND (x < least(ax, bx)
               OR CASE WHEN ay < by THEN gridmap_turn(ax, ay, bx, by, x, y)
                       ELSE gridmap_turn(bx, by, ax, ay, x, y) END > 0));
END
$$;

-- Whether the point lies exactly on the polygon's border.
CREATE FUNCTION gridmap_borders(area geometry, x float8, y float8) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (
        SELECT
        FROM (
            SELECT ST_X(ST_StartPoint(edge.geom)) AS ax, ST_Y(ST_StartPoint(edge.geom)) AS ay,
                   ST_X(ST_EndPoint(edge.geom)) AS bx, ST_Y(ST_EndPoint(edge.geom)) AS by
            FROM ST_DumpSegments(area) AS edge
            OFFSET 0
        ) AS e
        WHERE x BETWEEN least(ax, bx) AND greatest(ax, bx)
          AND y BETWEEN least(ay, by) AND greatest(ay, by)
          AND gridmap_turn(ax, ay, bx, by, x, y) = 0);
END
$$;

-- Code of the finest area that holds the point on that day; null where none does. `OFFSET 0` keeps the order: the finest area is
-- asked first, and the long borders of the coarse ones only where it is needed.
CREATE FUNCTION area_at(lon float8, lat float8, on_day date DEFAULT gridmap_today()) RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
DECLARE
    point geometry;
    found_code text;
BEGIN
    IF NOT (abs(lon) <= 1e9 AND abs(lat) <= 1e9) THEN
        RETURN NULL;
    END IF;
    point := ST_SetSRID(ST_MakePoint(lon, lat), 4490);
    SELECT code INTO found_code
    FROM (SELECT a.code, a.geom FROM areas AS a WHERE a.geom && point AND a.valid @> on_day
          ORDER BY a.depth DESC, a.code OFFSET 0) AS candidate
    WHERE gridmap_holds(candidate.geom, lon, lat)
    LIMIT 1;
    IF found_code IS NULL THEN
        SELECT code INTO found_code
        FROM (SELECT a.code, a.geom FROM areas AS a WHERE a.geom && point AND a.valid @> on_day
              ORDER BY a.depth DESC, a.code OFFSET 0) AS candidate
        WHERE gridmap_borders(candidate.geom, lon, lat)
        LIMIT 1;
    END IF;
    RETURN found_code;
END
$$;

-- The whole chain of that area, coarsest first.
CREATE FUNCTION areas_at(lon float8, lat float8, on_day date DEFAULT gridmap_today())
RETURNS TABLE (code text, level text, name text, depth smallint)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE ROWS 5 AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE up AS (
        SELECT a.code, a.level, a.name, a.depth, a.parent
        FROM areas AS a WHERE a.code = area_at(lon, lat, on_day) AND a.valid @> on_day
        UNION
        SELECT a.code, a.level, a.name, a.depth, a.parent
        FROM areas AS a JOIN up ON a.code = up.parent WHERE a.valid @> on_day
    )
    SELECT up.code, up.level, up.name, up.depth FROM up ORDER BY up.depth;
END
$$;

-- `area_at` for many points: their positions count from 1.
CREATE FUNCTION areas_of(lons float8[], lats float8[], on_day date DEFAULT gridmap_today())
RETURNS TABLE ("position" bigint, code text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    SELECT p.n, area_at(p.lon, p.lat, on_day) FROM unnest(lons, lats) WITH ORDINALITY AS p (lon, lat, n) ORDER BY p.n
$$;
