"""What is written into a case, each checked before it is: labels and notes, dates, shapes in degrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import ProjError
from shapely.geometry.base import BaseGeometry

from gridmap.crs import is_metric, to_record
from gridmap.errors import InputError
from gridmap.store import cases_words as words
from gridmap.store.staging import stored_shapes

KINDS = ("map", "picture", "survey", "parcels", "document")

#: What a control point of a source may say, as `gridmap.imagery` tells of it: numbers, but for its name.
POINT = ("name", "pixel", "line", "x", "y", "residual_m", "leave_one_out_m")

#: The largest number in an integer column.
_INTEGER_MOST = 2**31 - 1

_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """What a case is opened with."""

    #: what it is called
    name: str
    #: the code by which it is known; None: the next of the year
    code: str | None = None
    #: what its mediator should know
    note: str = ""
    #: EPSG code of the metric system in which it is measured; None: the zone of its first shapes
    epsg: int | None = None

    def __post_init__(self) -> None:
        """Refuse a system in which nothing can be measured.

        Raises
        ------
        InputError
            If there is no such system, or it is not metric.
        """
        if self.epsg is None:
            return
        try:
            metric = is_metric(CRS.from_epsg(self.epsg))
        except (ProjError, OverflowError, ValueError):
            metric = False
        if not metric:
            given = f"EPSG:{self.epsg} is no system in metres"
            raise InputError(given, expected="a zone, such as 4549", code="not_metric", values={"epsg": self.epsg})


@dataclass(frozen=True, kw_only=True)
class NewClaim:
    """What a party claims."""

    #: label of the party
    party: str
    #: polygon or line
    shape: BaseGeometry
    #: the system of the shape
    crs: Any = 4490
    #: where it comes from
    source: str | None = None
    #: date of the source (EDTF)
    date: str | None = None
    #: standard error of a point
    accuracy_m: float | None = None
    #: number of the evidence that it rests on
    evidence: int | None = None
    #: what was decided to read it, and what was warned of
    reading: Mapping[str, Any] | None = None

    def row(self) -> dict[str, Any]:
        """Return it as the record has it.

        Raises
        ------
        InputError, TooLargeError, CrsError
            If it says what a case may not hold.
        """
        return {
            "party": words.label(self.party, "party"),
            "source": words.label(self.source, "source") if self.source else None,
            "date": words.edtf(self.date, "date"),
            "accuracy_m": _number(self.accuracy_m, "accuracy"),
            "evidence": _whole(self.evidence, "number of the evidence"),
            "geom": _stored(self.shape, self.crs, (*_POLYGONS, *_LINES)),
            "reading": None if self.reading is None else words.masked(self.reading),
        }


@dataclass(frozen=True, kw_only=True)
class NewCandidate:
    """A line that is proposed to settle."""

    #: what it is called, once in a case
    id: str
    #: line
    shape: BaseGeometry
    #: the system of the shape
    crs: Any = 4490
    #: where it comes from
    source: str | None = None
    #: how it was solved
    params: Mapping[str, Any] | None = None

    def row(self) -> dict[str, Any]:
        """Return it as the record has it.

        Raises
        ------
        InputError, TooLargeError, CrsError
            If it says what a case may not hold.
        """
        return {
            "id": words.label(self.id, "id"),
            "source": words.label(self.source, "source") if self.source else None,
            "geom": _stored(self.shape, self.crs, _LINES),
            "params": None if self.params is None else words.masked(self.params),
        }


@dataclass(frozen=True, kw_only=True)
class NewSource:
    """A map, a picture or a survey that shows the place."""

    #: what it is called
    title: str
    #: ``map``, ``picture``, ``survey``, ``parcels`` or ``document``
    kind: str
    #: when it was surveyed or taken, published and scanned (EDTF)
    captured: str | None = None
    released: str | None = None
    scanned: str | None = None
    #: number of the evidence that holds its file
    evidence: int | None = None
    #: EPSG code of its system
    epsg: int | None = None
    #: standard error of a point in it, and that of its georeferencing with each control point left out
    accuracy_m: float | None = None
    leave_one_out_m: float | None = None
    #: how it was georeferenced: ``order1``, ``order2`` or ``tps``
    method: str | None = None
    #: control points: what `POINT` lists
    points: Sequence[Mapping[str, Any]] | None = None

    def row(self) -> dict[str, Any]:
        """Return it as the record has it.

        Raises
        ------
        InputError, TooLargeError
            If it says what a case may not hold.
        """
        if self.kind not in KINDS:
            raise InputError(f"the kind {self.kind!r}", expected=", ".join(KINDS), code="unknown_kind")
        return {
            "title": words.label(self.title, "title"),
            "kind": self.kind,
            "captured": words.edtf(self.captured, "date of capture"),
            "released": words.edtf(self.released, "date of release"),
            "scanned": words.edtf(self.scanned, "date of the scan"),
            "evidence": _whole(self.evidence, "number of the evidence"),
            "epsg": _whole(self.epsg, "EPSG code"),
            "accuracy_m": _number(self.accuracy_m, "accuracy"),
            "leave_one_out_m": _number(self.leave_one_out_m, "error with points left out"),
            "method": words.label(self.method, "method") if self.method else None,
            "points": None if self.points is None else [_point(point) for point in self.points],
        }


@dataclass(frozen=True, kw_only=True)
class NewEvidence:
    """What is said of a file that a party hands in."""

    #: name of the file, without folders
    file: str
    #: what it is: a word of the mediator's
    kind: str = "document"
    #: its type, such as ``image/tiff``
    media_type: str = "application/octet-stream"
    #: label of the party that hands it in; None: found by the mediator
    party: str | None = None
    #: what it is to show, a note about the land
    statement: str | None = None
    #: when it was made, published and scanned (EDTF)
    captured: str | None = None
    released: str | None = None
    scanned: str | None = None

    def row(self) -> dict[str, Any]:
        """Return it as the record has it.

        Raises
        ------
        InputError, TooLargeError
            If it says what a case may not hold.
        """
        return {
            "file": words.file_name(self.file),
            "media_type": words.label(self.media_type, "type"),
            "kind": words.label(self.kind, "kind"),
            "party": words.label(self.party, "party") if self.party else None,
            "statement": words.note(self.statement, "statement") or None,
            "captured": words.edtf(self.captured, "date of capture"),
            "released": words.edtf(self.released, "date of release"),
            "scanned": words.edtf(self.scanned, "date of the scan"),
        }


def _point(said: Mapping[str, Any]) -> dict[str, Any]:
    """A control point that says where it is, and nothing else."""
    if strange := sorted(set(map(str, said)) - set(POINT)):
        given = f"a control point with {', '.join(strange)[:80]}"
        raise InputError(given, expected=f"any of {', '.join(POINT)}", code="bad_point")
    for name, value in said.items():
        worded = name == "name" and isinstance(value, str)
        number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < np.inf
        if not (worded or number or value is None):
            raise InputError(f"{name} of a control point: {str(value)[:40]}", expected="a number", code="bad_point")
        words.note(str(value), name, most=words.LABEL_MOST)
    return dict(said)


def _number(value: float | None, what: str) -> float | None:
    """A length that can be one, or None."""
    if value is None or np.isnan(value):
        return None
    if not 0 <= value < np.inf:
        raise InputError(f"the {what} {value}", expected="metres from 0", code="bad_length")
    return float(value)


def _whole(value: int | None, what: str) -> int | None:
    """A number from 1 that the record holds, or None."""
    if value is None or (type(value) is int and 1 <= value <= _INTEGER_MOST):
        return value
    raise InputError(f"the {what} {value!r}", expected="a whole number from 1", code="bad_number")


def _stored(shape: BaseGeometry, crs: Any, kinds: Sequence[int]) -> str:
    """A shape in the record's system as hexadecimal EWKB."""
    if shape is None or shape.is_empty or shapely.get_type_id(shape) not in kinds:
        kind = "nothing" if shape is None else shape.geom_type
        raise InputError(f"a shape that is {kind}", expected="a line, or the polygon of a claim", code="bad_shape")
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise InputError("a shape with coordinates that are no numbers", expected="finite numbers", code="bad_shape")
    degrees = to_record(gpd.GeoDataFrame(geometry=[shape], crs=crs))
    return stored_shapes(degrees.geometry.to_numpy())[0].hex().upper()
