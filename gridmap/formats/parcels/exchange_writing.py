"""The national coordinate-exchange text written: CRLF, north first, rings closed, areas in hectares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gridmap import crs as crs_
from gridmap.errors import InputError
from gridmap.formats.parcels.header import datum_of, stated_of
from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.plots import DATUM_NAMES, KIND_NAMES, Plot

#: Signs that part fields and lines, and end them.
_PARTING = str.maketrans({",": "，", "\r": " ", "\n": " ", "@": "＠"})
_HECTARE = 10_000.0


def exchange_text(
    plots: Sequence[Plot], epsg: int, *, header: Mapping[str, str] | None = None, decimals: int = 3
) -> str:
    """Parcels as an exchange text.

    Eight fields before the ``@`` (count, area, id, name, kind, sheet, use, class), or ten where parcels have a code and
    a village. A comma or ``@`` within a field is written wide.

    Parameters
    ----------
    plots
        The parcels, in metres.
    epsg
        Their system: a zone of China.
    header
        What the head said where they were read; where it contradicts the system, the system is written.
    decimals
        Decimal places of coordinates.

    Raises
    ------
    InputError
        If the system is none of China's zones.
    """
    zone = crs_.zone_of(epsg)
    if zone is None:
        raise InputError(
            f"parcels in EPSG:{epsg}",
            expected="a Gauss-Kruger zone of China",
            do="bring them to one, or write another file",
        )
    lines = [
        "[属性描述]",
        *(f"{key}={value}" for key, value in _head(zone, header or {}, decimals).items()),
        "[地块坐标]",
    ]
    for plot in plots:
        lines += _plot_lines(plot, decimals)
    return "\r\n".join(lines) + "\r\n"


def _head(zone: crs_.Zone, header: Mapping[str, str], decimals: int) -> dict[str, str]:
    """The head: as it was, but for what would contradict the system."""
    head = {
        "格式版本号": "1.01版本",
        "坐标系": DATUM_NAMES[zone.datum],
        "几度分带": str(zone.width),
        "投影类型": "高斯克吕格",
        "计量单位": "米",
        "带号": str(zone.number),
        "精度": f"{10.0**-decimals:.{decimals}f}",
        "转换参数": "0,0,0,0,0,0,0",
    }
    if not header:
        return head
    said = stated_of({key: (value, 0) for key, value in header.items()}, Notes(""))
    kept = dict(header)
    if datum_of(header.get("坐标系", "")) not in {zone.datum, "WGS 84"}:
        kept["坐标系"] = head["坐标系"]
    if said.width not in {None, zone.width}:
        kept["几度分带"] = head["几度分带"]
    if said.zone not in {None, zone.number} or (said.zone is None and not zone.prefixed):
        kept["带号"] = head["带号"]
    return kept


def _plot_lines(plot: Plot, decimals: int) -> Iterator[str]:
    """The lines of a parcel and its points."""
    closing = plot.shape == "polygon"
    rows = []
    for number, ring in enumerate(plot.rings, 1):
        named = list(zip(ring.names, ring.points.tolist(), strict=True))
        for name, (east, north) in named + named[:1] * closing:
            rows.append(f"{name.translate(_PARTING)},{number},{north:.{decimals}f},{east:.{decimals}f}")
    fields = plot.fields
    area = "" if plot.area_m2 != plot.area_m2 else f"{plot.area_m2 / _HECTARE:.4f}"
    place = [fields.get("code", ""), fields.get("village", "")] if {"code", "village"} & fields.keys() else []
    cells = [str(len(rows)), area, *place, plot.id, plot.name, KIND_NAMES[plot.shape]]
    cells += [fields.get(name, "") for name in ("sheet", "use", "class")]
    yield ",".join(cell.translate(_PARTING) for cell in cells) + ",@"
    yield from rows
