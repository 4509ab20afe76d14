"""The round of inspection: the shortest way along every street, or along given ones, and home."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gridmap.errors import InputError
from gridmap.network.modes import FOOT, Mode
from gridmap.network.rounds.ground import Ground, ground
from gridmap.network.rounds.round import Round, told
from gridmap.network.rounds.rural import extra_walks
from gridmap.network.rounds.task import Task
from gridmap.network.rounds.walks import check_bound, check_round, closed_walk

Flags = npt.NDArray[np.bool_]

#: Metres from a street beyond which a start is off the streets.
OFF_M = 200.0


def inspection_round(
    streets: gpd.GeoDataFrame,
    start: tuple[float, float],
    *,
    required: Iterable[object] | None = None,
    mode: Mode | str = FOOT,
    off_m: float = OFF_M,
    tries: int | None = None,
) -> Round:
    """Return the shortest round that walks every street, or every required one, in one direction at least.

    Without ``required`` all streets that can be reached from the start are walked, and no round is shorter (the Chinese
    postman's). With it, the round is the shortest where the required streets hang together with the start; else it is
    a good one, and ``gap`` tells how much longer it is than what no round falls below (the rural postman's).
    Streets are walked in both directions, one-way or not: a crew on foot may. Stretches of several streets that lie on
    each other are walked once.

    Parameters
    ----------
    streets
        Lines in any CRS; ``id``, ``name``, ``class`` where known.
    start
        Longitude and latitude in degrees; the round starts at the point of an open street that is nearest.
    required
        Ids of the streets to be walked, rows counted from 0 where the table has none; None for all.
    mode
        Who walks: streets closed to the mode are left out.
    off_m
        How far from an open street the start may be, in metres.
    tries
        How often connections between required pieces are drawn; by default as often as takes about a second.

    Returns
    -------
    Round
        ``unreachable`` names the streets that were asked for and cannot be walked, in part or at all.

    Raises
    ------
    InputError
        If the start is off the streets, no street is required, or none of these can be reached.
    NotFoundError
        If streets of unknown ids are required.
    TableError, CrsError
        If the streets cannot be read.

    Notes
    -----
    The cheapest T-join between odd junctions (Edmonds and Johnson 1973) makes the streets a round, which is drawn by
    Hierholzer's way. For required streets: Frederickson (1979), led by the programme of Corberan and Sanchis (1994).

    Examples
    --------
    From the middle of the stem of a T, each of its three arms is walked there and back:

    >>> import shapely
    >>> from gridmap.crs import to_wgs84
    >>> arms = [shapely.LineString([(0, 0), (0, -40)]), shapely.LineString([(-30, 0), (0, 0), (50, 0)])]
    >>> table = gpd.GeoDataFrame({"id": ["stem", "bar"]}, geometry=arms, crs=4549)
    >>> at = to_wgs84(0, -20, 4549)
    >>> made = inspection_round(table, at)
    >>> round(made.length_m), round(made.required_m), made.gap
    (240, 120, 0.0)
    """
    field = ground(streets, start, mode=mode, off_m=off_m)
    rows = np.arange(len(streets)) if required is None else field.rows(required)
    wanted, task = _asked(field, rows)
    extra, least = extra_walks(task, tries=tries)
    reached = np.flatnonzero(field.reached)
    times = np.zeros(len(field.ends), dtype=np.int64)
    times[reached] = task.required + extra
    walk = closed_walk(field.ends, times, field.home)
    check_round(walk, field.ends, wanted, field.home)
    length = float(field.length_m[walk.edge].sum())
    check_bound(length, least)
    seconds = field.seconds[walk.edge]
    stops, line = told(field, walk, wanted, np.cumsum(seconds) - seconds)
    return Round(
        stops=stops,
        line=line,
        crs=field.crs,
        length_m=length,
        required_m=task.required_m,
        bound_m=min(least, length),
        gap=max(length / least - 1, 0.0) if length - least > 1e-6 * least else 0.0,
        minutes=float(seconds.sum()) / 60,
        unreachable=_unreachable(field, rows, named=required is not None),
    )


def _asked(field: Ground, rows: npt.NDArray[np.int64]) -> tuple[Flags, Task]:
    """Return (the stretches that must be walked, the task on those that can be reached)."""
    if not len(rows):
        raise InputError(
            "no required street", expected="at least one id", do="leave it out for all", code="none_required"
        )
    wanted = field.of_streets(rows) & field.reached
    if not wanted.any():
        raise InputError(
            "required streets of which none can be reached from the start",
            expected="streets joined to it that are open to the mode",
            do="start elsewhere, or draw what joins them",
            code="none_reached",
        )
    reached = field.reached
    return wanted, Task(
        ends=field.ends[reached],
        length_m=field.length_m[reached],
        required=wanted[reached],
        home=field.home,
        nodes=field.nodes,
    )


def _unreachable(field: Ground, rows: npt.NDArray[np.int64], *, named: bool) -> tuple[str, ...]:
    """Ids of streets of which a stretch cannot be walked; what is no street counts only where it was named."""
    graph = field.ways.graph
    walked = np.zeros(len(graph), dtype=bool)
    walked[field.edge[field.reached]] = True
    missed = np.union1d(graph.street[~walked[field.ways.twin]], np.flatnonzero(graph.street_m <= 0) if named else [])
    return tuple(str(name) for name in field.ids[np.intersect1d(rows, missed).astype(np.int64)])
