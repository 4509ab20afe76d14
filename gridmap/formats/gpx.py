"""Track points of GPX files, streamed: what no file may do, and what each empty one lacks, told by its own name.

Expat is asked itself: GDAL answers a file without tracks in one general sentence, and holds it whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
import pandas as pd
import shapely

from gridmap.errors import FormatError, TooLargeError
from gridmap.formats.contents import Contents

#: Points of one file at most: a crew's year, a fix a second.
MAX_POINTS = 10_000_000
#: Elements within each other, and characters of one text, that no GPX needs.
_DEEPEST, _LONGEST = 64, 10_000
_BLOCK = 2**16
#: Elements of a point that are kept, with the column each becomes; ``speed`` stands in extensions too.
_KEPT = {"time": "time", "speed": "speed_m_s", "accuracy": "accuracy_m", "ele": "ele"}


def read_points(path: Path, *, size: int, most: int = MAX_POINTS) -> Iterator[Contents]:
    """The track points of a GPX file, so many at a time, in memory that does not grow with the file.

    Parameters
    ----------
    path
        The file.
    size
        Points per table.
    most
        Points of the file at most.

    Yields
    ------
    Contents
        track_name (that of the file where a track has none), time, speed_m_s, accuracy_m and ele as text, and a point
        in degrees. Empty segments are warned of with the last.

    Raises
    ------
    FormatError
        ``xml_entities`` where a document type is declared; ``broken_xml`` with the line; ``no_trk``, ``no_trkseg``,
        ``no_trkpt`` where the file has none of that; ``no_times`` where no point of it says when:
        without that there are no shifts, speeds, gaps or stops, and whatever was walked could not be doubted.
    TooLargeError
        ``too_many`` points, or elements nested deeper than any GPX's.
    """
    points = _Points(path=path, most=most)
    parser = points.parser()
    timed = False
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            _fed(parser, block, path, final=False)
            while len(points.rows) >= size:
                timed |= points.timed
                yield points.taken(size)
    _fed(parser, b"", path, final=True)
    timed |= points.timed
    points.refuse(timed=timed)
    yield points.taken(len(points.rows), last=True)


def _fed(parser: Any, block: bytes, path: Path, *, final: bool) -> None:
    """Parse some bytes more."""
    try:
        parser.Parse(block, final)
    except expat.ExpatError as error:
        given = f"{path.name}, line {error.lineno}: {expat.ErrorString(error.code)}"
        raise FormatError(given, expected="XML", do="it may be cut off: export it again", code="broken_xml") from None


@dataclass(kw_only=True)
class _Points:
    """Where the parser is, and the points that it has met."""

    path: Path
    most: int
    #: name, lon, lat and the cells of each point that is not handed over yet
    rows: list[dict[str, Any]] = field(default_factory=list)
    #: elements that are open
    opened: list[str] = field(default_factory=list)
    #: how many of each element there were
    count: dict[str, int] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)
    #: whether the segment that is open has points; how many had none
    filled: bool = False
    empty: int = 0
    #: name of the track, and how many have none
    name: str | None = None
    unnamed: int = 0
    timed: bool = False

    def parser(self) -> Any:
        """An Expat that calls this."""
        made = expat.ParserCreate(namespace_separator=" ")
        made.buffer_text = True
        made.StartElementHandler, made.EndElementHandler = self.begin, self.end
        made.CharacterDataHandler = self.said
        made.StartDoctypeDeclHandler = self.refuse_entities
        return made

    def refuse_entities(self, *_: Any) -> None:
        """Refuse a document type: entities may unfold without end or name other files."""
        raise FormatError(
            f"{self.path.name} declares a document type, whose entities may unfold without end",
            expected="a GPX file without <!DOCTYPE>",
            do="export it again",
            code="xml_entities",
        )

    def begin(self, tag: str, given: dict[str, str]) -> None:
        """An element begins."""
        word = tag.rpartition(" ")[2]
        self.opened.append(word)
        self.count[word] = self.count.get(word, 0) + 1
        self.text.clear()
        if len(self.opened) > _DEEPEST:
            raise TooLargeError(f"{self.path.name} nests elements deeper than {_DEEPEST}", code="too_deep")
        if word == "trk":
            self.name = None
        elif word == "trkseg":
            self.filled = False
        elif word == "trkpt":
            self.filled = True
            if self.count[word] > self.most:
                raise TooLargeError(
                    f"{self.path.name} has more than {self.most} points", do="split the file", code="too_many"
                )
            self.rows.append({"track_name": self.name, "lon": given.get("lon"), "lat": given.get("lat")})

    def said(self, text: str) -> None:
        """Text within an element."""
        if sum(map(len, self.text)) + len(text) <= _LONGEST:
            self.text.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        word = tag.rpartition(" ")[2]
        self.opened.pop()
        said = "".join(self.text).strip()
        self.text.clear()
        if word == "trkseg":
            self.empty += not self.filled
        elif word == "name" and self.opened[-1:] == ["trk"]:
            self.name = said or None
        elif word in _KEPT and "trkpt" in self.opened and said:
            self.rows[-1][_KEPT[word]] = said
            self.timed |= word == "time"

    def refuse(self, *, timed: bool) -> None:
        """Refuse a file that holds no fixes, by what it lacks."""
        for word in ("trk", "trkseg", "trkpt"):
            if not self.count.get(word):
                others = ", ".join(f"{self.count[name]} {name}" for name in ("wpt", "rtept") if self.count.get(name))
                given = f"{self.path.name} has no <{word}>" + (f", only {others}" if others else "")
                raise FormatError(given, expected="tracks with segments of points", code=f"no_{word}")
        if not timed:
            raise FormatError(
                f"{self.path.name} has {self.count['trkpt']} points and no time",
                expected="a <time> in each point: their order alone tells neither when and how fast nor in which shift",
                do="export the recorded track with its times; one that was drawn has none, and credits nothing",
                code="no_times",
            )

    def taken(self, size: int, *, last: bool = False) -> Contents:
        """The first points that are not handed over yet."""
        part = self.rows[:size]
        del self.rows[:size]
        table = pd.DataFrame(part, columns=["track_name", "lon", "lat", *_KEPT.values()])
        lon, lat = (pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=float) for name in ("lon", "lat"))
        points = np.full(len(table), None, dtype=object)
        good = np.isfinite(lon) & np.isfinite(lat)
        points[good] = shapely.points(lon[good], lat[good])
        unnamed = table["track_name"].isna()
        table["track_name"] = table["track_name"].fillna(self.path.stem).astype("str")
        notes = (
            [("unnamed_track", f"a track without a name is taken to be of {self.path.stem}")] if unnamed.any() else []
        )
        if last and self.empty:
            notes.append(("empty_segment", f"{self.empty} segments have no points"))
        kept = table.drop(columns=["lon", "lat"]).astype("str")
        return Contents(table=kept, geometry=points, implied=True, warnings=tuple(notes))
