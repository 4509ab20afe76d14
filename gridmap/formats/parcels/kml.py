"""KML and KMZ: outlines as they were drawn, with the line of each, heights left out.

Expat is asked itself: GDAL closes open rings in silence and tells no lines, and entities must not unfold.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from xml.parsers import expat

import numpy as np

from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.outlines import Outline, survey_of_outlines
from gridmap.formats.parcels.readers import File, Opened
from gridmap.formats.parcels.survey import Draft, Stated

#: Elements within each other that no KML needs.
_DEEPEST = 64
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_SHAPES = frozenset({"LinearRing", "LineString"})
_TEXTS = frozenset({"coordinates", "name"})
#: Numbers of a place: longitude and latitude, and possibly a height.
_FLAT, _HIGH = 2, 3


def read_kml(file: File, kind: str, notes: Notes) -> Opened:
    """The outlines of a KML or KMZ file.

    Parameters
    ----------
    file
        The file.
    kind
        ``kml`` or ``kmz``.
    notes
        Where decisions, warnings and faults are noted: ``W_LINE`` for lines that do not close, ``E_NUMBER`` for what
        is no place.

    Raises
    ------
    FormatError
        ``E_BROKEN_XML`` with the line, ``E_XML_ENTITIES``, ``E_BROKEN_ZIP``, ``E_NO_PARCEL``, ``E_TOO_LARGE``.
    """
    data = file.path.read_bytes() if kind == "kml" else _unzipped(file, notes)
    found = _Marks(notes=notes, most=file.max_points)
    found.parse(data)
    if not found.outlines:
        notes.refuse()
        raise notes.stop("E_NO_PARCEL", "no placemark has a polygon or a line")
    if found.high:
        notes.decide("heights", "left out", "a parcel is an outline on the ground")
    stated = Stated(datum="WGS 84", unit="degree", silent=True, doubtful=True)
    survey = survey_of_outlines(found.parcels, found.outlines, stated, promised="lon_lat")
    return Opened(survey=survey, format=kind, encoding="utf-8", area_unit="m2")


def _unzipped(file: File, notes: Notes) -> bytes:
    """The KML of an archive, in memory: names within it lead nowhere."""
    try:
        with zipfile.ZipFile(file.path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(".kml")]
            main = [name for name in names if PurePosixPath(name).name.lower() == "doc.kml"]
            if len(chosen := main[:1] or names) != 1:
                message = f"{len(names)} KML files in the archive; expected doc.kml or one: unpack it"
                raise notes.stop("E_NO_PARCEL", message)
            with archive.open(chosen[0]) as member:
                data = member.read(file.max_bytes + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, KeyError, OSError) as error:
        raise notes.stop("E_BROKEN_ZIP", f"the archive is damaged ({error}): get it again") from None
    if len(data) > file.max_bytes:
        raise notes.stop("E_TOO_LARGE", f"it unpacks to more than {file.max_bytes} bytes")
    notes.decide("file in the archive", chosen[0], "the document of the archive")
    return data


@dataclass(kw_only=True)
class _Marks:
    """Where the parser is, and what it has met."""

    notes: Notes
    most: int
    parcels: list[Draft] = field(default_factory=list)
    outlines: list[Outline] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    name: str = ""
    #: rings and lines of the placemark that is open: whether it is a ring, points, line
    drawn: list[tuple[bool, Any, int]] = field(default_factory=list)
    begun: int = 0
    count: int = 0
    high: bool = False
    parser: Any = None

    def parse(self, data: bytes) -> None:
        """Go through a document."""
        self.parser = made = expat.ParserCreate(namespace_separator=" ")
        made.buffer_text = True
        made.StartElementHandler, made.EndElementHandler = self.begin, self.end
        made.CharacterDataHandler = self.text.append
        made.StartDoctypeDeclHandler = self.refuse_entities
        try:
            made.Parse(data, True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            line = getattr(error, "lineno", None)
            message = f"no XML from here on ({error!s:.80}); the file may be cut off: export it again"
            raise self.notes.stop("E_BROKEN_XML", message, line) from None

    def refuse_entities(self, *_: Any) -> None:
        """Refuse a document type: entities may unfold without end or name other files."""
        message = "a document type is declared, whose entities may unfold without end; export the file without it"
        raise self.notes.stop("E_XML_ENTITIES", message, self.parser.CurrentLineNumber)

    def begin(self, tag: str, _: dict[str, str]) -> None:
        """An element begins."""
        tag = tag.rpartition(" ")[2]
        self.opened.append(tag)
        if len(self.opened) > _DEEPEST:
            message = f"elements within each other deeper than {_DEEPEST}"
            raise self.notes.stop("E_BROKEN_XML", message, self.parser.CurrentLineNumber)
        if tag == "Placemark":
            self.name, self.drawn, self.begun = "", [], self.parser.CurrentLineNumber
        if tag in _TEXTS:
            self.text.clear()

    def end(self, tag: str) -> None:
        """An element ends."""
        tag = self.opened.pop()
        if tag == "coordinates" and self.opened[-1:] and self.opened[-1] in _SHAPES:
            line = self.parser.CurrentLineNumber
            self.drawn.append((self.opened[-1] == "LinearRing", self.places("".join(self.text), line), line))
        elif tag == "name" and self.opened[-1:] == ["Placemark"]:
            self.name = "".join(self.text).strip()
        elif tag == "Placemark":
            self.close()
        if tag in _TEXTS:
            self.text.clear()

    def places(self, text: str, line: int) -> Any:
        """Longitudes and latitudes of a text of places, shape (points, 2)."""
        places = []
        for word in text.split():
            cells = word.split(",")
            fits = len(cells) in {_FLAT, _HIGH} and all(_NUMBER.fullmatch(cell) for cell in cells[:_FLAT])
            if not fits:
                self.notes.fault("E_NUMBER", f"{word[:40]!r} is no place; expected longitude,latitude,height", line)
                continue
            self.high |= len(cells) == _HIGH
            places.append((float(cells[0]), float(cells[1])))
        self.count += len(places)
        if self.count > self.most:
            raise self.notes.stop("E_TOO_LARGE", f"more than {self.most} points; split the file", line)
        return np.array(places, dtype=np.float64).reshape(-1, 2)

    def close(self) -> None:
        """Make a placemark one parcel, its open lines each one of their own."""
        rings = [(points, line) for ring, points, line in self.drawn if ring or _closes(points)]
        lines = [(points, line) for ring, points, line in self.drawn if not (ring or _closes(points))]
        for shape, parts in (("polygon", rings), ("line", lines)):
            if not parts:
                continue
            if shape == "line":
                self.notes.warn("W_LINE", "a line that does not close is no parcel; it was kept as a line", self.begun)
            owner = len(self.parcels)
            self.parcels.append(Draft(id=self.name, shape=shape, line=self.begun))
            self.outlines += [Outline(owner=owner, points=points, line=line) for points, line in parts]


def _closes(points: Any) -> bool:
    """Whether a line is a ring by its points."""
    return len(points) > _HIGH and bool((points[0] == points[-1]).all())
