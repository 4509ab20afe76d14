"""The areas of a plan as rows that JSON can hold, and as tables: both ways to the last bit of a coordinate."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, delete, select, text

from gridmap.store.conflicts import plain_words
from gridmap.store.schema import SRID, plan_areas
from gridmap.store.staging import stored_shapes

#: Rows that are sent to the record at once, which bounds the memory that their JSON takes.
_AT_ONCE = 1000


class PlanRow(TypedDict):
    """One area of a plan."""

    #: its code, which may be provisional until it is published
    code: str
    #: what it is called
    name: str | None
    #: level of the hierarchy
    level: str | None
    #: code of the area that holds it
    parent: str | None
    #: ``basic`` or ``special``
    kind: str | None
    #: households, residents and buildings in it; None where that is not known
    households: int | None
    residents: int | None
    buildings: int | None
    #: its ground as hexadecimal EWKB; None for an area that others divide
    geom: str | None


#: What a row says of its area beside its ground.
WORDS, COUNTS = ("code", "name", "level", "parent", "kind"), ("households", "residents", "buildings")


@dataclass(frozen=True, kw_only=True)
class PlanTables:
    """The areas of a plan as tables."""

    #: those that no other divides, in the order of their codes: `WORDS`, `COUNTS`, geometry in EPSG:4490
    leaves: gpd.GeoDataFrame
    #: those above, in the order of their codes: `WORDS`
    upper: pd.DataFrame


_PUT = text("""
    INSERT INTO plan_areas (plan_id, code, name, level, parent, kind, households, residents, buildings, geom)
    SELECT :plan_id, code, name, level, parent, kind, households, residents, buildings, CAST(geom AS geometry)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
        code text, name text, level text, parent text, kind text,
        households integer, residents integer, buildings integer, geom text)
""")


def put(connection: Connection, plan_id: int, rows: Sequence[PlanRow]) -> None:
    """Write rows of a plan.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        If the plan has an area of one of these codes.
    """
    for start in range(0, len(rows), _AT_ONCE):
        some = json.dumps(rows[start : start + _AT_ONCE], ensure_ascii=False)
        connection.execute(_PUT, {"plan_id": plan_id, "rows": some})


def take(connection: Connection, plan_id: int, rows: Iterable[PlanRow]) -> None:
    """Take rows of a plan away.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the record cannot be written.
    """
    codes = [row["code"] for row in rows]
    connection.execute(delete(plan_areas).where(plan_areas.c.plan_id == plan_id, plan_areas.c.code.in_(codes)))


def tables(connection: Connection, plan_id: int) -> PlanTables:
    """Return the areas of a plan.

    Raises
    ------
    RecordError
        If the server went away.
    """
    words = [plan_areas.c[name] for name in (*WORDS, *COUNTS)]
    ground = plan_areas.c.geom.ST_AsEWKB("NDR").label("ground")
    query = select(*words, ground).where(plan_areas.c.plan_id == plan_id).order_by(plan_areas.c.code)
    with plain_words():
        rows = connection.execute(query).all()
    held = [row for row in rows if row.ground is not None]
    leaves = _table([row[:-1] for row in held], [bytes(row.ground) for row in held])
    upper = pd.DataFrame([row[: len(WORDS)] for row in rows if row.ground is None], columns=list(WORDS), dtype=object)
    return PlanTables(leaves=leaves, upper=upper)


def rows_of(leaves: gpd.GeoDataFrame, upper: pd.DataFrame | None = None) -> list[PlanRow]:
    """Return areas as rows.

    Parameters
    ----------
    leaves
        Areas that no other divides: code and polygons in EPSG:4490, any of `WORDS` and `COUNTS`.
    upper
        The areas above them; None: none.

    Raises
    ------
    None
    """
    ground = [shape.hex().upper() for shape in stored_shapes(leaves.geometry.to_numpy())] if len(leaves) else []
    rows = _records(leaves, ground)
    return rows if upper is None else rows + _records(upper, [None] * len(upper))


def leaves_of(rows: Sequence[PlanRow]) -> gpd.GeoDataFrame:
    """Return the table of those rows that have ground.

    Raises
    ------
    None
    """
    held = [(row, ground) for row in rows if (ground := row["geom"]) is not None]
    words = [[row[name] for name in (*WORDS, *COUNTS)] for row, _ in held]  # type: ignore[literal-required]
    return _table(words, [bytes.fromhex(ground) for _, ground in held])


def upper_of(rows: Sequence[PlanRow]) -> pd.DataFrame:
    """Return the table of those rows that have no ground of their own.

    Raises
    ------
    None
    """
    words = [[row[name] for name in WORDS] for row in rows if row["geom"] is None]  # type: ignore[literal-required]
    return pd.DataFrame(words, columns=list(WORDS), dtype=object)


def _table(rows: Sequence[Any], ground: Sequence[bytes]) -> gpd.GeoDataFrame:
    kinds: dict[str, Any] = {**dict.fromkeys(WORDS, object), **dict.fromkeys(COUNTS, "Int64")}
    table = {name: pd.Series([row[at] for row in rows], dtype=kind) for at, (name, kind) in enumerate(kinds.items())}
    shapes = shapely.from_wkb(np.array(ground, dtype=object))
    parts = shapely.get_num_geometries(shapes)
    single = np.where(parts == 1, shapely.get_geometry(shapes, 0), shapes) if len(shapes) else shapes
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapely.set_srid(single, 0), crs=SRID))


def _records(table: pd.DataFrame, ground: Sequence[str | None]) -> list[PlanRow]:
    """The rows of a table, missing values as None."""
    columns = {name: _cells(table, name) for name in (*WORDS, *COUNTS)}
    return [
        {**dict(zip(columns, row, strict=True)), "geom": shape}  # type: ignore[typeddict-item]
        for row, shape in zip(zip(*columns.values(), strict=True), ground, strict=True)
    ]


def _cells(table: pd.DataFrame, name: str) -> list[Any]:
    """A column as JSON has it; value by value, as an edit has a few rows and pandas takes its time for a column."""
    if name not in table.columns:
        return [None] * len(table)
    kind = int if name in COUNTS else str
    return [None if pd.isna(value) else kind(value) for value in table[name].tolist()]
