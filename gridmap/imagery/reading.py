"""Control points out of a file: what QGIS, ArcGIS and GDAL write, plain tables, and IIIF annotations."""

from __future__ import annotations

from pathlib import Path

from gridmap.errors import FormatError, InputError, TooLargeError
from gridmap.imagery.annotations import read_annotation
from gridmap.imagery.points import ControlPoints
from gridmap.imagery.texts import read_text

#: Greatest file: the points of 2 000 annotations.
_MOST_BYTES = 10_000_000

#: Most points of one scan; the spline's equations grow with their square, its time with their cube.
MOST_POINTS = 2_000


def read_control_points(path: str | Path, *, item: int | str | None = None) -> ControlPoints:
    """Return the control points of a file, in whatever form it is, and what was decided to read them.

    Forms: QGIS ``.points`` and ArcGIS link files (lines counted upwards from 0, negative), GDAL's four numbers (lines
    counted downwards), a table with the headings pixel, line, x, y, and IIIF Georeference Annotations (RFC 7946
    places). Whether the points are any good is the business of `judge_control_points`: a point that lacks a number is
    kept, with NaN.

    In all of them pixel 0, line 0 is the upper left corner of the picture, not the middle of its first pixel, which is
    at 0.5, 0.5; the lower right corner of 800 x 600 pixels is 800, 600. QGIS and ArcGIS write that as 800, -600: lines
    that are all negative are turned downwards, which is told. X坐标 and Y坐标 are the surveyor's, X the northing, which
    is told too. A photograph that is to be turned is a matter of `gridmap.imagery.seeing`.

    Parameters
    ----------
    path
        The file.
    item
        Which map of an annotation page that has several: its position from 1, or its id.

    Returns
    -------
    ControlPoints

    Raises
    ------
    FormatError
        If it is no such file, a number cannot be read (every such line is named), or it holds several maps and none
        is chosen.
    TooLargeError
        If it is larger than 10 MB or holds more than 2 000 points.
    InputError
        If there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"there is no file {path}", expected="control points")
    if path.stat().st_size > _MOST_BYTES:
        raise TooLargeError(f"{path.name} is {path.stat().st_size} bytes", expected=f"at most {_MOST_BYTES}")
    text = _decoded(path.read_bytes(), path.name)
    if text.lstrip()[:1] in {"{", "["}:
        found = read_annotation(text, path.name, item=item)
    else:
        found = read_text(text, path.name)
    if len(found) > MOST_POINTS:
        raise TooLargeError(f"{path.name} holds {len(found)} control points", expected=f"at most {MOST_POINTS}")
    return found


def _decoded(raw: bytes, name: str) -> str:
    """The text of a file; headings may be Chinese."""
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FormatError(f"{name} is no text", expected="control points as text: .points, .csv, .txt or .json")
