"""The borders of some areas as numbered vertices and directed edges, open to change during one edit."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely

from gridmap.errors import ConflictError
from gridmap.partition.editing.mosaic import Mosaic
from gridmap.partition.editing.plane import Points, place
from gridmap.partition.editing.rings import Edge, Face, Place, edges_of, faces, joined


class Net:
    """Vertices and edges of some areas.

    A vertex is known by its stored coordinates, to the last digit: areas that share a border share its vertices.

    Parameters
    ----------
    mosaic
        The areas.
    rows
        Those to take.

    Raises
    ------
    ConflictError
        If two of them hold the same edge from the same side, hence overlap.
    """

    def __init__(self, mosaic: Mosaic, rows: Iterable[int]) -> None:
        self.mosaic, self.plane = mosaic, mosaic.plane
        self.rows = [int(row) for row in rows]
        self.numbers: dict[Place, int] = {}
        self.stored: list[Place] = []
        self.metres: list[Place] = []
        #: boundary of each area: its edges, the area on their left
        self.edges: dict[int, dict[Edge, None]] = {row: {} for row in self.rows}
        self._take()
        #: the area to the left of each edge
        self.left: dict[Edge, int] = {}
        for row, boundary in self.edges.items():
            for edge in boundary:
                self._own(edge, row)
        self._sizes = {row: len(boundary) for row, boundary in self.edges.items()}

    def at(self, vertex: int) -> Place:
        """Return where a vertex lies, in metres."""
        return self.metres[vertex]

    def point(self, vertex: int) -> Points:
        """Return where a vertex lies, in metres, as an array."""
        return np.array(self.metres[vertex])

    def number(self, stored: Sequence[float] | Points, metres: Sequence[float] | Points) -> int:
        """Return the number of the vertex at stored coordinates; a new one where there is none."""
        key = (float(stored[0]), float(stored[1]))
        vertex = self.numbers.setdefault(key, len(self.stored))
        if vertex == len(self.stored):
            self.stored.append(key)
            self.metres.append((float(metres[0]), float(metres[1])))
        return vertex

    def shared(self, edge: Edge) -> bool:
        """Tell whether areas lie on both sides of an edge."""
        return edge in self.left and edge[::-1] in self.left

    def known(self, edge: Edge) -> bool:
        """Tell whether an edge is part of a border, in either direction."""
        return edge in self.left or edge[::-1] in self.left

    def insert(self, edge: Edge, vertices: Sequence[int]) -> None:
        """Put vertices on an edge, in its order, in the areas on both sides."""
        self._replace([edge, edge[::-1]], [edge[0], *vertices, edge[1]])

    def remove(self, vertex: int, before: int, after: int) -> None:
        """Take a vertex between two others out of the areas on both sides."""
        for start, end in ((before, after), (after, before)):
            row = self.left.pop((start, vertex), None)
            if row is not None:
                del self.left[vertex, end]
                self.edges[row] = _without(self.edges[row], vertex, (start, end))
                self._own((start, end), row)

    def move(self, vertex: int, stored: Place, metres: Place) -> None:
        """Put a vertex elsewhere."""
        del self.numbers[self.stored[vertex]]
        self.numbers[stored] = vertex
        self.stored[vertex], self.metres[vertex] = stored, metres

    def neighbours(self, vertex: int) -> dict[int, bool]:
        """Return the vertices at the other ends of the edges of a vertex, and whether areas lie on both sides."""
        ends = {end if start == vertex else start: None for start, end in self.left if vertex in (start, end)}
        return {end: self.shared((vertex, end)) for end in ends}

    def holders(self, vertex: int) -> list[int]:
        """Return the rows of the areas that a vertex bounds, in order."""
        return sorted({row for (start, _), row in self.left.items() if start == vertex})

    def grown(self, but: Iterable[int] = ()) -> dict[int, Any]:
        """Return the new geometry of areas that have more vertices than before, by row, but for some."""
        rows = [row for row in self.rows if len(self.edges[row]) != self._sizes[row]]
        return {row: self.polygon(self.faces(row)) for row in rows if row not in set(but)}

    def polygon(self, parts: Sequence[Face]) -> Any:
        """Return the stored geometry of faces: a Polygon of one, a MultiPolygon of several."""
        return _geometry(parts, self.stored)

    def plan(self, parts: Sequence[Face]) -> Any:
        """Return the geometry of faces in metres."""
        return _geometry(parts, self.metres)

    def faces(self, row: int) -> list[Face]:
        """Return the faces of an area."""
        return faces(self.edges[row], self.at)

    def _take(self) -> None:
        """Number the vertices of all areas, and note their edges."""
        shapes = shapely.orient_polygons(self.mosaic.shapes[self.rows])
        parts, of_part = shapely.get_parts(shapes, return_index=True)
        rings, of_ring = shapely.get_rings(parts, return_index=True)
        points, of_point = shapely.get_coordinates(rings, return_index=True)
        owner = of_part[of_ring[of_point]].tolist()
        metres = self.plane.metres(points).tolist()
        stored, ring = points.tolist(), of_point.tolist()
        vertices = [self.number(here, there) for here, there in zip(stored, metres, strict=True)]
        for k in range(1, len(vertices)):
            if ring[k] == ring[k - 1] and vertices[k] != vertices[k - 1]:
                self.edges[self.rows[owner[k]]][vertices[k - 1], vertices[k]] = None

    def _own(self, edge: Edge, row: int) -> None:
        """Note who lies to the left of an edge; only one area can."""
        other = self.left.setdefault(edge, row)
        if other != row:
            codes = self.mosaic.codes
            raise ConflictError(
                f"areas {codes[other]} and {codes[row]} overlap at {place(self.stored[edge[0]])}",
                expected="areas that share their borders exactly",
                do="clean the areas first (gridmap grids check shows where)",
                code="areas_overlap",
                values={"areas": [codes[other], codes[row]], "place": place(self.stored[edge[0]])},
            )

    def _replace(self, sides: Sequence[Edge], vertices: Sequence[int]) -> None:
        """Put a row of edges in place of one, on both sides."""
        ways = (list(vertices), list(vertices)[::-1])
        for edge, way in zip(sides, ways, strict=True):
            row = self.left.pop(edge, None)
            if row is not None:
                steps = list(itertools.pairwise(way))
                self.edges[row] = _swapped(self.edges[row], edge, steps)
                for step in steps:
                    self._own(step, row)


def _swapped(edges: dict[Edge, None], old: Edge, steps: Sequence[Edge]) -> dict[Edge, None]:
    """Return edges with others in place of one."""
    return dict.fromkeys(new for edge in edges for new in (steps if edge == old else (edge,)))


def _without(edges: dict[Edge, None], vertex: int, bridge: Edge) -> dict[Edge, None]:
    """Return edges with a bridge in place of those to and from a vertex."""
    return dict.fromkeys(bridge if edge[1] == vertex else edge for edge in edges if edge[0] != vertex)


def _geometry(parts: Sequence[Face], at: Sequence[Place]) -> Any:
    """Return the polygons of faces."""
    shapes = [shapely.Polygon([at[v] for v in face[0]], [[at[v] for v in ring] for ring in face[1:]]) for face in parts]
    return shapes[0] if len(shapes) == 1 else shapely.MultiPolygon(shapes)


def together(parts: Iterable[Face], net: Net) -> list[Face]:
    """Return the faces that several make together: borders between them are gone."""
    return faces(joined(edge for face in parts for edge in edges_of(face)), net.at)
