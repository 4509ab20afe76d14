"""The ground of a round: the streets that can be reached from where it starts, cut there and at its checkpoints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gridmap.errors import InputError, NotFoundError
from gridmap.network.modes import Mode
from gridmap.network.rounds.task import components
from gridmap.network.ways import Ways, ways

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Metres from the end of an edge within which a place is at the end.
_AT_END_M = 0.01
#: How many unknown ids a message shows.
_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Stretches of streets between junctions and places; every metre once, where streets lie on each other."""

    #: the streets
    ways: Ways
    #: id of each row of the table of streets; its number where the table has none
    ids: npt.NDArray[np.object_]
    #: name of each row, empty where it has none
    names: npt.NDArray[np.object_]
    #: coordinate system of the table
    crs: Any
    #: nodes of each stretch, shape (n, 2)
    ends: Ints
    #: the graph's edge that each is a part of, and the metres along it, shape (n,) and (n, 2)
    edge: Ints
    along_m: Floats
    #: node of each place; the round starts at the first
    places: Ints

    @property
    def length_m(self) -> Floats:
        """Metres of each stretch."""
        return np.asarray(self.along_m[:, 1] - self.along_m[:, 0])

    @property
    def seconds(self) -> Floats:
        """Seconds that each stretch takes."""
        return np.asarray(self.length_m * self.ways.s_per_m[self.edge])

    @property
    def street(self) -> Ints:
        """Row of each stretch's street."""
        return self.ways.graph.street[self.edge]

    @property
    def home(self) -> int:
        """The node where a round starts and ends."""
        return int(self.places[0])

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return int(max(self.ends.max(), self.places.max())) + 1

    @cached_property
    def reached(self) -> Flags:
        """Whether each stretch can be reached from home."""
        piece = components(self.nodes, self.ends)
        return np.asarray(piece[self.ends[:, 0]] == piece[self.home])

    def of_streets(self, rows: Ints) -> Flags:
        """Return which stretches are of these streets, or lie where these do."""
        graph = self.ways.graph
        wanted = np.zeros(len(graph), dtype=bool)
        wanted[self.ways.twin[np.isin(graph.street, rows)]] = True
        return np.asarray(wanted[self.edge])

    def rows(self, ids: Iterable[object]) -> Ints:
        """Return the rows of streets by their ids, in the order given.

        Raises
        ------
        NotFoundError
            If there are no streets of these ids; all of them are counted, ten are named.
        """
        known: dict[str, list[int]] = {}
        for row, name in enumerate(self.ids.tolist()):
            known.setdefault(str(name), []).append(row)
        asked = [str(name) for name in ids]
        unknown = [name for name in dict.fromkeys(asked) if name not in known]
        if unknown:
            shown = ", ".join(unknown[:_SHOWN]) + (", ..." if len(unknown) > _SHOWN else "")
            raise NotFoundError(
                f"{len(unknown)} unknown streets: {shown}",
                expected="ids of the table of streets",
                code="unknown_streets",
            )
        return np.array([row for name in asked for row in known[name]], dtype=np.int64)


def ground(
    streets: gpd.GeoDataFrame,
    start: tuple[float, float],
    *,
    mode: Mode | str,
    off_m: float,
    places: Floats | None = None,
) -> Ground:
    """Return the streets that are open to a mode, cut at the start and at other places.

    Parameters
    ----------
    streets
        Lines in any CRS.
    start
        Longitude and latitude in degrees.
    mode
        Who goes.
    off_m
        How far from an open street the start may be.
    places
        Longitude and latitude of others, shape (m, 2); they may be as far.

    Raises
    ------
    InputError
        If the start or a place is off the streets.
    TableError, CrsError
        As `gridmap.streets.graph`.
    """
    ready = ways(streets, mode)
    asked = [start, *(places if places is not None else np.zeros((0, 2))).tolist()]
    feet = ready.feet(np.array([ready.place(at) for at in asked]), off_m)
    if feet.edge[0] < 0:
        raise InputError(
            f"a start at {start[0]:.5f}, {start[1]:.5f}, which is off the streets",
            expected=f"a place at most {off_m:g} m from a street that is open to mode {ready.mode.name!r}",
            do="give longitude and latitude in degrees, and look at the extent of the streets",
            code="start_off_streets",
        )
    if (feet.edge < 0).any():
        raise InputError(
            f"{int((feet.edge < 0).sum())} checkpoints off the streets, the first in row {int(np.argmin(feet.edge))}",
            expected=f"places at most {off_m:g} m from an open street",
            code="checkpoint_off_streets",
        )
    return _cut(streets, ready, feet.edge, feet.along_m)


def _cut(streets: gpd.GeoDataFrame, ready: Ways, edge: Ints, along_m: Floats) -> Ground:
    """The open streets, each stretch once, cut at places on them."""
    graph = ready.graph
    # a place on a street that lies on another is on the other: its ends are the same
    first = ready.twin[edge]
    turned = (first != edge) & (graph.ends[first, 0] != graph.ends[edge, 0])
    along = np.where(turned, graph.length_m[edge] - along_m, along_m)
    kept = np.flatnonzero(np.isfinite(ready.s_per_m) & (ready.twin == np.arange(len(graph))))
    table: dict[int, list[tuple[float, int]]] = {}
    places, following = np.zeros(len(edge), dtype=np.int64), graph.nodes
    for number, (at, metres) in enumerate(zip(first.tolist(), along.tolist(), strict=True)):
        near = [node for far, node in _marks(graph.length_m, graph.ends, table, at) if abs(far - metres) <= _AT_END_M]
        if not near:
            table.setdefault(at, []).append((metres, following))
            near, following = [following], following + 1
        places[number] = near[0]
    rows = []
    for at in kept.tolist():
        marks = sorted(_marks(graph.length_m, graph.ends, table, at))
        rows += [(at, a, b, u, v) for (a, u), (b, v) in pairwise(marks)]
    parts = np.array(rows, dtype=float)
    return Ground(
        ways=ready,
        ids=_column(streets, "id", np.arange(len(streets)).astype(str).astype(object)),
        names=_column(streets, "name", np.full(len(streets), "", dtype=object)),
        crs=streets.crs,
        ends=parts[:, 3:].astype(np.int64),
        edge=parts[:, 0].astype(np.int64),
        along_m=parts[:, 1:3],
        places=places,
    )


def _marks(
    length_m: Floats, ends: Ints, table: dict[int, list[tuple[float, int]]], edge: int
) -> list[tuple[float, int]]:
    """Metres and nodes at which an edge is cut, its ends among them."""
    one, other = ends[edge].tolist()
    return [(0.0, one), *table.get(edge, []), (float(length_m[edge]), other)]


def _column(streets: gpd.GeoDataFrame, name: str, otherwise: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
    """A column of text, blank cells empty."""
    if name not in streets:
        return otherwise
    cells = streets[name].astype(object)
    return np.asarray(cells.where(cells.notna(), ""), dtype=object)
