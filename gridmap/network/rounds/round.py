"""A round: the streets in the order in which they are walked, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely import LineString

from gridmap.crs import to_system
from gridmap.network.rounds.ground import Ground
from gridmap.network.rounds.walks import Walk
from gridmap.streets import point_on

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


#: Metres along a street that are the same place.
_SAME_M = 1e-6


@dataclass(frozen=True, kw_only=True)
class Round:
    """A closed walk from the start and back to it."""

    #: one row a stretch of one street, in order: street, name, from_m, to_m (from_m < to_m, along the street's line),
    #: direction (1 along the line, -1 against it), required, again (walked before in this round), minutes (from the
    #: start, when it is begun), length_m, x and y (where it begins, in the CRS of the line)
    stops: pd.DataFrame
    #: the way, in the CRS of the streets; empty where nothing is walked
    line: LineString
    #: CRS of the line
    crs: object
    #: metres of the way, and of what had to be walked
    length_m: float
    required_m: float
    #: metres that no round falls below; for a shift 0, as none need be walked
    bound_m: float
    #: how much longer the way is than that: 0 is proven to be the shortest
    gap: float
    #: minutes that the way takes, with waiting at checkpoints
    minutes: float
    #: ids of streets that were asked for and cannot be reached from the start, or are closed to the mode
    unreachable: tuple[str, ...] = ()
    #: of a shift: debt that is worked off, all debt that was given, and what no round works off more than
    collected: float | None = None
    possible: float | None = None
    collected_bound: float | None = None
    #: of a shift: debt worked off by who always goes to the nearest overdue street next
    habit: float | None = None
    #: of a shift: id, minutes of each sign-in, in order
    signins: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"checkpoint": [], "minutes": []}))


def told(ground: Ground, walk: Walk, required: Flags, begun_s: Floats) -> tuple[pd.DataFrame, LineString]:
    """Return (the table of stops, the line) of a walk.

    Parameters
    ----------
    ground
        The stretches.
    walk
        Their order.
    required
        Which had to be walked, shape (n,).
    begun_s
        Seconds from the start at which each step is begun.

    Raises
    ------
    Nothing
        A walk of no steps has no stops, and an empty line.
    """
    edge, graph = ground.edge[walk.edge], ground.ways.graph
    along = graph.from_m[edge][:, None] + ground.along_m[walk.edge]
    again = np.ones(len(walk.edge), dtype=bool)
    again[np.unique(walk.edge, return_index=True)[1]] = False
    row, way = graph.street[edge], np.where(walk.forward, 1, -1)
    begin = np.flatnonzero(_parted(row, way, again, required[walk.edge], along))
    stop = np.append(begin[1:], len(walk.edge))[: len(begin)]
    table = pd.DataFrame(
        {
            "street": ground.ids[row[begin]],
            "name": ground.names[row[begin]],
            "from_m": np.minimum(along[begin, 0], along[stop - 1, 0]),
            "to_m": np.maximum(along[begin, 1], along[stop - 1, 1]),
            "direction": way[begin],
            "required": required[walk.edge][begin],
            "again": again[begin],
            "minutes": begun_s[begin] / 60,
        }
    )
    line, first = _line(ground, walk)
    at = shapely.get_coordinates(line)[first[begin]]
    return table.assign(length_m=table["to_m"] - table["from_m"], x=at[:, 0], y=at[:, 1]), line


def _parted(row: Ints, way: Ints, again: Flags, required: Flags, along: Floats) -> Flags:
    """Which steps begin another stop: another street, direction or kind, or another place of the street."""
    parted = np.ones(len(row), dtype=bool)
    if len(row):
        keys = np.stack([row, way, again, required], axis=1)
        left = np.where(way > 0, along[:, 1], along[:, 0])[:-1]
        entered = np.where(way > 0, along[:, 0], along[:, 1])[1:]
        parted[1:] = (keys[1:] != keys[:-1]).any(axis=1) | (np.abs(left - entered) > _SAME_M)
    return parted


def _line(ground: Ground, walk: Walk) -> tuple[LineString, Ints]:
    """Return (the way in the CRS of the streets, the vertex at which each step begins)."""
    shapes = []
    for piece, forward in zip(walk.edge.tolist(), walk.forward.tolist(), strict=True):
        shape = _stretch(ground, piece)
        shapes.append(shape if forward else shape[::-1])
    if not shapes:
        return LineString(), np.array([], dtype=np.int64)
    points = np.concatenate([shapes[0][:1], *(shape[1:] for shape in shapes)])
    drawn = gpd.GeoSeries([LineString(points)], crs=ground.ways.graph.crs)
    first = np.cumsum([0, *(len(shape) - 1 for shape in shapes)])[:-1]
    return to_system(drawn, ground.crs).iloc[0], first


def _stretch(ground: Ground, piece: int) -> Floats:
    """Vertices of one stretch, in the direction of its edge."""
    graph, edge = ground.ways.graph, int(ground.edge[piece])
    from_m, to_m = ground.along_m[piece].tolist()
    line = graph.edges[edge]
    if from_m <= 0 and to_m >= graph.length_m[edge]:
        return np.asarray(shapely.get_coordinates(line))
    vertices = shapely.get_coordinates(line)
    far = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(vertices, axis=0).T))])
    inner = vertices[(far > from_m) & (far < to_m)]
    return np.concatenate([point_on(graph, [edge], [from_m]), inner, point_on(graph, [edge], [to_m])])
