"""Which reader a file goes to: told by its first bytes and its ending, and for text by what is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gridmap.errors import GridmapError
from gridmap.formats import delimited, files
from gridmap.formats.contents import Contents
from gridmap.formats.parcels import exchange, rows, tables
from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.survey import Survey
from gridmap.formats.parcels.texts import text_of

#: Endings of text that may be an exchange file or a table of points.
TEXTS = frozenset({".txt", ".csv", ".tsv"})
#: Endings of scans and photographs, on which parcels may be seen but are not told.
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".pdf"})
#: How a drawing of AutoCAD's own format begins, whatever it is called.
_DWG = b"AC10"
_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, kw_only=True)
class File:
    """A file, and what the user says of it."""

    #: where it is
    path: Path
    #: ours to theirs
    columns: Mapping[str, str]
    #: encoding of its text where it is known
    encoding: str | None
    #: larger files are refused
    max_bytes: int
    #: files of more points are refused
    max_points: int
    #: which of several layers it is about
    sublayer: str | None = None


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What a reader found."""

    #: parcels and points as written
    survey: Survey
    #: the format's name
    format: str
    #: encoding of its text
    encoding: str
    #: unit in which the format declares areas
    area_unit: str = "ha"


def opened(file: File, notes: Notes) -> Opened:
    """The parcels and points of a file as written.

    Raises
    ------
    FormatError
        If it is a DWG (``E_DWG``), empty, too large, or as its reader refuses it.
    GridmapError
        What `gridmap.formats.files.find` refuses.
    """
    path, ending = file.path, file.path.suffix.lower()
    if path.is_file():
        _refuse_strangers(file, notes)
    if ending in PICTURES:
        message = "a scan is no file of parcels; lay it on the ground with `gridmap parcels georeference` and draw them"
        raise notes.stop("E_PICTURE", message)
    if file.sublayer is not None and ending in {*TEXTS, ".kml", ".kmz"}:
        raise notes.stop("E_NO_SUBLAYER", f"a {ending} file has no layers, but {file.sublayer!r} was named")
    if ending in TEXTS:
        return _text(file, notes)
    found = files.find(path, max_bytes=file.max_bytes)
    return _reader(found.kind)(file, found.kind, notes)


def is_survey(path: Path) -> bool:
    """Whether a file holds points of parcels or lines drawn, and not a table with a shape in each row.

    Parameters
    ----------
    path
        A file; what is no survey is `gridmap.formats.read`'s, or no file at all.

    Raises
    ------
    FormatError
        If its text has an encoding that cannot be told, or a workbook cannot be opened.
    """
    ending = path.suffix.lower()
    if ending in {".dxf", ".dwg"}:
        return True
    if not path.is_file() or path.stat().st_size == 0 or ending not in {*TEXTS, ".xlsx"}:
        return False
    notes = Notes(path.name)
    if ending == ".xlsx":
        return tables.is_table(rows.sheet_rows(path, notes))
    text, _ = text_of(path.read_bytes(), notes, encoding=None)
    return exchange.is_exchange(text) or tables.is_table(rows.csv_rows(text, notes))


def _reader(kind: str) -> Callable[[File, str, Notes], Opened]:
    """The reader of a kind; each is imported when it is asked for, with the libraries it needs."""
    if kind in {"kml", "kmz"}:
        from gridmap.formats.parcels.kml import read_kml

        return read_kml
    if kind == "dxf":
        from gridmap.formats.parcels.drawings import read_drawing

        return read_drawing
    if kind == "xlsx":
        return _workbook
    from gridmap.formats.parcels.layers import read_layer

    return read_layer


def _refuse_strangers(file: File, notes: Notes) -> None:
    """Refuse what no reader is asked about."""
    size = file.path.stat().st_size
    if size > file.max_bytes:
        raise notes.stop("E_TOO_LARGE", f"the file has {size} bytes; expected at most {file.max_bytes}")
    with file.path.open("rb") as opened_file:
        head = opened_file.read(len(_LFS))
    if head.startswith(_DWG) or file.path.suffix.lower() == ".dwg":
        message = (
            "it is a DWG drawing, whatever its ending says, and DWG cannot be read; save it as DXF (in AutoCAD or "
            "CASS: save as, AutoCAD 2010 DXF) and read that"
        )
        raise notes.stop("E_DWG", message)
    if not head.strip(b"\0 \t\r\n"):
        raise notes.stop("E_EMPTY_FILE", "the file is empty; get it again")
    if head.startswith(_LFS):
        raise notes.stop("E_LFS_POINTER", "a Git-LFS pointer, not the data: run `git lfs pull` at its origin")


def _text(file: File, notes: Notes) -> Opened:
    """A text file: an exchange file, a table of points, or a layer whose shapes are text."""
    text, encoding = text_of(file.path.read_bytes(), notes, encoding=file.encoding)
    if exchange.is_exchange(text) or not tables.is_table(rows.csv_rows(text, notes)):
        if not exchange.is_exchange(text) and (layer := _shapes_as_text(file, notes)) is not None:
            return layer
        survey = exchange.read_exchange(text, notes, max_points=file.max_points)
        return Opened(survey=survey, format="exchange", encoding=encoding)
    notes.place = "row"
    survey = tables.read_table(rows.csv_rows(text, notes), notes, max_points=file.max_points)
    return Opened(survey=survey, format="points", encoding=encoding, area_unit="m2")


def _shapes_as_text(file: File, notes: Notes) -> Opened | None:
    """A layer that keeps its shapes as WKT in a column; None where it does not."""
    try:
        table, encoding = delimited.read_csv(file.path, encoding=file.encoding)
        place = delimited.placed(table, None)
    except GridmapError:
        return None
    if place.kind != "wkt":
        return None
    from gridmap.formats.parcels.layers import opened_layer

    notes.place = "feature"
    kept = table[[name for name in table.columns if name not in place.used]]
    contents = Contents(table=kept, geometry=place.geometry, faults=place.faults, encoding=encoding)
    return opened_layer(contents, "csv", file, notes)


def _workbook(file: File, kind: str, notes: Notes) -> Opened:
    """A workbook: tables of points on its sheets."""
    notes.place = "row"
    survey = tables.read_table(
        rows.sheet_rows(file.path, notes, sheet=file.sublayer), notes, max_points=file.max_points
    )
    return Opened(survey=survey, format="points", encoding=kind, area_unit="m2")
