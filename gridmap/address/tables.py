"""The tables that a gazetteer is made from, as columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap import crs
from gridmap.address.columns import Ids, Texts
from gridmap.address.divided import Divided
from gridmap.address.divisions import canonical
from gridmap.address.evidence import Meaning
from gridmap.address.ground import Ground
from gridmap.address.index import NO_BUILDING, Rows
from gridmap.address.keeping import Arrays
from gridmap.address.writing import plain, says_nothing
from gridmap.errors import InputError

#: Rows that are taken from a table at once, so that a million never stand in memory twice.
_CHUNK = 65_536

_HASH = 7

#: Longer cells are no words for nothing; they need not be written plainly to tell.
_WORD = 8


def missing(value: Any) -> bool:
    """Tell whether a cell holds nothing."""
    return value is None or (not isinstance(value, str) and bool(pd.isna(value)))


def holds_nothing(value: Any) -> bool:
    """Tell whether a cell holds nothing, or a word for it: standards of addresses ask for 无 in place of a gap."""
    return missing(value) or (isinstance(value, str) and len(value) <= _WORD and says_nothing(plain(value)))


def rows(addresses: pd.DataFrame) -> Rows:
    """Return the columns of a table of addresses, empty texts for missing ones.

    Raises
    ------
    InputError
        If it has no texts or no places.
    """
    if "text" not in addresses.columns:
        raise InputError("a table of addresses without a column text", expected="id, text and a point or lon, lat")
    blank = pd.Series([None] * len(addresses), dtype=object)
    x, y = _places(addresses)
    texts = [
        Texts.of(["" if holds_nothing(text) else str(text) for text in part]) for part in _chunks(addresses["text"])
    ]
    ids = addresses["id"] if "id" in addresses.columns else pd.Series(addresses.index)
    buildings = [
        np.fromiter(map(_number, part), np.int64, len(part)) for part in _chunks(addresses.get("building", blank))
    ]
    return Rows(
        texts=Texts.chained(texts),
        ids=Ids.chained([Ids.of(part) for part in _chunks(ids)]),
        buildings=np.concatenate([np.empty(0, np.int64), *buildings]),
        x=x,
        y=y,
    )


def _chunks(column: pd.Series[Any]) -> Iterator[list[Any]]:
    """Return a column as lists."""
    for start in range(0, len(column), _CHUNK):
        yield column.iloc[start : start + _CHUNK].tolist()


def _number(building: Any) -> int:
    """Return a number that stands for a building."""
    if holds_nothing(building):
        return NO_BUILDING
    said = f"{type(building).__name__} {building}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(said, digest_size=_HASH).digest(), "big")


def _places(addresses: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the places of addresses in the CRS of their table."""
    if isinstance(addresses, gpd.GeoDataFrame):
        shapes = addresses.geometry.to_numpy()
        parts = [_middles(shapes[start : start + _CHUNK]) for start in range(0, len(shapes), _CHUNK)]
        x, y = (np.concatenate([np.empty(0), *(part[axis] for part in parts)]) for axis in (0, 1))
        return x, y
    if not {"lon", "lat"} <= set(addresses.columns):
        raise InputError("a table of addresses without places", expected="a point geometry, or columns lon and lat")
    return addresses["lon"].to_numpy(np.float64, copy=True), addresses["lat"].to_numpy(np.float64, copy=True)


def _middles(shapes: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the places of points, the middles of other shapes."""
    points = shapely.centroid(shapes)
    return shapely.get_x(points), shapely.get_y(points)


def ground(addresses: pd.DataFrame) -> Ground:
    """Return the system that a table's places are in."""
    if not isinstance(addresses, gpd.GeoDataFrame) or addresses.crs is None or addresses.crs.is_geographic:
        return Ground()
    return Ground(crs.parse(addresses.crs))


def degrees(table: Rows, where: Ground) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the places of a table in degrees.

    Raises
    ------
    CrsError
        If their system cannot be left without a silent shift.
    """
    if where.system is None or not len(table.x):
        return table.x, table.y
    lon, lat = crs.to_wgs84(table.x, table.y, where.system)
    return np.asarray(lon), np.asarray(lat)


def former_meanings(former: pd.DataFrame | None, divided: Divided) -> dict[str, tuple[Meaning, ...]]:
    """Return what former names of divisions mean today: the areas whose codes succeeded them."""
    meanings: dict[str, tuple[Meaning, ...]] = {}
    by_code = {area.code: area for area in divided.areas}
    for name, level, successors in () if former is None else _columns(former, "name", "level", "successors"):
        if missing(name) or not isinstance(successors, Iterable):
            continue
        areas = [by_code[str(code)] for code in successors if str(code) in by_code]
        # a name that is used again for another place, or still is one of its successors
        if areas:
            full = canonical(plain(name))
            now = [Meaning(area.level, canonical(area.name), area.name, "former_name") for area in areas]
            meanings[full] = (*meanings.get(full, ()), *now)
            for ending in ("街道", "镇", "乡") if level == "street" else ():
                if full.endswith(ending) and len(full) - len(ending) > 1:
                    meanings.setdefault(full.removesuffix(ending), tuple(now))
    return meanings


def _columns(table: pd.DataFrame, *names: str) -> Iterator[Sequence[Any]]:
    """Return rows of some columns, missing columns as blanks."""
    columns = [table[name].tolist() if name in table else [None] * len(table) for name in names]
    return zip(*columns, strict=True)


def alias_pairs(aliases: pd.DataFrame | None) -> dict[str, str]:
    """Return what each alias means, both plainly written."""
    pairs = () if aliases is None else _columns(aliases, "alias", "means")
    told = {plain(alias): plain(means) for alias, means in pairs if not missing(alias) and not missing(means)}
    return {alias: means for alias, means in told.items() if alias and means and alias != means}


def _converted(xy: NDArray[np.float64], system: str | None) -> tuple[Any, Any]:
    """Return degrees in another system."""
    return crs.convert(xy[:, 0], xy[:, 1], crs.RECORD_EPSG, system)


def street_lines(streets: gpd.GeoDataFrame | None, where: Ground) -> dict[str, Any]:
    """Return the lines of each road by name, in the system of the addresses."""
    if streets is None or "name" not in streets.columns:
        return {}
    target = streets if streets.crs is None else crs.to_record(streets)
    shapes = target.geometry.to_numpy()
    if where.system is not None and streets.crs is not None:
        shapes = shapely.transform(shapes, lambda xy: np.column_stack(_converted(xy, where.system)))
    lines: dict[str, list[Any]] = {}
    for name, line in zip(target["name"].tolist(), shapes, strict=True):
        if not missing(name) and line is not None and not line.is_empty:
            lines.setdefault(plain(str(name)), []).append(line)
    return {name: shapely.union_all(parts) if len(parts) > 1 else parts[0] for name, parts in lines.items()}


def lines_kept(lines: Mapping[str, Any]) -> tuple[list[str], dict[str, NDArray[Any]]]:
    """Return names and lines of roads to keep in a file."""
    coded = shapely.to_wkb(np.array(list(lines.values()), object)).tolist()
    ends = np.cumsum([len(line) for line in coded], dtype=np.int64)
    return list(lines), {"line": np.frombuffer(b"".join(coded), np.uint8), "line_end": ends}


def lines_opened(names: Sequence[str], arrays: Arrays) -> dict[str, Any]:
    """Return what `lines_kept` gave."""
    data, ends = arrays["line"].tobytes(), arrays["line_end"].tolist()
    coded = [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    return dict(zip(names, shapely.from_wkb(coded), strict=True))
