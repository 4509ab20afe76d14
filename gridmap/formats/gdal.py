"""Files that GDAL reads, with what it does on its own switched off or told."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.errors import Fault, FormatError, GridmapError, InputError, NotFoundError
from gridmap.formats.contents import Contents
from gridmap.formats.encodings import decoded
from gridmap.formats.shapefile import companions
from gridmap.frames import Frame

#: GML may name schemas on other hosts, and GDAL writes notes of its own beside the file.
_OPTIONS = {"gml": {"DOWNLOAD_SCHEMA": "NO", "WRITE_GFS": "NO"}}
#: Where in files of a kind the rows of a table are.
_HOMES = {
    "osm": {"streets": "lines", "buildings": "multipolygons", "places": "points", "addresses": "points"},
    "gpx": {"fixes": "track_points", "streets": "tracks", "checkpoints": "waypoints", "places": "waypoints"},
}
#: Which rows of OpenStreetMap are streets and buildings: those with this tag.
_OSM_TAGS = {"lines": "highway", "multipolygons": "building"}
#: what stands among the other tags of a layer as a plain number; "12 ft" and "3;4" are nobody's number
_OSM_MEASURES = {
    "multipolygons": (
        ("height_m", r'"height"=>"(\d{1,3}(?:\.\d+)?)(?: ?m)?"'),
        ("floors", r'"building:levels"=>"(1?\d{1,2})(?:\.\d+)?"'),
    )
}
_SHAPES = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
}


def read_gdal(
    path: Path, kind: str, *, frame: Frame | None, sublayer: str | None, encoding: str | None = None
) -> Contents:
    """The contents of a file that GDAL reads.

    Parameters
    ----------
    path
        The file, found to be of its kind.
    kind
        One of the kinds of ``files.KINDS``.
    frame
        What it is read for: helps to choose among several layers.
    sublayer
        The layer in the file where it has several.
    encoding
        Encoding of a shapefile's names and cells where it is known.

    Raises
    ------
    FormatError
        ``truncated``, ``unreadable``, ``empty_layer``, or as `shapefile.companions`.
    InputError
        ``which_sublayer`` where several layers could be meant.
    NotFoundError
        If there is no such layer.
    """
    from pyogrio import raw  # GDAL itself, for which no service that is started should wait

    notes: list[tuple[str, str]] = []
    _refuse_cut(path, kind)
    side = companions(path, encoding=encoding) if kind == "shapefile" else None
    with _told(path, notes):
        layer = _chosen(path, kind, frame, sublayer, notes)
        read_as = "ISO-8859-1" if side else None
        meta, _, wkb, cells = raw.read(
            path, layer=layer, encoding=read_as, datetime_as_string=True, **_OPTIONS.get(kind, {})
        )
    names = [str(name) for name in meta["fields"]]
    table = _table(names, cells, wkb)
    if side:
        table = _recoded(path, table, side.encoding)
        notes += side.warnings
    geometry, faults, unclosed = _shapes(wkb, len(table))
    contents = Contents(
        table=table,
        geometry=geometry,
        crs=meta["crs"],
        encoding=side.encoding if side else "utf-8",
        faults=tuple(faults),
        unclosed=unclosed,
        warnings=tuple(notes),
    )
    return _told_apart(contents, path, kind, layer)


@contextmanager
def _told(path: Path, notes: list[tuple[str, str]]) -> Iterator[None]:
    """Errors of GDAL as ours, and its warnings as notes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except GridmapError:
            raise
        except Exception as error:  # noqa: BLE001 (GDAL's bindings raise a dozen classes that share no base)
            reason = " ".join(str(error).split())[:300] or type(error).__name__
            raise FormatError(
                f"{path.name} cannot be read: {reason}",
                do="it may be damaged or cut off: get it again",
                code="unreadable",
            ) from None
    said = dict.fromkeys(" ".join(str(warning.message).split())[:300] for warning in caught)
    notes += [("gdal", text) for text in said if "Non closed ring" not in text]


def _refuse_cut(path: Path, kind: str) -> None:
    """Refuse a database file that is shorter than its header says."""
    if kind != "gpkg":
        return
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100:  # noqa: PLR2004 (the length of the header)
        raise FormatError(f"{path.name} is cut off in its header", do="get it again", code="truncated")
    page, pages = struct.unpack_from(">H", head, 16)[0], struct.unpack_from(">I", head, 28)[0]
    promised, size = (65536 if page == 1 else page) * pages, path.stat().st_size
    if size < promised:
        given = f"{path.name} is cut off: it has {size} of {promised} bytes"
        raise FormatError(given, do="get it again", code="truncated")


def _chosen(path: Path, kind: str, frame: Frame | None, sublayer: str | None, notes: list[tuple[str, str]]) -> str:
    """The name of the layer to read."""
    import pyogrio  # as in read_gdal

    layers = [(str(name), str(shape)) for name, shape in pyogrio.list_layers(path)]
    names = [name for name, _ in layers]
    if not names:
        raise FormatError(f"{path.name} has no layers", expected="at least one", code="empty_layer")
    if sublayer is not None:
        if sublayer not in names:
            raise NotFoundError(
                f"{path.name} has no layer {sublayer!r}", expected=f"one of {', '.join(names)}", code="no_sublayer"
            )
        return sublayer
    if len(names) == 1:
        return names[0]
    found = _fitting(layers, kind, frame)
    if found is None:
        listed = ", ".join(f"{name} ({shape})" for name, shape in layers)
        raise InputError(
            f"{path.name} has several layers: {listed}", do="name one with sublayer (--sublayer)", code="which_sublayer"
        )
    # tables without places beside the one layer that has them can hardly be meant
    if sum(shape != "None" for _, shape in layers) > 1:
        notes.append(("sublayer", f"of the layers {', '.join(names)} the layer {found} was read"))
    return found


def _fitting(layers: Sequence[tuple[str, str]], kind: str, frame: Frame | None) -> str | None:
    """The only layer that can be meant, or None."""
    if frame is None:
        return None
    names = [name for name, _ in layers]
    home = _HOMES.get(kind, {}).get(frame.name)
    for name in (home, frame.name):
        if name in names:
            return name
    shapes = [shape for wanted in frame.geometry for shape in _SHAPES[wanted]]
    fit = [name for name, shape in layers if shape.removesuffix(" Z").removeprefix("2.5D ") in shapes]
    return fit[0] if len(fit) == 1 else None


def _table(names: Sequence[str], cells: Sequence[npt.NDArray[Any]], wkb: npt.NDArray[Any] | None) -> pd.DataFrame:
    """Columns as GDAL gave them."""
    rows = len(cells[0]) if len(cells) else 0 if wkb is None else len(wkb)
    index = pd.RangeIndex(rows)
    columns = [pd.Series(column, index=index) for column in cells]
    return pd.concat(columns, axis=1).set_axis(list(names), axis=1) if columns else pd.DataFrame(index=index)


def _recoded(path: Path, table: pd.DataFrame, encoding: str) -> pd.DataFrame:
    """A table whose text was read byte by byte, in its own encoding.

    A DBF cuts names and cells at a number of bytes, so that half a character may stand at an end; it is left out.
    """
    wrong: list[str] = []

    def text(cell: Any) -> Any:
        if not isinstance(cell, str) or cell.isascii():
            return cell
        known = decoded(cell.encode("iso-8859-1"), encoding)
        if known is None:
            wrong.append(cell)
        return known

    columns = [
        pd.Series(_each(column, text), index=table.index)
        if column.dtype.kind in "OT" or column.dtype == "str"
        else column
        for _, column in table.items()
    ]
    names = [text(name) for name in table.columns]
    if wrong:
        shown = wrong[0].encode("iso-8859-1")[:20]
        given = f"{path.name} is not {encoding} text throughout: {shown!r}"
        raise FormatError(given, do="state the encoding it is in (--encoding)", code="bad_encoding")
    return pd.concat(columns, axis=1).set_axis(names, axis=1) if columns else table


def _each(column: pd.Series[Any], change: Callable[[Any], Any]) -> npt.NDArray[Any]:
    """Every cell changed."""
    out = np.empty(len(column), dtype=object)
    out[:] = [change(cell) for cell in column.tolist()]
    return out


def _shapes(wkb: npt.NDArray[Any] | None, rows: int) -> tuple[npt.NDArray[Any] | None, list[Fault], dict[int, Any]]:
    """Geometry, what of it could not be built, and the open rings as they are once closed."""
    if wkb is None:
        return None, [], {}
    geometry = shapely.from_wkb(wkb, on_invalid="ignore")
    broken = [row for row in np.flatnonzero(shapely.is_missing(geometry)).tolist() if wkb[row] is not None]
    closed = dict(zip(broken, shapely.from_wkb(wkb[broken], on_invalid="fix"), strict=True)) if broken else {}
    faults, unclosed = [], {}
    for row in broken:
        fault = _broken(wkb[row], row + 1)
        faults.append(fault)
        if fault.code == "unclosed_ring":
            unclosed[row + 1] = closed[row]
    return geometry if rows else np.empty(0, dtype=object), faults, unclosed


def _broken(wkb: bytes, feature: int) -> Fault:
    """Why bytes are no geometry."""
    try:
        shapely.from_wkb(wkb)
    except shapely.GEOSException as error:
        if "closed" in str(error):
            return Fault(code="unclosed_ring", message="a ring is not closed", feature=feature)
        reason = str(error)
        if "Invalid number of points" in reason:
            return Fault(code="too_few_points", message="a ring or line has too few points", feature=feature)
        return Fault(code="broken_geometry", message=f"the geometry cannot be read: {reason}", feature=feature)
    return Fault(code="broken_geometry", message="the geometry cannot be read", feature=feature)


def _told_apart(contents: Contents, path: Path, kind: str, layer: str) -> Contents:
    """What a format keeps elsewhere: names of tracks, and which rows of OpenStreetMap are meant."""
    if kind == "osm" and layer in _OSM_TAGS:
        return _tagged(contents, layer)
    if kind == "gpx" and layer == "track_points":
        from pyogrio import raw  # as in read_gdal

        meta, fids, _, cells = raw.read(path, layer="tracks", read_geometry=False, return_fids=True)
        names = dict(zip(fids.tolist(), cells[list(meta["fields"]).index("name")], strict=True))
        track = contents.table["track_fid"].map(names)
        return contents.changed(table=contents.table.assign(track_name=track))
    return contents


def _tagged(contents: Contents, layer: str) -> Contents:
    """The rows of OpenStreetMap that have the tag of their layer, with one id each."""
    tag, table = _OSM_TAGS[layer], contents.table
    keep = np.flatnonzero(table[tag].notna().to_numpy())
    if "osm_way_id" in table:
        way, relation = table["osm_way_id"], table["osm_id"]
        table = table.assign(
            osm_id=("way/" + way.astype("str")).where(way.notna(), "relation/" + relation.astype("str"))
        )
    table = table.assign(
        **{ours: table["other_tags"].str.extract(tag)[0] for ours, tag in _OSM_MEASURES.get(layer, ())}
    )
    note = ("osm", f"{len(keep)} of {len(table)} features have the tag {tag}; the others were left out")
    geometry = None if contents.geometry is None else contents.geometry[keep]
    kept = {feature: number for number, feature in enumerate((keep + 1).tolist(), 1)}
    return contents.changed(
        table=table.iloc[keep].reset_index(drop=True),
        geometry=geometry,
        faults=tuple(fault for fault in contents.faults if fault.feature in kept),
        unclosed={kept[at]: shape for at, shape in contents.unclosed.items() if at in kept},
        warnings=(*contents.warnings, note),
    )
