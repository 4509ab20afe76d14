"""Headings out of words: where a camera of an office's list looks, and what was assumed to say so.

Lists say 朝东, 由西向东, 北偏东30度, 朝人民路, 沿人民路向北, 全景. A point of the compass is an eighth of it; a camera
that looks at a street looks at the nearest point of that street; along a street it looks one of two ways, of which the
named point of the compass picks one. Words that leave it open (路口, 球机, a street alone) give none, and a reason.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap import crs as crs_
from gridmap.visibility.cameras.bearings import OCTANT_ACCURACY_DEG, OCTANTS, convergence_deg

#: How far a heading along a street may be off: the way is known, the aim of the lens is not.
ALONG_ACCURACY_DEG = 11.25
#: A street farther away than this is not the one that a camera looks at.
NEAR_M = 100.0
#: On the middle line of a street the way to its nearest point says nothing.
ON_STREET_M = 1.0
#: A street's way is measured over so many metres to either side of the nearest point.
HALF_STEP_M = 10.0
#: Two ways that differ by more than this are two.
APART_DEG = 45.0
#: A street that runs within this of a point of the compass runs that way.
ALONG_DEG = 60.0
#: Longest name of a street that is looked for in a text.
LONGEST_NAME = 16

_POINTS = {"东": 90.0, "南": 180.0, "西": 270.0, "北": 0.0, "东南": 135.0, "东北": 45.0, "西南": 225.0, "西北": 315.0}
_PLAIN = str.maketrans({"東": "东", "從": "从", "對": "对", "環": "环", "視": "视", "麵": "面"})
_POINT = "正?(东南|东北|西南|西北|东|南|西|北)"
#: A street's name in the text is replaced by this, for its own 东 or 北 says nothing of the camera.
_STREET = "＃"

_ROUND = re.compile(r"全景|全向|环视|全方位|四周|360\s*[度°]?")
_BETWEEN = re.compile(r"([东南西北])偏([东南西北])(\d+(?:\.\d+)?)[度°]?")
_FROM_TO = re.compile(rf"(?:由|自|从|(?<![朝向往面])){_POINT}(?:向|往|朝|到|至|-|→){_POINT}")
_TOWARDS = re.compile(rf"(?:朝向?|面朝|面向|看向|拍向|照向|指向|向|往){_POINT}(?!侧|边|门|区|院)")
_ALONE = re.compile(rf"{_STREET}?{_POINT}(?:向|方向|朝向|方)?")
_AT_STREET = re.compile(rf"(?:朝向?|面朝|面向|面对|正对|对着?|看向|拍向|照向|指向|向|往){_STREET}")
_UNKNOWN_STREET = re.compile(
    r"(?:朝向?|面朝|面向|面对|正对|对着?|沿着?|看向|拍向|照向|指向|向|往)(.{1,12}?(?:路|街|巷|弄|大道|胡同))(?!口)"
)
_OPEN = {
    "路口": "a crossing has several ways",
    "球机": "a turning camera looks many ways",
    "云台": "a turning camera looks many ways",
}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Words:
    """What words say of a direction."""

    #: what they give: a point of the compass, the way to a street, the way along one, all round, or nothing
    kind: Literal["compass", "street", "along", "round", "open"]
    #: clockwise from true north, where a point of the compass is named
    heading_deg: float | None = None
    #: how far it may be off
    accuracy_deg: float = OCTANT_ACCURACY_DEG
    #: the street that is named
    street: str = ""
    #: why they give nothing
    why: str = ""


def read(text: str, names: Collection[str] = ()) -> Words:
    """Return what words say of a direction.

    Parameters
    ----------
    text
        The words of a list, simplified or traditional.
    names
        Names of the streets that there are.

    Returns
    -------
    Words
        Of kind ``open`` with the reason where they leave it open.

    Raises
    ------
    None

    Examples
    --------
    >>> read("朝东").heading_deg, read("由西向东").heading_deg, read("北偏东30度").heading_deg
    (90.0, 90.0, 30.0)
    >>> read("沿人民东路向北", {"人民东路"}).kind, read("朝人民东路", {"人民东路"}).kind, read("全景").kind
    ('along', 'street', 'round')
    >>> read("路口").why
    '路口: a crossing has several ways'
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).translate(_PLAIN)
    if _ROUND.search(plain):
        return Words(kind="round")
    found = _named(plain, names)
    if len(found) == 1:
        return _of_street(text, plain.replace(found[0], _STREET), found[0])
    if found:
        return Words(kind="open", why=f"{text}: several streets are named ({', '.join(found)})")
    if unknown := _UNKNOWN_STREET.search(plain):
        return Words(kind="open", why=f"{text}: no street is called {unknown[1]}")
    return _compass(plain) or Words(kind="open", why=f"{text}: {_open(plain)}")


def _of_street(text: str, rest: str, street: str) -> Words:
    """What a text says of a street, without the street's name."""
    if compass := _compass(rest):
        return replace(compass, kind="along", street=street, accuracy_deg=ALONG_ACCURACY_DEG)
    if _AT_STREET.search(rest):
        return Words(kind="street", street=street)
    return Words(kind="open", why=f"{text}: a street runs two ways, and which is not said")


def _named(plain: str, names: Collection[str]) -> list[str]:
    """The street named in a text: of names within one another the longest."""
    spans = [(first, last) for first in range(len(plain)) for last in range(first + 2, first + 1 + LONGEST_NAME)]
    found = [(first, last) for first, last in spans if last <= len(plain) and plain[first:last] in names]
    outer = [
        (first, last)
        for first, last in found
        if not any(other != (first, last) and other[0] <= first and last <= other[1] for other in found)
    ]
    return list(dict.fromkeys(plain[first:last] for first, last in outer))


def _compass(rest: str) -> Words | None:
    """The point of the compass that a text without its street names."""
    if between := _BETWEEN.search(rest):
        return _leaning(_POINTS[between[1]], _POINTS[between[2]], float(between[3]))
    if way := _FROM_TO.search(rest):
        return Words(kind="compass", heading_deg=_POINTS[way[2]])
    found = {match[1] for match in _TOWARDS.finditer(rest)}
    if not found and (alone := _ALONE.fullmatch(rest)):
        found = {alone[1]}
    return Words(kind="compass", heading_deg=_POINTS[found.pop()]) if len(found) == 1 else None


def _leaning(main: float, other: float, by: float) -> Words | None:
    """A point of the compass leaning towards a neighbour by so many degrees: as sharp as it is stated."""
    turn = (other - main + 180) % 360 - 180
    if abs(turn) != 90 or by > 90:  # noqa: PLR2004 (neighbours are a right angle apart)
        return None
    return Words(kind="compass", heading_deg=(main + math.copysign(by, turn)) % 360, accuracy_deg=0.0)


def _open(plain: str) -> str:
    """Why words give no direction."""
    return next((why for word, why in _OPEN.items() if word in plain), "no direction can be read from it")


def headings(
    cameras: gpd.GeoDataFrame, streets: gpd.GeoDataFrame | None = None, *, near_m: float = NEAR_M
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return cameras with the headings that their words give, and what was assumed.

    Only rows without ``heading_deg`` are looked at. A heading out of words that contradicts the octant is not taken.

    Parameters
    ----------
    cameras
        Table of cameras with ``direction``, in any CRS.
    streets
        Table of streets with ``name``, in any CRS; None where there is none.
    near_m
        A named street farther away is not meant.

    Returns
    -------
    cameras : GeoDataFrame
        As given, with ``heading_deg`` and ``heading_accuracy_deg`` filled, and ``kind`` fisheye where a camera that was
        said to be fixed, without an angle of view, looks all round. Same index.
    notes : DataFrame
        ``camera``, ``code`` (``assumed``, ``unknown``), ``what`` (a sentence), by row.

    Raises
    ------
    CrsError
        If a table says no CRS.

    Examples
    --------
    >>> table = gpd.GeoDataFrame({"id": ["a", "b"], "direction": ["朝人民路", "路口"]},
    ...                          geometry=[shapely.Point(500_000, 3_500_000)] * 2, crs=4549)
    >>> street = shapely.LineString([(500_030, 3_499_900), (500_030, 3_500_100)])
    >>> found, notes = headings(table, gpd.GeoDataFrame({"name": ["人民路"]}, geometry=[street], crs=4549))
    >>> found["heading_deg"].tolist(), notes["what"].tolist()
    ([90.0, nan], ['朝人民路: it looks at the nearest point of 人民路', '路口: a crossing has several ways'])
    """
    out, columns = cameras.copy(), _columns(cameras)
    place = _metric(cameras)
    lines = _by_name(streets, place.crs)
    turns = convergence_deg(place)
    notes: list[tuple[str, str, str]] = []
    for row in np.flatnonzero(columns["asked"]).tolist():
        text = str(columns["direction"][row])
        words = read(text, lines.keys())
        words = _on_ground(words, place.iloc[row], lines, float(turns[row]), near_m)
        words = _agreeing(words, columns["octant"][row], text)
        notes.append((str(columns["id"][row]), *_taken(row, words, text, columns)))
    for name in ("heading_deg", "heading_accuracy_deg", "kind"):
        if name in cameras or name != "kind":
            out[name] = columns[name]
    return out, pd.DataFrame(notes, columns=["camera", "code", "what"], dtype="str")


def _columns(cameras: gpd.GeoDataFrame) -> dict[str, Any]:
    """The columns that words may fill, and which rows are asked about."""
    count = len(cameras)
    texts = {
        name: np.array(
            cameras[name].astype(object).fillna("").tolist() if name in cameras else [""] * count, dtype=object
        )
        for name in ("id", "direction", "octant", "kind")
    }
    numbers = {
        name: cameras[name].to_numpy(dtype=float, na_value=np.nan).copy() if name in cameras else np.full(count, np.nan)
        for name in ("heading_deg", "heading_accuracy_deg", "hfov_deg")
    }
    said = np.array([bool(text) for text in texts["direction"]], dtype=bool)
    return {**texts, **numbers, "asked": said & np.isnan(numbers["heading_deg"])}


def _metric(table: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """A table's geometry in metres."""
    if not len(table) or (table.crs is not None and crs_.is_metric(table.crs)):
        return table.geometry
    return crs_.to_metric(table).geometry


def _by_name(streets: gpd.GeoDataFrame | None, system: Any) -> Mapping[str, Any]:
    """The lines of every street that has a name."""
    if streets is None or "name" not in streets or not len(streets):
        return {}
    named = streets[streets["name"].notna()]
    groups = crs_.to_system(named.geometry, system).groupby(named["name"].astype(str).str.translate(_PLAIN))
    return {name: shapely.get_parts(group.to_numpy()) for name, group in groups}


def _on_ground(words: Words, place: Any, lines: Mapping[str, Any], turn_deg: float, near_m: float) -> Words:
    """The words with the heading that the streets give them."""
    if words.kind not in {"street", "along"}:
        return words
    parts = lines[words.street]
    away = shapely.distance(parts, place)
    if away.min() > near_m:
        return replace(words, kind="open", why=f"{words.street} is {away.min():.0f} m away")
    if words.kind == "along":
        return _along(words, parts[away.argmin()], place, turn_deg)
    if away.min() < ON_STREET_M:
        return replace(words, kind="open", why=f"it stands on {words.street} itself")
    near = parts[away <= away.min() + ON_STREET_M]
    ways = _azimuths(place, shapely.line_interpolate_point(near, shapely.line_locate_point(near, place)))
    if np.abs(_difference(ways, ways[0])).max() > APART_DEG:
        return replace(words, kind="open", why=f"{words.street} is as near in several directions")
    return replace(words, heading_deg=_true(float(_azimuths(place, _nearest(parts[away.argmin()], place))), turn_deg))


def _along(words: Words, line: Any, place: Any, turn_deg: float) -> Words:
    """The way along a street that is nearer to the named point of the compass."""
    at = shapely.line_locate_point(line, place)
    ends = [shapely.line_interpolate_point(line, max(at + step, 0.0)) for step in (-HALF_STEP_M, HALF_STEP_M)]
    way = _true(float(_azimuths(*ends)), turn_deg)
    apart = float(np.abs(_difference(way, words.heading_deg or 0.0)))
    if min(apart, 180 - apart) > ALONG_DEG:
        return replace(words, kind="open", why=f"{words.street} does not run that way there")
    return replace(words, heading_deg=way if apart < 90 else (way + 180) % 360)  # noqa: PLR2004 (the nearer of two ways)


def _nearest(line: Any, place: Any) -> Any:
    """The nearest point of a line."""
    return shapely.line_interpolate_point(line, shapely.line_locate_point(line, place))


def _azimuths(start: Any, end: Any) -> Any:
    """Directions from points to points, clockwise from grid north, degrees."""
    east, north = shapely.get_x(end) - shapely.get_x(start), shapely.get_y(end) - shapely.get_y(start)
    return np.degrees(np.arctan2(east, north)) % 360


def _true(grid_deg: float, turn_deg: float) -> float:
    """A direction from true north; a billionth of a degree is no direction of its own."""
    return round((grid_deg + turn_deg) % 360, 9) % 360


def _difference(one: Any, other: Any) -> Any:
    """Difference of directions, -180 to 180 degrees."""
    return (np.asarray(one) - other + 180) % 360 - 180


def _agreeing(words: Words, octant: str, text: str) -> Words:
    """The words, unless the octant contradicts them."""
    if words.heading_deg is None or words.kind == "open" or octant not in OCTANTS:
        return words
    if abs(_difference(words.heading_deg, OCTANTS[octant])) <= OCTANT_ACCURACY_DEG + words.accuracy_deg:
        return words
    return replace(words, kind="open", why=f"{text} contradicts the octant {octant}")


def _taken(row: int, words: Words, text: str, columns: dict[str, Any]) -> tuple[str, str]:
    """Put what words give into the columns; return the code and sentence that say so."""
    if words.kind == "open":
        return "unknown", words.why if words.why.startswith(text) else f"{text}: {words.why}"
    if words.kind == "round":
        return _all_round(row, text, columns)
    columns["heading_deg"][row], columns["heading_accuracy_deg"][row] = words.heading_deg, words.accuracy_deg
    said = {
        "compass": f"it looks that way, give or take {words.accuracy_deg:g} degrees",
        "street": f"it looks at the nearest point of {words.street}",
        "along": f"it looks along {words.street}",
    }
    return "assumed", f"{text}: {said[words.kind]}"


def _all_round(row: int, text: str, columns: dict[str, Any]) -> tuple[str, str]:
    """A camera that looks all round has no heading; a fixed one does so through a fisheye."""
    if columns["kind"][row] == "fisheye":
        return "assumed", f"{text}: it looks all round"
    if columns["kind"][row] == "fixed" and np.isnan(columns["hfov_deg"][row]):
        columns["kind"][row] = "fisheye"
        return "assumed", f"{text}: it looks all round, so it is taken for a fisheye"
    return "unknown", f"{text}: no heading; it can turn all round, or its angle of view says otherwise"
