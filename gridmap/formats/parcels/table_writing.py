"""Tables of boundary points (界址点成果表) written: a head line per parcel, a heading, rows with the first repeated."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from gridmap import crs as crs_
from gridmap.formats.delimited import guarded
from gridmap.formats.parcels.plots import DATUM_NAMES, KIND_NAMES, Plot

_MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+Z")
_HEADING = ("界址点号", "圈号", "X坐标(米)", "Y坐标(米)", "边长(米)")


def table_rows(plots: Sequence[Plot], epsg: int, *, decimals: int = 3) -> Iterator[list[str]]:
    """The rows of a table of boundary points; X is north.

    Parameters
    ----------
    plots
        The parcels, in metres.
    epsg
        Their system; what zone and datum it is stands in the first row.
    decimals
        Decimal places of coordinates.

    Yields
    ------
    list of str
        The cells of a row; the side from each point to the next stands beside it.

    Raises
    ------
    None
    """
    zone = crs_.zone_of(epsg)
    if zone is not None:
        yield ["坐标系", DATUM_NAMES[zone.datum], "几度分带", str(zone.width), "带号", str(zone.number)]
    for plot in plots:
        head = ["宗地代码", plot.id, "宗地名称", plot.name, "图形属性", KIND_NAMES[plot.shape]]
        yield head + ([] if np.isnan(plot.area_m2) else ["宗地面积(平方米)", f"{plot.area_m2:.2f}"])
        yield list(_HEADING)
        for number, ring in enumerate(plot.rings, 1):
            yield from _ring_rows(ring.names, ring.points.tolist(), number, decimals, closed=plot.shape == "polygon")


def csv_text(rows: Iterator[list[str]]) -> str:
    """Rows as CSV text that no spreadsheet takes for formulas.

    Raises
    ------
    None
    """
    text = io.StringIO(newline="")
    csv.writer(text).writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def write_sheet(rows: Iterator[list[str]], path: Path) -> None:
    """Rows as the one sheet of a workbook: coordinates and sides as numbers, all else as text.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    import openpyxl  # 140 ms, for which no service that is started should wait

    book = openpyxl.Workbook()
    sheet = book.active
    for number, row in enumerate(rows, 1):
        points = len(row) == len(_HEADING) and row[1].isdecimal() and row[2][:1] in "-0123456789"
        for at, text in enumerate(row, 1):
            cell = sheet.cell(number, at)
            cell.value = float(text) if points and at > 2 and text else text  # noqa: PLR2004 (name and ring stay text)
            if cell.data_type == "f":
                cell.data_type = "s"
    book.save(path)
    _dateless(path)


def _dateless(path: Path) -> None:
    """Write a workbook anew without the moment of writing: the same rows are one file to the byte."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            kept = _MOMENT.sub(b"2000-01-01T00:00:00Z", data) if name == "docProps/core.xml" else data
            archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), kept, zipfile.ZIP_DEFLATED)


def _ring_rows(
    names: Sequence[str], points: Sequence[Sequence[float]], number: int, decimals: int, *, closed: bool
) -> Iterator[list[str]]:
    """The rows of a ring."""
    named = list(zip(names, points, strict=True))
    following = [*points[1:], points[0] if closed else None]
    for (name, (east, north)), then in zip(named, following, strict=True):
        side = "" if then is None else f"{np.hypot(then[0] - east, then[1] - north):.2f}"
        yield [name, str(number), f"{north:.{decimals}f}", f"{east:.{decimals}f}", side]
    if closed:
        name, (east, north) = named[0]
        yield [name, str(number), f"{north:.{decimals}f}", f"{east:.{decimals}f}", ""]
