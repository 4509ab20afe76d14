"""Tables of boundary points (界址点成果表) in CSV and XLSX, with the lines that offices put above and between them.

Parcels follow one another, each under a head line or told by a column; the last row of a ring repeats its first;
rows between carry distances only; a heading may stretch over two rows and a parcel's cell over many.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gridmap.formats.delimited import unguarded
from gridmap.formats.parcels import headings, texts
from gridmap.formats.parcels.header import say, stated_of
from gridmap.formats.parcels.holders import tells_of_holders
from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.rows import Row
from gridmap.formats.parcels.survey import Draft, Gathered, Stated, Survey

_PLAIN = re.compile(r"[-+.\deE]+")
#: Degrees with minutes and seconds, as 120°12′56.88″ or 东经120度12分56.88秒.
_SEXAGESIMAL = re.compile(
    r"[东西南北经纬NSEW\s]*(\d{1,3})\s*[°度]\s*(\d{1,2})\s*['′’分]\s*(\d{1,2}(?:\.\d*)?)\s*(?:[\"″”秒]|''|′′|)\s*[NE]?"
)
_POINT_NAME = re.compile(r"[A-Za-z]{0,3}-?\d{1,6}")
_SIXTY = 60
#: Keys that the head of an exchange file has for what a title says.
_KEYS = {"datum": "坐标系", "zone": "带号", "meridian": "中央子午线", "width": "几度分带"}
#: What a head line says of a parcel.
_OF_PARCEL = ("parcel", "area", "name", "shape")


@dataclass(kw_only=True)
class _Table(Gathered):
    """What was read so far."""

    columns: headings.Columns | None = None
    above: list[str] = field(default_factory=list)
    sheet: str = ""
    #: the sheet of the last point
    of_sheet: str = ""
    #: what lines above the points say of the parcel that comes
    parcel: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: whether a new parcel was announced since the last point
    announced: bool = True
    #: rows since the last point that name one and have no coordinates
    blank: list[tuple[str, int]] = field(default_factory=list)
    promised: set[str] = field(default_factory=set)
    sexagesimal: bool = False


def is_table(rows: Iterable[Row]) -> bool:
    """Whether rows begin with the heading of a table of points, within the first thirty that have cells.

    Raises
    ------
    None
    """
    above: list[str] = []
    for at, row in enumerate(rows):
        if headings.columns_of(row.cells, above):
            return True
        if at > 30:  # noqa: PLR2004 (a page)
            return False
        above = row.cells
    return False


def read_table(rows: Iterable[Row], notes: Notes, *, max_points: int) -> Survey:
    """Parcels and points of a table; what is wrong with a row is noted as a fault, with its number.

    Parameters
    ----------
    rows
        Rows that have any cell.
    notes
        Where decisions and faults are noted: ``E_NUMBER``.
    max_points
        Tables of more are refused.

    Raises
    ------
    FormatError
        ``E_NO_PARCEL`` where there is no heading or no point below one, ``E_TOO_LARGE`` beyond ``max_points``.
    """
    table = _Table(notes=notes, most=max_points)
    for row in rows:
        _take(table, row)
    if not table.owner:
        notes.refuse()
        message = "no heading that names two coordinates (X坐标 and Y坐标, 纵坐标 and 横坐标, 北 and 东, 经度 and 纬度)"
        raise notes.stop("E_NO_PARCEL", message if table.columns is None else "no point below the heading")
    _tell(table)
    return table.survey(_stated(table), promised=min(table.promised))


def _stated(table: _Table) -> Stated:
    """What titles say of the system; there is no rule that they must."""
    stated = stated_of(table.header, table.notes)
    return Stated(
        datum=stated.datum,
        width=stated.width,
        zone=stated.zone,
        meridian=stated.meridian,
        silent="datum" not in stated.lines,
        lines=stated.lines,
    )


def _take(table: _Table, row: Row) -> None:
    """Take a row for what it is."""
    if row.sheet != table.sheet:
        table.sheet, table.columns, table.parcel, table.above, table.announced = row.sheet, None, {}, [], True
    if columns := headings.columns_of(row.cells, table.above):
        _take_heading(table, columns, row)
    elif table.columns is None or not _take_point(table, table.columns, row):
        _take_words(table, row)
    table.above = row.cells


def _take_heading(table: _Table, columns: headings.Columns, row: Row) -> None:
    """Take the names of the columns."""
    if table.columns is not None and columns.promised not in table.promised:
        message = "the coordinates change their order within the file; make one file of each order"
        table.notes.fault("E_AXIS_MIXED", message, row.number)
    table.columns, table.announced = columns, True
    table.promised.add(columns.promised)
    table.holders |= dict.fromkeys(columns.holders)
    if columns.repeated:
        said = ", ".join(columns.repeated)
        message = f"columns of coordinates stand twice ({said}): two halves of a page, or two systems side by side"
        table.notes.fault("E_COLUMNS_TWICE", f"{message}; put one below the other, or take one out", row.number)


def _take_words(table: _Table, row: Row) -> None:
    """Take what a line above or between points says."""
    words_of = (cell.partition(":")[0].partition("：")[0].strip() for cell in row.cells)
    holders = (word for word in words_of if len(word) <= headings.LONGEST_WORD and tells_of_holders(word))
    table.holders |= dict.fromkeys(holders)
    words = headings.said(row.cells)
    if not words:
        return
    for what, key in _KEYS.items():
        if what in words:
            say(table.header, key, words[what][1], row.number, table.notes)
    of_parcel: dict[str, tuple[str, str]] = {name: words[name] for name in _OF_PARCEL if name in words}
    if "parcel" in of_parcel or ("name" in of_parcel and table.announced is False):
        table.parcel, table.announced = of_parcel, True
    else:
        table.parcel |= of_parcel


def _take_point(table: _Table, columns: headings.Columns, row: Row) -> bool:
    """Take a row of coordinates; returns whether it is one."""
    cells = [*row.cells, *[""] * (1 + max(columns.first, columns.second) - len(row.cells))]
    pair = [_number(cells[at]) for at in (columns.first, columns.second)]
    name = _cell(row.cells, columns.point)
    if None in pair:
        return _take_blank(table, row, name, [cells[columns.first], cells[columns.second]], pair)
    table.sexagesimal |= not _PLAIN.fullmatch(_plain(cells[columns.first]))
    _settle(table, columns, row)
    for called, number in table.blank:
        message = f"the point {called!r} has no coordinates; fill them in, or take the row out"
        table.notes.fault("E_NUMBER", message, number)
    table.blank = []
    table.of_sheet = row.sheet
    place = (pair[0] or 0.0, pair[1] or 0.0)
    table.add_point(name or f"J{len(table.name) + 1}", _cell(row.cells, columns.ring), place, row.number)
    return True


def _take_blank(table: _Table, row: Row, name: str, cells: Sequence[str], pair: Sequence[float | None]) -> bool:
    """Take a row without both coordinates; returns whether it was to be one of a point."""
    wrong = [cell for cell, value in zip(cells, pair, strict=True) if value is None]
    named = bool(_POINT_NAME.fullmatch(name))
    if (named and any(cell.strip() for cell in wrong)) or (len(wrong) == 1 and not headings.said(row.cells)):
        table.notes.fault("E_NUMBER", f"{wrong[0][:40]!r} is no coordinate", row.number)
        return True
    if named:
        # pages are numbered in advance: only a gap before a further point of the parcel is a corner lost
        table.blank.append((name, row.number))
    return named


def _settle(table: _Table, columns: headings.Columns, row: Row) -> None:
    """Begin a parcel where a row is the first of one."""
    number = _cell(row.cells, columns.parcel)
    if table.parcels and _goes_on(table, number, _cell(row.cells, columns.ring)):
        table.parcel, table.announced = {}, False
        return
    table.blank = []
    said = table.parcel
    area = said.get("area", ("", ""))
    table.parcels.append(
        Draft(
            id=number or said.get("parcel", ("", row.sheet))[1],
            name=said.get("name", ("", ""))[1],
            shape="line" if said.get("shape", ("", ""))[1] == "线" else "polygon",
            area=area[1] + _unit(area[0], area[1]),
            line=row.number,
        )
    )
    table.parcel, table.announced = {}, False


def _goes_on(table: _Table, number: str, ring: str) -> bool:
    """Whether a point belongs to the parcel before it: nothing, or a new page's heading, stands between."""
    same = number in {"", table.parcels[-1].id}
    if not table.announced:
        return same
    if "parcel" in table.parcel:
        again = bool(ring) and ring == table.last[1] and _is_closed(table)
        return table.parcel["parcel"][1] == table.parcels[-1].id and not again
    if table.parcel or not same or table.sheet != table.of_sheet:
        return False
    return bool(number) or not _is_closed(table)


def _is_closed(table: _Table) -> bool:
    """Whether the last point is where its ring began."""
    return (table.first[table.begun], table.second[table.begun]) == (table.first[-1], table.second[-1])


def _unit(word: str, value: str) -> str:
    """The unit that stands in the words before a number."""
    found = re.search(r"平方米|公顷|亩|㎡|m2", word)
    return found[0] if found and re.fullmatch(r"[\d.,\s]+", value) else ""


def _cell(cells: Sequence[str], at: int | None) -> str:
    """A cell of a row; empty where the row or the table has none."""
    return "" if at is None or at >= len(cells) else _plain(cells[at])


def _plain(text: str) -> str:
    """A cell in half width, without spaces around."""
    return unguarded((text if text.isascii() else unicodedata.normalize("NFKC", text)).strip())


def _number(cell: str) -> float | None:
    """A coordinate: a number, or degrees with minutes and seconds; None for what is neither."""
    text = _plain(cell)
    if (value := texts.number(text)) is not None:
        return value
    found = _SEXAGESIMAL.fullmatch(cell.strip()) or _SEXAGESIMAL.fullmatch(text)
    if found is None:
        return None
    degrees, minutes, seconds = (float(part) for part in found.groups())
    return degrees + minutes / 60 + seconds / 3600 if minutes < _SIXTY and seconds < _SIXTY else None


def _tell(table: _Table) -> None:
    """Note what was decided on the way."""
    if len(table.promised) == 1:
        table.notes.decide("headings", min(table.promised), "as the headings of the two columns have it")
    if table.sexagesimal:
        table.notes.decide("numbers", "degrees, minutes, seconds", "they carry the signs of these")
