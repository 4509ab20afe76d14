"""Cameras of OpenStreetMap (``man_made=surveillance``) as a table of cameras, and what of it is left out or not known.

``camera:direction`` is a number of degrees clockwise from north, a point of the compass, a range that always runs
clockwise (``350-10`` spans 20 degrees), or a list of these for several cameras on one pole. ``camera:angle`` counts
downwards from the horizon, ``camera:tilt`` upwards: -90 is straight down. A point of the compass is a rounded heading.

Source: the wiki of OpenStreetMap, Tag:man_made=surveillance, Key:camera:direction, Key:camera:tilt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap import frames
from gridmap.errors import TableError
from gridmap.visibility.reading.lengths import metres

_COMPASS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_WORDS = {
    **dict(zip(("NORTH", "EAST", "SOUTH", "WEST"), ("N", "E", "S", "W"), strict=True)),
    **dict(zip(("NORTHEAST", "SOUTHEAST", "SOUTHWEST", "NORTHWEST"), ("NE", "SE", "SW", "NW"), strict=True)),
}
#: A point of three letters is one of 16, any other stands for an eighth of the compass.
_FINE_DEG, _COARSE_DEG = 11.25, 22.5
_TURN_DEG, _FLAT_DEG = 360.0, 180.0

_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
_DEGREES = re.compile(r"(\d+(?:\.\d+)?)\s*°?")
_SIGNED = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*°?")

_KINDS = {"fixed": "fixed", "panning": "ptz", "dome": "ptz"}
_INDOORS = ("indoor", "indoors")
#: Values of ``surveillance:type`` that are cameras.
_CAMERAS = ("", "camera", "alpr", "anpr")

#: Code and sentence of something said of a camera.
Remark = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Look:
    """Where one camera looks."""

    #: clockwise from true north
    heading_deg: float
    #: how far it may be off
    accuracy_deg: float = 0.0
    #: angle of a range; None where a direction alone is stated
    span_deg: float | None = None


def looks(text: str) -> list[Look]:
    """Return where the cameras of a ``camera:direction`` look.

    Parameters
    ----------
    text
        The tag's value.

    Returns
    -------
    list of Look
        One for each entry of a list; empty where any of it cannot be read, or where a range is a whole turn or none.

    Raises
    ------
    None

    Examples
    --------
    >>> [(look.heading_deg, look.span_deg) for look in looks("350-10")]
    [(0.0, 20.0)]
    >>> [(look.heading_deg, look.accuracy_deg) for look in looks("N;SSW;90")]
    [(0.0, 22.5), (202.5, 11.25), (90.0, 0.0)]
    >>> looks("-90"), looks("forward")
    ([], [])
    """
    found = [_look(part.strip()) for part in text.split(";")]
    return [look for look in found if look is not None] if None not in found else []


def _look(text: str) -> Look | None:
    """Where one entry of the tag looks."""
    if single := _direction(text):
        return Look(heading_deg=single[0], accuracy_deg=single[1])
    ends = [_direction(part.strip()) for part in text.split("-")]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:  # noqa: PLR2004 (a range has two ends)
        return None
    span = (ends[1][0] - ends[0][0]) % _TURN_DEG
    middle = (ends[0][0] + span / 2) % _TURN_DEG
    return Look(heading_deg=middle, accuracy_deg=max(ends[0][1], ends[1][1]), span_deg=span) if span else None


def _direction(text: str) -> tuple[float, float] | None:
    """Degrees clockwise from north, and how far they may be off."""
    name = _WORDS.get(text.upper().replace("-", ""), text.upper())
    if name in _COMPASS:
        return _COMPASS.index(name) * _COARSE_DEG, _FINE_DEG if len(name) == len("NNE") else _COARSE_DEG
    found = _DEGREES.fullmatch(text)
    if found is None or float(found[1]) > _TURN_DEG:
        return None
    return float(found[1]) % _TURN_DEG, 0.0


def is_surveillance(table: pd.DataFrame) -> bool:
    """Tell whether a table holds cameras of OpenStreetMap, as tags in columns or in GDAL's ``other_tags``.

    Parameters
    ----------
    table
        Any table.

    Raises
    ------
    None

    Examples
    --------
    >>> is_surveillance(pd.DataFrame({"man_made": ["surveillance"]})), is_surveillance(pd.DataFrame({"id": ["1"]}))
    (True, False)
    """
    tagged = "man_made" in table and table["man_made"].eq("surveillance").any()
    hidden = (
        "other_tags" in table and table["other_tags"].astype("str").str.contains('"man_made"=>"surveillance"').any()
    )
    return bool(tagged or hidden)


def cameras(table: gpd.GeoDataFrame, *, source: str = "OpenStreetMap") -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the cameras among the things of OpenStreetMap, and what of them is left out or not known.

    Parameters
    ----------
    table
        Points as GDAL reads them, tags in columns and in ``other_tags``, or as GeoJSON with a column per tag. What is
        not ``man_made=surveillance`` is passed over.
    source
        What to call the table in messages.

    Returns
    -------
    cameras : GeoDataFrame
        As ``frames.CAMERAS`` promises. Several directions of one node are as many cameras, ``id`` 7/1, 7/2, ...
    notes : DataFrame
        ``camera``, ``code`` (``left_out``, ``unknown``, ``assumed``), ``what`` (a sentence); by row.

    Raises
    ------
    TableError
        With every fault of every camera, places that are no points among them.

    Examples
    --------
    >>> import shapely
    >>> table = gpd.GeoDataFrame({"osm_id": ["7"], "man_made": ["surveillance"], "camera:direction": ["N;S"],
    ...                           "camera:tilt": ["-20"]}, geometry=[shapely.Point(24.9, 60.2)], crs=4326)
    >>> found, notes = cameras(table)
    >>> found[["id", "heading_deg", "tilt_deg"]].values.tolist()
    [['7/1', 0.0, 20.0], ['7/2', 180.0, 20.0]]
    """
    rows: list[dict[str, Any]] = []
    notes: list[tuple[str, str, str]] = []
    for tags, place in zip(_tags(table), table.geometry, strict=True):
        if tags.get("man_made") != "surveillance":
            continue
        name = _name(tags) or f"row {len(rows) + 1}"
        entries, remarks = _read(tags)
        notes += [(name, *remark) for remark in remarks]
        ids = [name] if len(entries) == 1 else [f"{name}/{number + 1}" for number in range(len(entries))]
        rows += [{"id": id_, **entry, "geometry": place} for id_, entry in zip(ids, entries, strict=True)]
    told = pd.DataFrame(notes, columns=["camera", "code", "what"], dtype="str")
    return _promised(rows, table, source), told


def _promised(rows: list[dict[str, Any]], table: gpd.GeoDataFrame, source: str) -> gpd.GeoDataFrame:
    """Cameras as the frame promises them."""
    columns = ["id", "kind", "status", *_NUMBERS]
    found = pd.DataFrame(rows, columns=[*columns, "geometry"])
    places = gpd.GeoSeries(found.pop("geometry").tolist(), crs=table.crs)
    try:
        return frames.conform(gpd.GeoDataFrame(found, geometry=places), "cameras", source=source)
    except TableError as error:
        raise TableError(source, error.faults) from None


_NUMBERS = ("heading_deg", "heading_accuracy_deg", "hfov_deg", "turn_deg", "tilt_deg", "height_m")


def _tags(table: pd.DataFrame) -> Iterator[dict[str, str]]:
    """The tags of each row, those of ``other_tags`` among them."""
    names = [str(name) for name in table.columns if name != "geometry"]
    for cells in zip(*(table[name].tolist() for name in names), strict=True):
        tags = {name: str(cell) for name, cell in zip(names, cells, strict=True) if not _missing(cell)}
        yield {**_unpacked(tags.pop("other_tags", "")), **tags}


def _missing(cell: Any) -> bool:
    """Whether a cell of any type holds nothing."""
    return cell is None or cell is pd.NA or cell == "" or (isinstance(cell, float) and cell != cell)  # noqa: PLR0124 (NaN)


def _unpacked(text: str) -> dict[str, str]:
    """GDAL's ``"key"=>"value"`` pairs."""
    return {_bare(key): _bare(value) for key, value in _PAIR.findall(text)}


def _bare(text: str) -> str:
    """A quoted text without its backslashes."""
    return re.sub(r"\\(.)", r"\1", text)


def _name(tags: Mapping[str, str]) -> str:
    """The identifier of a thing."""
    found = next((tags[name] for name in ("osm_id", "@id", "id", "osmid", "ref") if tags.get(name)), "")
    return found.removesuffix(".0")


def _read(tags: Mapping[str, str]) -> tuple[list[dict[str, Any]], list[Remark]]:
    """The cameras of one node, and what is to be said of them."""
    if why := _left_out(tags):
        return [], [("left_out", why)]
    kind, remarks = _kind(tags)
    common: dict[str, Any] = {"status": "online"}
    for column, found in (("tilt_deg", _tilt(tags)), ("height_m", _height(tags))):
        common[column] = found[0]
        remarks += found[1]
    headings, more = _headings(tags, kind)
    return [{"kind": kind, **common, **heading} for heading in headings], remarks + more


def _left_out(tags: Mapping[str, str]) -> str:
    """Why a node is no camera that watches ground outdoors; empty where it is one."""
    sort = tags.get("surveillance:type", "")
    if sort.lower() not in _CAMERAS:
        return f"surveillance:type is {sort!r}: no camera"
    if tags.get("surveillance") in _INDOORS or tags.get("indoor") == "yes":
        return "it watches a room (surveillance=indoor)"
    return ""


def _kind(tags: Mapping[str, str]) -> tuple[str, list[Remark]]:
    """How it is mounted: a dome may look anywhere within it and counts as turning."""
    stated = tags.get("camera:type", "")
    if stated in _KINDS:
        return _KINDS[stated], []
    if tags.get("revolving") == "yes":
        return "ptz", [("assumed", "revolving=yes: it is taken for a turning camera")]
    if stated:
        return "fixed", [("unknown", f"camera:type is {stated!r}: it is taken for a fixed one")]
    return "fixed", [("assumed", "no camera:type: it is taken for a fixed one")]


def _tilt(tags: Mapping[str, str]) -> tuple[float | None, list[Remark]]:
    """Its axis below the horizon."""
    for key, sign in (("camera:tilt", -1), ("camera:angle", 1)):
        if key not in tags:
            continue
        found = _SIGNED.fullmatch(tags[key].strip())
        value = float(found[1]) * sign if found else None
        if value is not None and abs(value) <= 90 and not (key == "camera:angle" and value < 0):  # noqa: PLR2004 (upright)
            return value + 0.0, []
        return None, [("unknown", f"{key} is {tags[key]!r}: its tilt is not known")]
    return None, []


def _height(tags: Mapping[str, str]) -> tuple[float | None, list[Remark]]:
    """Its height above ground."""
    for key in ("height", "est_height"):
        if key not in tags:
            continue
        found = metres(tags[key])
        if found is None:
            return None, [("unknown", f"{key} is {tags[key]!r}: its height is not known")]
        return found, [("assumed", f"est_height: {found:g} m is an estimate")] if key == "est_height" else []
    return None, []


def _headings(tags: Mapping[str, str], kind: str) -> tuple[list[dict[str, Any]], list[Remark]]:
    """Where it looks, a row for each of several directions."""
    stated = tags.get("camera:direction") or tags.get("direction") or ""
    found = looks(stated) if stated else []
    if not found:
        return [{}], [("unknown", f"camera:direction is {stated!r}: no heading")] if stated else []
    remarks: list[Remark] = []
    if len(found) > 1:
        remarks.append(("assumed", f"camera:direction {stated}: {len(found)} cameras on one pole"))
    if kind == "fixed" and any(look.span_deg for look in found):
        remarks.append(("assumed", f"camera:direction {stated}: the range of a fixed camera is its angle of view"))
    return [_columns(look, kind) for look in found], remarks


def _columns(look: Look, kind: str) -> dict[str, Any]:
    """Where one camera looks, as columns; a range is what a fixed one spans and a turning one turns through."""
    cells: dict[str, Any] = {"heading_deg": look.heading_deg, "heading_accuracy_deg": look.accuracy_deg or None}
    if look.span_deg is None:
        return cells
    flat = kind == "fixed" and look.span_deg < _FLAT_DEG
    return {**cells, **({"hfov_deg": look.span_deg} if flat else {"kind": "ptz", "turn_deg": look.span_deg})}
