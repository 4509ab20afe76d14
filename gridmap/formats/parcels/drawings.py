"""DXF drawings: closed polylines are parcels, arcs drawn to a stated tolerance, blocks resolved.

A drawing does not say what its lines mean. Closed polylines, those whose ends meet, and chains of lines and arcs that
close are read as parcels; open ones are kept as lines; texts, symbols and hatches are left out. CASS notes on a line
what it is (XDATA of ``SOUTH``): where such notes are, only lines with the note of a parcel's edge are read.
"""

from __future__ import annotations

import io
import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.errors import GridmapError
from gridmap.formats.parcels import curves
from gridmap.formats.parcels.drawing_writing import NOTE, TEXT, WHOLE
from gridmap.formats.parcels.notes import Notes, seen
from gridmap.formats.parcels.outlines import Outline, survey_of_outlines
from gridmap.formats.parcels.readers import File, Opened
from gridmap.formats.parcels.survey import Draft, Stated

#: Entities of a drawing, those of blocks once for each insert: blocks in blocks unfold without end.
MAX_ENTITIES = 200_000
#: Blocks within each other.
_DEEPEST = 16
#: Metres between the ends of a polyline that is meant to be closed.
MEET = 0.001
#: Characters of what ezdxf says that are repeated.
_REASON = 200
#: Characters of a message that lists the layers of a drawing.
_LONGEST = 1000
_OUTLINES = frozenset({"LWPOLYLINE", "POLYLINE", "SPLINE", "LINE", "ARC", "ELLIPSE"})
#: Parts of a chain: each is hardly a line of its own.
_PARTS = frozenset({"LINE", "ARC"})
#: The note of CASS on a line, and that of a parcel's edge (权属线).
_CASS, _EDGE, _STRING = "SOUTH", "300000", 1000


class _Mark(NamedTuple):
    """What gridmap notes on a line that it writes."""

    epsg: int
    number: int
    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class _Line:
    """An outline of a drawing."""

    #: east and north, shape (points, 2)
    points: NDArray[np.float64]
    #: whether it says that it is closed, or ends where it begins
    closed: bool
    #: its layer
    layer: str
    #: what CASS notes it to be
    note: str = ""
    #: what gridmap noted on it: EPSG code, and place, identifier and name of its parcel
    mark: _Mark | None = None


@dataclass(kw_only=True)
class _Drawn:
    """What was met in a drawing."""

    notes: Notes
    most: int
    lines: list[_Line] = field(default_factory=list)
    parts: list[tuple[NDArray[np.float64], str]] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    points: int = 0
    curved: int = 0


def read_drawing(file: File, _kind: str, notes: Notes) -> Opened:
    """The outlines of a DXF drawing.

    Parameters
    ----------
    file
        The file.
    notes
        Where decisions and warnings are noted: ``W_LINE`` for open lines, ``W_NESTED_PARCELS``,
        ``W_HIDDEN`` for layers that are switched off.

    Raises
    ------
    FormatError
        ``E_UNREADABLE`` where it is damaged, ``E_NO_PARCEL``, ``E_TOO_LARGE`` where blocks unfold beyond measure,
        ``E_NO_SUBLAYER`` where it has no line on the layer that the user names.
    """
    notes.place = "entity"
    document, encoding = _opened(file, notes)
    drawn = _Drawn(notes=notes, most=file.max_points)
    try:
        _refuse_bombs(document, notes)
        _walk(drawn, document.modelspace())
    except GridmapError:
        raise
    except Exception as error:  # noqa: BLE001 (ezdxf raises whatever a damaged entity makes it stumble on)
        reason = _plain(error)
        raise notes.stop("E_UNREADABLE", f"an entity cannot be read: {reason}; export the drawing again") from None
    _chain(drawn)
    _only_layer(drawn, file.sublayer)
    _tell_hidden(drawn, document)
    _only_edges(drawn)
    _tell(drawn)
    _tell_nested(drawn)
    parcels, outlines = _parcels(drawn)
    if not outlines:
        raise notes.stop("E_NO_PARCEL", "the drawing has no polyline and no line")
    survey = survey_of_outlines(parcels, outlines, _stated(drawn), promised="east_north")
    return Opened(survey=survey, format="dxf", encoding=encoding, area_unit="m2")


def _opened(file: File, notes: Notes) -> tuple[Any, str]:
    """The drawing and the encoding of its texts."""
    import ezdxf.filemanagement  # for which no service that is started should wait

    # it logs what it mends; without any handler that comes out on standard error, as it stands in the file
    logging.getLogger("ezdxf").addHandler(logging.NullHandler())
    data = file.path.read_bytes()
    try:
        if data.startswith(b"AutoCAD Binary DXF"):
            document = ezdxf.filemanagement.readfile(file.path)
        else:
            document, _ = _recovered(data)
    except Exception as error:  # noqa: BLE001 (ezdxf raises whatever a damaged drawing makes it stumble on)
        reason = _plain(error)
        message = f"the drawing cannot be read: {reason}; it may be cut off: export it again as DXF"
        raise notes.stop("E_UNREADABLE", message) from None
    notes.decide("encoding", document.encoding, f"as $DWGCODEPAGE says, version {document.dxfversion}")
    return document, str(document.encoding)


def _plain(error: Exception) -> str:
    """What ezdxf stumbled on, in one line."""
    return (" ".join(str(error).split()) or type(error).__name__)[:_REASON]


def _recovered(data: bytes) -> tuple[Any, Any]:
    """A drawing of text, faults of its structure mended as AutoCAD does."""
    from ezdxf import recover

    return recover.read(io.BytesIO(data))


def _refuse_bombs(document: Any, notes: Notes) -> None:
    """Refuse a drawing whose blocks unfold beyond measure, told without unfolding them."""
    sizes: dict[str, int] = {}

    def size(entities: Any, depth: int) -> int:
        """How many entities come out; too many where blocks hold themselves."""
        if depth > _DEEPEST:
            return MAX_ENTITIES + 1
        total = 0
        for entity in entities:
            total += 1
            if entity.dxftype() == "INSERT":
                name = str(entity.dxf.name)
                if name not in sizes:
                    sizes[name] = size(document.blocks.get(name) or (), depth + 1)
                total += sizes[name] * entity.mcount
        return total

    if (count := size(document.modelspace(), 0)) > MAX_ENTITIES:
        message = f"{count} entities or more come out of its blocks, or they lie deeper than {_DEEPEST}"
        raise notes.stop(
            "E_TOO_LARGE", f"{message}; expected at most {MAX_ENTITIES}: explode what matters, save it alone"
        )


def _walk(drawn: _Drawn, entities: Any) -> None:
    """Go through entities, blocks resolved."""
    for entity in entities:
        kind = entity.dxftype()
        if kind == "INSERT":
            drawn.left["INSERT, resolved"] += 1
            for single in entity.multi_insert() if entity.mcount > 1 else (entity,):
                _walk(drawn, single.virtual_entities())
        elif kind in _OUTLINES:
            _take(drawn, entity, kind)
        else:
            drawn.left[kind] += 1


def _take(drawn: _Drawn, entity: Any, kind: str) -> None:
    """Take an outline."""
    points, is_closed, curved = curves.flattened(entity, kind)
    drawn.points += len(points)
    drawn.curved += curved
    if drawn.points > drawn.most:
        raise drawn.notes.stop("E_TOO_LARGE", f"more than {drawn.most} points; split the drawing")
    if len(points) < 2:  # noqa: PLR2004 (a line)
        drawn.left[f"{kind} without extent"] += 1
        return
    layer = seen(str(entity.dxf.layer))
    if kind in _PARTS:
        drawn.parts.append((points, layer))
        return
    closed = is_closed or _meets(points)
    drawn.lines.append(_Line(points=points, closed=closed, layer=layer, note=_note(entity), mark=_mark(entity)))


def _meets(points: NDArray[np.float64]) -> bool:
    """Whether a line ends where it begins."""
    return len(points) > 3 and bool(np.hypot(*(points[0] - points[-1])) <= MEET)  # noqa: PLR2004 (a triangle closed)


def _note(entity: Any) -> str:
    """What CASS notes a line to be; nothing else of its notes is read, for they name the right holder."""
    if not entity.has_xdata(_CASS):
        return ""
    return next((seen(str(tag.value)) for tag in entity.get_xdata(_CASS) if tag.code == _STRING), "")


def _chain(drawn: _Drawn) -> None:
    """Make chains of single lines and arcs whose ends meet."""
    for layer in dict.fromkeys(layer for _, layer in drawn.parts):
        lines = [np.round(points, 6) for points, of in drawn.parts if of == layer]
        merged = shapely.get_parts(
            shapely.line_merge(shapely.multilinestrings([shapely.LineString(at) for at in lines]))
        )
        for chain in merged:
            points = shapely.get_coordinates(chain)
            drawn.lines.append(_Line(points=points, closed=_meets(points), layer=layer))
    if drawn.parts:
        drawn.notes.decide("chains", len(drawn.parts), "single lines and arcs of a layer, joined where their ends meet")


def _only_layer(drawn: _Drawn, name: str | None) -> None:
    """Where the user names a layer, leave the others out."""
    if name is None:
        return
    layers = dict.fromkeys(line.layer for line in drawn.lines)
    drawn.lines = [line for line in drawn.lines if line.layer == name]
    if not drawn.lines:
        message = f"no line is on a layer {name!r}; expected one of {', '.join(layers)}"
        raise drawn.notes.stop("E_NO_SUBLAYER", message[:_LONGEST])
    drawn.notes.decide("layer", name, f"as stated by the user; {len(layers) - 1} others were left out")


def _tell_hidden(drawn: _Drawn, document: Any) -> None:
    """Warn of lines on layers that are switched off or frozen: nobody who looks at the drawing sees them."""
    for name in dict.fromkeys(line.layer for line in drawn.lines):
        if document.layers.has_entry(name):
            layer = document.layers.get(name)
            if layer.is_off() or layer.is_frozen():
                message = f"the layer {name[:40]!r} is switched off or frozen, and its lines were read all the same"
                drawn.notes.warn("W_HIDDEN", f"{message}; name the layer to be read with sublayer (--sublayer)")


def _only_edges(drawn: _Drawn) -> None:
    """Where CASS noted which lines are edges of parcels, leave the others out."""
    edges = [line for line in drawn.lines if line.note == _EDGE]
    if not edges:
        return
    others = len(drawn.lines) - len(edges)
    why = f"lines that CASS notes as edges of parcels (SOUTH {_EDGE}); {others} others were left out"
    drawn.notes.decide("lines", len(edges), why)
    drawn.lines = edges


def _tell(drawn: _Drawn) -> None:
    """Note what was decided on the way."""
    if drawn.curved:
        why = f"drawn as chords nowhere farther than {curves.TOLERANCE} m from them"
        drawn.notes.decide("curves", drawn.curved, why)
    if drawn.left:
        said = ", ".join(f"{count} {kind}" for kind, count in sorted(drawn.left.items()))
        drawn.notes.decide("other entities", said, "no outlines: left out, or resolved")


def _tell_nested(drawn: _Drawn) -> None:
    """Warn of outlines within others: a drawing does not say whether one is a hole or a parcel of its own."""
    rings = [
        (at, shapely.Polygon(line.points))
        for at, line in enumerate(drawn.lines, 1)
        if line.closed and line.mark is None and len(line.points) > 2  # noqa: PLR2004 (a triangle)
    ]
    whole = [(at, ring) for at, ring in rings if ring.is_valid]
    if not whole:
        return
    grounds = [ring for _, ring in whole]
    for outer, inner in shapely.STRtree(grounds).query(grounds, predicate="contains_properly").T:
        message = f"it lies within the outline of entity {whole[outer][0]}; both were kept as parcels"
        drawn.notes.warn("W_NESTED_PARCELS", f"{message}: no drawing says whether one is a hole", whole[inner][0])


def _parcels(drawn: _Drawn) -> tuple[list[Draft], list[Outline]]:
    """A parcel of each closed outline, or of those that bear one mark; a line of each open one."""
    parcels: list[Draft] = []
    outlines: list[Outline] = []
    last: _Mark | None = None
    for at, line in enumerate(drawn.lines, 1):
        if line.mark is None or line.mark != last:
            parcels.append(_draft(line, at))
            if not line.closed:
                message = f"a line of the layer {line.layer} is open and no parcel; it was kept as a line"
                drawn.notes.warn("W_LINE", message, at)
        last = line.mark
        ends = line.points
        if line.closed and not _meets(ends):
            ends = np.vstack([ends, ends[:1]])
        outlines.append(Outline(owner=len(parcels) - 1, points=ends, line=at))
    return parcels, outlines


def _draft(line: _Line, at: int) -> Draft:
    """The parcel of an outline."""
    fields = {"layer": line.layer} | ({"code": line.note} if line.note else {})
    shape = "polygon" if line.closed else "line"
    if line.mark is None:
        return Draft(id=f"{line.layer}-{at}", name=line.layer, shape=shape, line=at, fields=fields)
    return Draft(id=line.mark.id, name=line.mark.name, shape=shape, line=at, fields=fields)


def _mark(entity: Any) -> _Mark | None:
    """What gridmap noted on a line that it wrote."""
    if not entity.has_xdata(NOTE):
        return None
    tags = entity.get_xdata(NOTE)
    codes = [int(tag.value) for tag in tags if tag.code == WHOLE]
    texts = [seen(str(tag.value)) for tag in tags if tag.code == TEXT]
    if len(codes) != 2 or len(texts) != 2:  # noqa: PLR2004 (as they are written)
        return None
    return _Mark(epsg=codes[0], number=codes[1], id=texts[0], name=texts[1])


def _stated(drawn: _Drawn) -> Stated:
    """The system that gridmap noted, where it wrote the drawing; else a drawing says none."""
    codes = {line.mark.epsg for line in drawn.lines if line.mark}
    if len(codes) != 1 or any(line.mark is None for line in drawn.lines):
        return Stated(silent=True)
    return Stated(epsg=codes.pop(), silent=True)
