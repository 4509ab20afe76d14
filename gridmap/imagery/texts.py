"""Control points in lines of text: QGIS, ArcGIS, GDAL, and tables with headings."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd

from gridmap import crs as crs_
from gridmap.errors import CrsError, FormatError
from gridmap.imagery.points import DECIDED, ControlPoints, Numbers, made_table

#: Headings of pixel, line, x and y, by what writes them; compared in lower case without spaces.
_HEADINGS = {
    "qgis": (("sourcex", "pixelx"), ("sourcey", "pixely"), ("mapx",), ("mapy",)),
    "own": (
        ("pixel", "col", "column", "像素", "列", "列号"),
        ("line", "row", "行", "行号"),
        ("x", "east", "easting", "e", "lon", "longitude", "东", "东坐标", "经度"),
        ("y", "north", "northing", "n", "lat", "latitude", "北", "北坐标", "纬度"),
    ),
    # tables of Chinese surveyors call the northing X; where one does not, the axes are found exchanged when judged
    "survey": (
        ("pixel", "col", "column", "像素", "列", "列号"),
        ("line", "row", "行", "行号"),
        ("y坐标",),
        ("x坐标",),
    ),
}

_NAME_HEADINGS = ("name", "id", "点名", "点号", "名称")

#: Faulty lines that a message names.
_SHOWN = 10

_PLAIN = 4

Row = tuple[int, list[str]]


def read_text(text: str, name: str) -> ControlPoints:
    r"""Return the control points of lines of text.

    Parameters
    ----------
    text
        What the file holds.
    name
        What to call it in messages.

    Returns
    -------
    ControlPoints

    Raises
    ------
    FormatError
        If headings are not known, or a line does not hold the numbers of a point; all such lines are named.

    Examples
    --------
    >>> found = read_text("3899 -6412 9.93 53.58\n6584 -819 25.41 71.10\n6491 -4782 22.24 60.48", "links.txt")
    >>> found.form, found.table["line"].tolist()
    ('arcgis', [6412.0, 819.0, 4782.0])
    """
    stated, rows = _rows(text)
    if not rows:
        raise FormatError(f"{name} holds no line", expected="control points")
    headings = [_plain(cell) for cell in rows[0][1]]
    form = _form_of(headings)
    if form is None and not any(_is_number(cell) for cell in rows[0][1]):
        given = f"{name}, line {rows[0][0]}: headings {', '.join(rows[0][1])[:80]}"
        raise FormatError(given, expected="pixel, line, x, y, or mapX, mapY, sourceX, sourceY")
    decided: list[tuple[str, str, str]] = []
    if form is None:
        form, names, numbers = _without_headings(rows, name)
    else:
        names, numbers, decided = _with_headings(rows, headings, form, name)
    numbers, turned = _turned(numbers)
    crs, read = _system(stated, name)
    table = pd.DataFrame([*decided, *turned, *read], columns=list(DECIDED))
    return ControlPoints(table=made_table(names, numbers), crs=crs, form=form, decided=table)


def _rows(text: str) -> tuple[str | None, list[Row]]:
    """The cells of each line that holds any, with its number from 1, and the system that a comment states."""
    stated, rows = None, []
    for number, line in enumerate(text.splitlines(), start=1):
        if found := re.match(r"#\s*CRS:\s*(.*\S)", line):
            stated = found[1]
        elif line.strip() and not line.startswith("#"):
            rows.append((number, _cells(line)))
    return stated, rows


def _cells(line: str) -> list[str]:
    """The cells of a line, be they set off by commas, semicolons, tabs or spaces."""
    for mark in (",", ";", "\t", "，"):
        if mark in line:
            try:
                return [cell.strip() for cell in next(csv.reader([line], delimiter=mark))]
            except csv.Error:
                return []
    return [cell for cell in line.split() if cell != "-gcp"]


def _plain(heading: str) -> str:
    return re.sub(r"[\s_()（）]", "", heading).lower()


def _form_of(headings: Sequence[str]) -> str | None:
    """Which known headings a first line holds."""
    for form, wanted in _HEADINGS.items():
        if all(any(one in headings for one in names) for names in wanted):
            return form
    return None


def _with_headings(
    rows: list[Row], headings: list[str], form: str, name: str
) -> tuple[list[str] | None, Numbers, list[tuple[str, str, str]]]:
    """The numbers of a table with headings, without the points that QGIS has switched off."""
    places = [next(headings.index(one) for one in names if one in headings) for names in _HEADINGS[form]]
    body, decided = rows[1:], []
    if form == "survey":
        decided.append(("axis_order", "north_east", "X坐标 is the northing and Y坐标 the easting, as surveyors write"))
    if "enable" in headings:
        switch = headings.index("enable")
        kept = [row for row in body if switch >= len(row[1]) or row[1][switch] != "0"]
        if len(kept) < len(body):
            decided.append(("switched_off", str(len(body) - len(kept)), "points with enable = 0 are left out"))
        body = kept
    label = next((headings.index(one) for one in _NAME_HEADINGS if one in headings), None)
    names = None if label is None else [cells[label] if label < len(cells) else "" for _, cells in body]
    return names, _numbers(body, places, name), decided


def _without_headings(rows: list[Row], name: str) -> tuple[str, list[str] | None, Numbers]:
    """The form and numbers of lines without headings: four numbers, or a running number and four."""
    widths = {len(cells) for _, cells in rows}
    if widths == {_PLAIN + 1} and all(cells[0] == str(place) for place, (_, cells) in enumerate(rows, start=1)):
        numbers = _numbers(rows, [1, 2, 3, 4], name)
        return "arcgis", [cells[0] for _, cells in rows], numbers
    numbers = _numbers(rows, [0, 1, 2, 3], name)
    return ("arcgis" if (numbers[:, 1] < 0).any() else "gdal"), None, numbers


def _numbers(rows: list[Row], places: list[int], name: str) -> Numbers:
    """The numbers of each line; NaN where a cell is empty."""
    faults, found = [], []
    for line, cells in rows:
        picked = [cells[place] if place < len(cells) else None for place in places]
        if None in picked or not all(_is_number(cell) or not cell for cell in picked if cell is not None):
            faults.append(line)
            continue
        found.append([_number(cell) if cell else np.nan for cell in picked])
    if faults:
        more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        given = f"{name}, line {', '.join(map(str, faults[:_SHOWN]))}{more}"
        raise FormatError(given, expected="pixel, line, x and y in numbers", code="not_a_number")
    return np.array(found, dtype=np.float64).reshape(-1, 4)


def _is_number(cell: str) -> bool:
    """Tell whether a cell is a finite number; NaN and infinities are none."""
    try:
        return bool(np.isfinite(_number(cell)))
    except ValueError:
        return False


def _number(cell: str) -> float:
    """The number that a cell holds, be it in full-width characters; what Python alone reads as one is none."""
    plain = unicodedata.normalize("NFKC", cell)
    if "_" in plain:
        raise ValueError(cell)
    return float(plain)


def _turned(numbers: Numbers) -> tuple[Numbers, list[tuple[str, str, str]]]:
    """Lines counted downwards, where all of them are counted upwards from 0 and so are negative."""
    lines = numbers[:, 1]
    if not ((lines <= 0).all() and (lines < 0).any()):
        return numbers, []
    turned = numbers.copy()
    turned[:, 1] = -lines
    return turned, [("line_sign", "turned", "all lines are negative: they count upwards, as in QGIS and ArcGIS")]


def _system(stated: str | None, name: str) -> tuple[str | None, list[tuple[str, str, str]]]:
    """The system that a comment of the file states."""
    if stated is None:
        return None, []
    # WKT of the older kind names its code at its end, and often describes it otherwise than the register does
    code = re.search(r'AUTHORITY\["EPSG","(\d{4,6})"\]\]$', stated)
    try:
        return crs_.parse(code[1] if code else stated), []
    except CrsError as error:
        return None, [("crs", "unknown", f"{name} states a system that is not understood: {error}")]
