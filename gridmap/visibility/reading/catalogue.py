"""The national catalogue of devices (GB/T 28181) as a table of cameras, and what of it is left out or not known.

The catalogue holds servers, groups and recorders beside cameras, cameras inside buildings and on vehicles, and states a
heading as an octant only: 1 east, 2 west, 3 south, 4 north, 5 south-east, 6 north-east, 7 south-west, 8 north-west.
Items that open a device (addresses, ports, passwords) are never carried along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap import frames
from gridmap.errors import Fault, TableError
from gridmap.visibility.reading.codes import code_faults, resolution
from gridmap.visibility.reading.lengths import metres

#: Items that are read, with their names in catalogues and in the lists of offices (一机一档).
ITEMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "code": ("DeviceID", "ChannelID", "GBCode", "国标编码", "设备编码", "国标编号", "设备国标编码", "通道国标编号"),
        "lon": ("Longitude", "经度"),
        "lat": ("Latitude", "纬度"),
        "kind": ("PTZType", "摄像机类型", "云台类型"),
        "octant": ("DirectionType", "监视方位", "监控方位", "摄像机监视方位"),
        "room": ("RoomType", "室内外", "安装位置室内外", "室内外属性"),
        "light": ("SupplyLightType", "补光属性", "补光类型"),
        "hfov_deg": ("HorizontalFieldAngle", "水平视场角"),
        "vfov_deg": ("VerticalFieldAngle", "垂直视场角", "竖直视场角"),
        "range_m": ("MaxViewDistance", "最大可视距离", "可视距离"),
        "size": ("Resolution", "分辨率", "摄像机分辨率"),
        "status": ("Status", "设备状态", "在线状态"),
        "point_class": ("PointType", "MonitorPointType", "监控点位类型", "点位类型"),
        "mobile": ("MobileDeviceType", "移动设备类型"),
        "height_m": ("安装高度", "架设高度", "InstallHeight"),
        "direction": ("监控方向", "朝向描述", "监视方向"),
    }
)
#: Items that no other table has: one of them beside the code tells a catalogue.
_TELLING = ("kind", "octant", "room", "light", "mobile")

_KINDS = {
    **dict.fromkeys(("1", "4", "5", "球机", "遥控枪机", "遥控半球", "云台"), "ptz"),
    **dict.fromkeys(("2", "3", "7", "半球", "固定枪机", "枪机", "固定", "分割"), "fixed"),
    **dict.fromkeys(("6", "全景拼接", "全景", "鱼眼"), "fisheye"),
}
_OCTANTS = dict(zip("12345678", ("E", "W", "S", "N", "SE", "NE", "SW", "NW"), strict=True)) | {
    "东": "E",
    "西": "W",
    "南": "S",
    "北": "N",
    "东南": "SE",
    "东北": "NE",
    "西南": "SW",
    "西北": "NW",
}
_LIGHTS = {
    **dict.fromkeys(("1", "无", "无补光"), "none"),
    **dict.fromkeys(("2", "红外", "红外补光"), "ir"),
    **dict.fromkeys(("3", "白光", "白光补光"), "white"),
    **dict.fromkeys(("4", "激光", "激光补光"), "laser"),
}
_STATUS = {
    **dict.fromkeys(("on", "ok", "online", "1", "在线", "正常"), "online"),
    **dict.fromkeys(("off", "offline", "0", "离线", "故障", "异常"), "offline"),
}
_CLASSES = {
    **dict.fromkeys(("1", "一类", "一类视频监控点"), "1"),
    **dict.fromkeys(("2", "二类", "二类视频监控点"), "2"),
    **dict.fromkeys(("3", "三类", "三类视频监控点"), "3"),
    **dict.fromkeys(("9", "其他"), "9"),
}
_CHOICES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"kind": _KINDS, "octant": _OCTANTS, "light": _LIGHTS, "status": _STATUS, "point_class": _CLASSES}
)
#: What becomes of a camera of which an item says nothing that is known.
_UNKNOWN = {
    "kind": "it is taken for a fixed one",
    "octant": "its heading is not known",
    "light": "its light is not known",
    "status": "it is taken for offline",
    "point_class": "its class is not known",
}
_DEFAULTS = {"kind": "fixed", "status": "offline"}
_INDOORS, _NOTHING = ("2", "室内"), ("", "0")
#: A turning camera of which this angle is stated turns through it; no flat picture spans it.
_FLAT_DEG = 180.0

Texts = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
Note = Callable[[Mask, str, str], None]


def is_catalogue(table: pd.DataFrame) -> bool:
    """Tell whether a table is a catalogue of GB/T 28181: it has codes and an item that no other table has.

    Parameters
    ----------
    table
        Any table.

    Raises
    ------
    None

    Examples
    --------
    >>> is_catalogue(pd.DataFrame({"DeviceID": [], "DirectionType": []})), is_catalogue(pd.DataFrame({"id": []}))
    (True, False)
    """
    names = _names(table)
    return "code" in names and any(item in names for item in _TELLING)


def cameras(table: pd.DataFrame, *, source: str = "catalogue") -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the cameras of a catalogue, and what of it is left out or not known.

    Devices that are no cameras, cameras inside rooms, on vehicles and without place are left out, each with a reason.
    What an item does not tell (a heading of 0 or 9) stays unknown.

    Parameters
    ----------
    table
        Rows of a catalogue with the names of its items (``DeviceID``, ``DirectionType``, ...) or the Chinese ones of an
        office's list, whatever their spelling (``device_id``). Its items state places in WGS 84; where the table has a
        geometry, that counts.
    source
        What to call the table in messages.

    Returns
    -------
    cameras : GeoDataFrame
        As ``frames.CAMERAS`` promises; ``id`` is the code.
    notes : DataFrame
        ``camera`` (its code, or ``row 7``), ``code`` (``left_out``, ``unknown``, ``assumed``), ``what`` (a sentence);
        by row.

    Raises
    ------
    TableError
        With every fault of every row: codes that are none, the same code twice, numbers that cannot be.

    Examples
    --------
    >>> table = pd.DataFrame({"DeviceID": ["34020000001320000001", "34020000002000000001"], "Longitude": 117.2,
    ...                       "Latitude": 31.8, "PTZType": "3", "DirectionType": "5", "Status": "ON"})
    >>> found, notes = cameras(table)
    >>> found[["kind", "octant", "status"]].values.tolist(), notes["code"].tolist()
    ([['fixed', 'SE', 'online']], ['left_out'])
    """
    texts = _texts(table)
    wrong = [code_faults(text, feature=row + 1, column="code") for row, text in enumerate(texts["code"])]
    codes = [[fault.code for fault in faults] for faults in wrong]
    names = np.array([text or f"row {row + 1}" for row, text in enumerate(texts["code"])], dtype=object)
    entries: list[tuple[Mask, str, str]] = []

    def note(rows: Mask, code: str, what: str) -> None:
        entries.append((rows, code, what))

    kept = _kept(texts, np.array([found == ["not_a_camera"] for found in codes], dtype=bool), note)
    faults = [fault for row in np.flatnonzero(kept) for fault in wrong[row]]
    cells = _others(table) | _cells(texts, kept, note)
    rows = np.flatnonzero(kept)
    found, more = _promised(_located(pd.DataFrame(cells), table).iloc[rows], rows)
    faults += more
    if faults:
        raise TableError(source, sorted(faults, key=lambda fault: fault.feature or 0))
    return found, _notes(entries, names)


def _names(table: pd.DataFrame) -> dict[str, str]:
    """The table's own name of each item that it has."""
    by_plain = {frames.plain(name): str(name) for name in reversed(list(table.columns))}
    found = {
        item: next((by_plain[frames.plain(name)] for name in names if frames.plain(name) in by_plain), None)
        for item, names in ITEMS.items()
    }
    return {item: name for item, name in found.items() if name is not None}


def _texts(table: pd.DataFrame) -> dict[str, Texts]:
    """Every item as trimmed text, empty where it is missing; numbers without the ``.0`` of a spreadsheet."""
    names = _names(table)
    empty = np.full(len(table), "", dtype=object)
    return {item: _written(table[names[item]]) if item in names else empty for item in ITEMS}


def _written(values: pd.Series[Any]) -> Texts:
    """Cells as text."""
    texts = ["" if pd.isna(cell) else str(cell).strip() for cell in values.tolist()]
    return np.array([text.removesuffix(".0") for text in texts], dtype=object)


def _kept(texts: Mapping[str, Texts], other: Mask, note: Note) -> Mask:
    """Which rows are cameras outdoors that stay in one place; the others are noted, each with the first reason."""
    kept = np.ones(len(other), dtype=bool)
    nowhere = np.array([_nought(lon) and _nought(lat) for lon, lat in zip(texts["lon"], texts["lat"], strict=True)])
    for rows, what in (
        (other, "it is no camera: the type in its code (digits 11 to 13) is neither 131 nor 132"),
        (np.isin(texts["room"], _INDOORS), "it stands indoors (RoomType 2)"),
        (~np.isin(texts["mobile"], _NOTHING), "it moves (MobileDeviceType)"),
        (nowhere, "it has no place: longitude and latitude are empty or 0"),
    ):
        note(kept & rows, "left_out", what)
        kept &= ~rows
    return kept


def _cells(texts: Mapping[str, Texts], kept: Mask, note: Note) -> dict[str, Any]:
    """Items as the columns of cameras."""
    cells: dict[str, Any] = {"id": texts["code"], "code": texts["code"], "lon": texts["lon"], "lat": texts["lat"]}
    for item, words in _CHOICES.items():
        cells[item] = _chosen(texts[item], words, item, kept, note)
    cells |= {item: texts[item] for item in ("vfov_deg", "direction") if any(texts[item])}
    cells |= {item: _lengths(texts[item]) for item in ("range_m", "height_m") if any(texts[item])}
    if any(texts["hfov_deg"]):
        cells |= _angles(texts["hfov_deg"], cells["kind"] == "ptz")
    if any(texts["size"]):
        cells |= _pixels(texts["size"], kept, note)
    return cells


def _lengths(texts: Texts) -> Texts:
    """Lengths in metres; what is none is left for the frame to tell."""
    read = [metres(text) for text in texts]
    return np.array([text if length is None else str(length) for text, length in zip(texts, read, strict=True)], object)


def _pixels(texts: Texts, kept: Mask, note: Note) -> dict[str, list[int | None]]:
    """The pixels of resolutions; those that cannot be read are noted."""
    sizes = [resolution(text) for text in texts]
    unread = np.array([bool(text) and size is None for text, size in zip(texts, sizes, strict=True)], dtype=bool)
    note(kept & unread, "unknown", "its resolution cannot be read")
    return {
        name: [None if size is None else size[axis] for size in sizes]
        for axis, name in enumerate(("width_px", "height_px"))
    }


def _others(table: pd.DataFrame) -> dict[str, npt.NDArray[Any]]:
    """What an office's list says beside the items: headings, lenses, heights."""
    rest = [str(name) for name in table.columns if name not in _names(table).values()]
    found, _ = frames.columns_of(rest, frames.frame("cameras"))
    items = {"id", "kind", "status"}
    return {ours: table[theirs].to_numpy(object) for ours, theirs in found.items() if ours not in items}


def _chosen(texts: Texts, words: Mapping[str, str], item: str, kept: Mask, note: Note) -> Texts:
    """One item as words of the frame; what is none of its values is noted."""
    found = np.array([words.get(text, words.get(text.casefold())) for text in texts], dtype=object)
    missing = np.array([word is None for word in found], dtype=bool)
    said = np.array([bool(text) for text in texts], dtype=bool)
    telling = _UNKNOWN[item]
    for text in sorted(set(texts[kept & missing & said])):
        note(kept & (texts == text), "unknown", f"{ITEMS[item][0]} is {text!r}: {telling}")
    if item in _DEFAULTS:
        note(kept & missing & ~said, "assumed", f"no {ITEMS[item][0]}: {telling}")
        found[missing] = _DEFAULTS[item]
    return found


def _angles(texts: Texts, turning: Mask) -> dict[str, Texts]:
    """The horizontal angle: of a turning camera, an angle that no flat picture spans is how far it turns."""
    wide = np.array([_number(text) >= _FLAT_DEG for text in texts], dtype=bool) & turning
    return {"hfov_deg": np.where(wide, "", texts), "turn_deg": np.where(wide, texts, "")}


def _nought(text: str) -> bool:
    """Whether a text says nothing, or 0 with any number of decimals."""
    return not text.strip("0.")


def _number(text: str) -> float:
    """A text as number, 0 where it is none: the frame tells that it is none."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def _located(cells: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """The cells with the places that the table has been given: of GCJ-02, these are set right and its items are not."""
    if not isinstance(table, gpd.GeoDataFrame):
        return cells
    placed: pd.DataFrame = gpd.GeoDataFrame(cells.drop(columns=["lon", "lat"]), geometry=table.geometry.array)
    return placed


def _promised(table: pd.DataFrame, rows: npt.NDArray[np.int64]) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """The cameras as the frame promises them, or its faults with the rows of the catalogue."""
    if not len(table) and not isinstance(table, gpd.GeoDataFrame):
        table = gpd.GeoDataFrame(table.drop(columns=["lon", "lat"]), geometry=gpd.GeoSeries([], crs=4326))
    try:
        return frames.conform(table, "cameras"), []
    except TableError as error:
        return gpd.GeoDataFrame(), list(_moved(error.faults, rows))


def _moved(faults: tuple[Fault, ...], rows: npt.NDArray[np.int64]) -> Iterator[Fault]:
    """Faults with the numbers that their rows have in the catalogue."""
    for fault in faults:
        feature = None if fault.feature is None else int(rows[fault.feature - 1]) + 1
        yield Fault(code=fault.code, message=fault.message, feature=feature, column=fault.column)


def _notes(entries: list[tuple[Mask, str, str]], names: Texts) -> pd.DataFrame:
    """A row per device and thing, by row of the catalogue."""
    rows = [(int(row), code, what) for found, code, what in entries for row in np.flatnonzero(found)]
    rows.sort(key=lambda entry: entry[0])
    columns = {
        "camera": [names[row] for row, _, _ in rows],
        "code": [c for _, c, _ in rows],
        "what": [w for *_, w in rows],
    }
    return pd.DataFrame(columns, dtype="str")
