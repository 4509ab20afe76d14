"""The depth of each area, which the tie rule asks for: the number of its ancestors on the days it is in force."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy import Connection, text

from gridmap import hierarchy
from gridmap.errors import ConflictError, TableError
from gridmap.store.conflicts import listed

# The areas in force on a day, and what depends on the others of that day.
_IN_FORCE = text("""
    SELECT row_id, code, parent, level, depth, lower(valid) AS starts, upper(valid) AS ends
    FROM areas WHERE valid @> CAST(:day AS date) ORDER BY code
""")

# Rows that begin on the day take their depth as they are.
_SET = text("""
    UPDATE areas SET depth = fresh.depth
    FROM unnest(CAST(:rows AS bigint[]), CAST(:depths AS smallint[])) AS fresh (row_id, depth)
    WHERE areas.row_id = fresh.row_id
""")

# Rows that began before end on the day, and go on with their new depth.
_END = text("UPDATE areas SET valid = daterange(lower(valid), :day) WHERE row_id = ANY(CAST(:rows AS bigint[]))")
_GO_ON = text("""
    INSERT INTO areas (code, name, level, parent, households, residents, geom, depth, valid, load_id)
    SELECT code, name, level, parent, households, residents, geom, fresh.depth, daterange(:day, fresh.ends), :load_id
    FROM unnest(CAST(:rows AS bigint[]), CAST(:depths AS smallint[]), CAST(:ends AS date[]))
        AS fresh (row_id, depth, ends)
    JOIN areas USING (row_id)
""")

# Days from the given one on which areas begin or end.
_DAYS = text("""
    SELECT DISTINCT day
    FROM areas, LATERAL (VALUES (lower(valid)), (upper(valid))) AS bound (day)
    WHERE day >= :since ORDER BY day
""")


def settle_depths(connection: Connection, since: date, load_id: int) -> None:
    """Give the areas in force on each day from ``since`` on the depth that they have among the others of that day.

    The depth is that of :func:`gridmap.hierarchy.depths`, the same that the index in memory uses. An area whose depth
    changes because others changed is continued by a new row from that day.

    Parameters
    ----------
    connection
        Inside the transaction that changed areas.
    since
        First day that may have changed.
    load_id
        The load that changed them.

    Raises
    ------
    ConflictError
        If on some day an area would lie in one that is not in force, or in itself.
    """
    for day in connection.scalars(_DAYS, {"since": since}).all():
        areas = pd.DataFrame(connection.execute(_IN_FORCE, {"day": day}).mappings().all())
        if areas.empty:
            continue
        depth = _depths_on(day, areas)
        wrong = areas.assign(depth=depth)[depth != areas["depth"].to_numpy()]
        _renew(connection, wrong, day, load_id)


def _depths_on(day: date, areas: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    try:
        return hierarchy.depths(areas)
    except TableError as error:
        words = [f"{areas['code'].iloc[(fault.feature or 1) - 1]}: {fault.message}" for fault in error.faults]
        raise ConflictError(
            f"the areas in force on {day} would not fit together:\n  " + listed(words).replace(", ", "\n  "),
            do="load parents and children together, or publish the whole set",
        ) from error


def _renew(connection: Connection, wrong: pd.DataFrame, day: date, load_id: int) -> None:
    """Write the depths that are not as recorded."""
    begun = wrong["starts"] < day
    fresh, older = wrong[~begun], wrong[begun]
    if len(fresh):
        connection.execute(_SET, {"rows": fresh["row_id"].tolist(), "depths": fresh["depth"].tolist()})
    if len(older):
        rows = older["row_id"].tolist()
        ends = older["ends"].astype(object).where(older["ends"].notna(), None).tolist()
        connection.execute(_END, {"rows": rows, "day": day})
        connection.execute(
            _GO_ON, {"rows": rows, "depths": older["depth"].tolist(), "ends": ends, "day": day, "load_id": load_id}
        )
