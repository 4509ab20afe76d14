"""GeoJSON read by its own text, so that every fault is told where it is.

GDAL closes open rings, guesses dates and answers a cut-off file in one general sentence; here rings are counted, cells
stay what they are and a syntax error has its line and column.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import shapely

from gridmap.errors import Fault, FormatError
from gridmap.formats.encodings import decoded, text_encoding

#: A line needs 2 points, a closed ring 4.
_LEAST_LINE, _LEAST_RING = 2, 4


@dataclass(frozen=True, kw_only=True)
class Features:
    """What a file of features holds, column by column."""

    #: cells of each column, None where a feature has none
    columns: dict[str, list[Any]]
    #: one geometry or None per feature; None where a fault says why it could not be built
    geometry: npt.NDArray[Any]
    #: what the file says of its CRS; None where it is silent
    crs: Any = None
    #: what could not be built
    faults: tuple[Fault, ...] = ()
    #: features whose rings were open, counted from 1, with the shape that closing them gives
    unclosed: dict[int, Any] = field(default_factory=dict)


def read_features(path: Path, *, lines: bool = False) -> tuple[Features, str]:
    """The features of a GeoJSON file, and its encoding.

    Parameters
    ----------
    path
        The file.
    lines
        Whether it holds one feature per line (GeoJSON text sequence).

    Raises
    ------
    FormatError
        ``broken_json`` with line and column, ``truncated`` where the text ends too early, ``bad_encoding``,
        ``not_geojson`` where it is JSON of another kind, ``empty_layer`` where it has no features.
    """
    data = path.read_bytes()
    # RFC 7946 knows UTF-8 only; older files are guessed at where they cannot be that
    encoding = "utf-8" if decoded(data, "utf-8", cut=False) is not None else text_encoding(data)
    if data.startswith(codecs.BOM_UTF8) or encoding != "utf-8":
        encoding = text_encoding(data)
        try:
            data = data.decode(encoding).encode()
        except UnicodeDecodeError as error:
            raise _bad_encoding(path, error) from None
    document = _by_lines(path, data) if lines else parsed(path.name, data)
    return _collected(path, _features_of(path, document), _stated_crs(document)), encoding


def parsed(name: str, data: bytes) -> Any:
    """The JSON of a file, with NaN and Infinity allowed.

    Raises
    ------
    FormatError
        If it is broken (``broken_json``), ends too early (``truncated``) or is not UTF-8 (``bad_encoding``).
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(data.decode("utf-8"))
    except json.JSONDecodeError as error:
        raise _broken(name, error) from None
    except UnicodeDecodeError as error:
        raise _bad_encoding(Path(name), error) from None
    except (RecursionError, ValueError) as error:
        raise FormatError(f"{name} is no usable JSON ({error})", do="get it again", code="broken_json") from None


def _broken(name: str, error: json.JSONDecodeError) -> FormatError:
    """The error of JSON that cannot be parsed."""
    place = f"line {error.lineno}, column {error.colno}"
    if not error.doc[error.pos :].strip() or error.msg.startswith("Unterminated string"):
        given = f"{name} is cut off: its JSON ends at {place} before it is complete"
        return FormatError(given, do="get the file again", code="truncated")
    return FormatError(
        f"{name} is broken JSON at {place}: {error.msg}", do="mend or export it again", code="broken_json"
    )


def _bad_encoding(path: Path, error: UnicodeDecodeError) -> FormatError:
    """The error of bytes that are no text in the encoding."""
    given = f"{path.name} is not {error.encoding} text: byte {error.object[error.start]:#04x} at position {error.start}"
    return FormatError(given, do="state the encoding it is in (--encoding)", code="bad_encoding")


def _by_lines(path: Path, data: bytes) -> dict[str, Any]:
    """A collection of the features that stand in one line each."""
    texts = [line.strip(b" \t\r\x1e") for line in data.split(b"\n")]
    return {"type": "FeatureCollection", "features": [parsed(path.name, text) for text in texts if text]}


def _features_of(path: Path, document: Any) -> list[Any]:
    """The features of a document."""
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "FeatureCollection" and isinstance(document.get("features"), list):
        if not document["features"]:
            raise FormatError(f"{path.name} has no features", expected="at least one", code="empty_layer")
        return list(document["features"])
    if kind == "Feature":
        return [document]
    if kind in _BUILDERS or kind == "GeometryCollection":
        return [{"type": "Feature", "properties": {}, "geometry": document}]
    raise FormatError(
        f"{path.name} is JSON but no GeoJSON: its type is {kind!r}", expected="a FeatureCollection", code="not_geojson"
    )


def _stated_crs(document: Any) -> Any:
    """What the ``crs`` member of GeoJSON before RFC 7946 says, or None."""
    crs = document.get("crs") if isinstance(document, dict) else None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    return properties.get("name") if isinstance(properties, dict) else None


def _collected(path: Path, features: list[Any], crs: Any) -> Features:
    """Columns and geometry of features."""
    strange = [row for row, feature in enumerate(features) if not _is_feature(feature)]
    if len(strange) == len(features):
        raise FormatError(f"{path.name} holds no GeoJSON feature", expected="features", code="not_geojson")
    faults = [Fault(code="not_geojson", message="is no GeoJSON feature", feature=row + 1) for row in strange]
    unclosed: dict[int, Any] = {}
    shapes = [feature.get("geometry") if _is_feature(feature) else None for feature in features]
    geometry, left = _built_together(shapes)
    for row in left:
        builder = _Builder(feature=row + 1)
        geometry[row] = builder.build(shapes[row])
        faults += builder.faults
        if builder.open_rings:
            unclosed[row + 1], geometry[row] = geometry[row], None
    return Features(columns=_columns(features), geometry=geometry, crs=crs, faults=tuple(faults), unclosed=unclosed)


def _is_feature(feature: Any) -> bool:
    """Whether a JSON value is a GeoJSON feature."""
    return isinstance(feature, dict) and feature.get("type") == "Feature"


def _columns(features: list[Any]) -> dict[str, list[Any]]:
    """Cells of each column, None where a feature has none."""
    columns: dict[str, list[Any]] = {}
    for row, feature in enumerate(features):
        for name, cell in _properties(feature) if _is_feature(feature) else ():
            if name not in columns:
                columns[name] = [None] * len(features)
            columns[name][row] = cell
    return columns


def _built_together(shapes: list[Any]) -> tuple[npt.NDArray[Any], list[int]]:
    """Points and polygons without a fault, all of a type built in one go, and the rows that need a closer look."""
    geometry = np.full(len(shapes), None, dtype=object)
    left: list[int] = []
    rows: dict[Any, list[int]] = {}
    for row, shape in enumerate(shapes):
        kind = shape.get("type") if isinstance(shape, dict) else None
        (rows.setdefault(kind, []) if kind in {"Point", "Polygon"} else left).append(row)
    for kind, together in rows.items():
        coordinates = [shapes[row].get("coordinates") for row in together]
        try:
            built = _points(coordinates) if kind == "Point" else _polygons(coordinates)
        except (TypeError, ValueError, OverflowError, shapely.GEOSException):
            left += together
        else:
            geometry[together] = built
    return geometry, sorted(row for row in left if shapes[row] is not None)


def _points(coordinates: list[Any]) -> Any:
    """Points, or a ValueError where one needs a closer look."""
    return shapely.points(_positions(coordinates))


def _polygons(coordinates: list[Any]) -> Any:
    """Polygons, or a ValueError where one needs a closer look."""
    rings = [ring for polygon in coordinates for ring in polygon]
    sizes = np.array([len(ring) for ring in rings])
    parts = np.array([len(polygon) for polygon in coordinates])
    positions = _positions([position for ring in rings for position in ring])
    if not ((sizes >= _LEAST_RING).all() and (parts > 0).all() and sizes.sum() == len(positions)):
        raise ValueError(coordinates)
    ends = np.cumsum(sizes)
    if not np.array_equal(positions[ends - 1], positions[ends - sizes]):
        raise ValueError(coordinates)
    offsets = (np.concatenate([[0], ends]), np.concatenate([[0], np.cumsum(parts)]))
    return shapely.from_ragged_array(shapely.GeometryType.POLYGON, positions, offsets)


def _properties(feature: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The cells of a feature; nested ones as JSON text. The feature's own id stands in for a missing ``id``."""
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    for name, cell in properties.items():
        yield name, json.dumps(cell, ensure_ascii=False) if isinstance(cell, (dict, list)) else cell
    if "id" in feature and "id" not in properties and isinstance(feature["id"], (str, int, float)):
        yield "id", feature["id"]


class _Builder:
    """Builds the geometry of one feature and keeps what is wrong with it."""

    def __init__(self, feature: int) -> None:
        self.feature = feature
        self.faults: list[Fault] = []
        self.open_rings = 0

    def build(self, geometry: Any) -> Any:
        """A shapely geometry, or None where there is none or a fault says why."""
        if geometry is None:
            return None
        try:
            return self._built(geometry)
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError, RecursionError, shapely.GEOSException):
            return self._fault(
                "broken_geometry", "the geometry is no GeoJSON geometry, or its coordinates are no numbers"
            )

    def _built(self, geometry: Any) -> Any:
        """A shapely geometry of a GeoJSON object."""
        if geometry["type"] == "GeometryCollection":
            return shapely.geometrycollections([self._built(part) for part in geometry["geometries"]])
        return _BUILDERS[geometry["type"]](self, geometry["coordinates"])

    def point(self, position: Any) -> Any:
        """A point; an empty list is an empty one."""
        return shapely.points(_positions([position])[0]) if position else shapely.Point()

    def multipoint(self, positions: Any) -> Any:
        """Points."""
        return shapely.multipoints(shapely.points(_positions(positions)))

    def line(self, positions: Any) -> Any:
        """A line."""
        if not positions:
            return shapely.LineString()
        if len(positions) < _LEAST_LINE:
            return self._fault("too_few_points", f"a line of {len(positions)} point; expected at least 2")
        return shapely.linestrings(_positions(positions))

    def multiline(self, lines: Any) -> Any:
        """Lines."""
        return shapely.multilinestrings([line for line in map(self.line, lines) if line is not None])

    def polygon(self, rings: Any) -> Any:
        """A polygon."""
        if not rings:
            return shapely.Polygon()
        outer, *holes = (self._ring(ring, number) for number, ring in enumerate(rings, 1))
        # shapely takes no empty list of holes
        return None if outer is None else shapely.polygons(outer, [hole for hole in holes if hole is not None] or None)

    def multipolygon(self, polygons: Any) -> Any:
        """Polygons."""
        return shapely.multipolygons([part for part in map(self.polygon, polygons) if part is not None])

    def _ring(self, positions: Any, number: int) -> Any:
        """A closed ring."""
        points = _positions(positions)
        if len(points) and not np.array_equal(points[0], points[-1], equal_nan=True):
            self.open_rings += 1
            start, end = (", ".join(f"{value:.10g}" for value in points[at]) for at in (0, -1))
            message = f"ring {number} is not closed: it begins at {start} and ends at {end}"
            self._fault("unclosed_ring", message)
            points = np.vstack([points, points[:1]])
        if len(points) < _LEAST_RING:
            return self._fault("too_few_points", f"ring {number} has {len(points)} points; expected at least 4")
        return shapely.linearrings(points)

    def _fault(self, code: str, message: str) -> None:
        self.faults.append(Fault(code=code, message=message, feature=self.feature))


_BUILDERS: dict[str, Callable[[_Builder, Any], Any]] = {
    "Point": _Builder.point,
    "MultiPoint": _Builder.multipoint,
    "LineString": _Builder.line,
    "MultiLineString": _Builder.multiline,
    "Polygon": _Builder.polygon,
    "MultiPolygon": _Builder.multipolygon,
}


def _positions(positions: Any) -> npt.NDArray[np.float64]:
    """Positions as an array of two or three columns; further numbers of a position mean nothing (RFC 7946, 3.1.1)."""
    try:
        array = np.array(positions, dtype=float)
    except (TypeError, ValueError):
        array = np.array([position[:2] for position in positions], dtype=float)
    if array.ndim != 2 or array.shape[1] < 2:  # noqa: PLR2004 (rows of x and y)
        raise ValueError(positions)
    return array[:, :3]
