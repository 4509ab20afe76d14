"""The national coordinate-exchange text (勘测定界界址点坐标交换格式) in the widths that offices write it.

A section of ``key=value`` lines tells the system. Then come parcels: a line of fields that ends with ``@``, and below
it a line per point: name, ring, and two coordinates, north first by the rule. Widths of the parcel's line: eight fields
(the ministry's), ten (code and village first, the province's) and thirteen (five more behind). Point lines of six
columns carry two more beside the ring or behind the coordinates, which are found by their ranges.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gridmap.formats.parcels import texts
from gridmap.formats.parcels.header import say, stated_of
from gridmap.formats.parcels.holders import tells_of_holders
from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.survey import Draft, Gathered, Survey
from gridmap.formats.parcels.systems import is_place
from gridmap.formats.parcels.texts import lines_of, narrow

#: Fields of a parcel's line before the ``@``, by how many there are.
_MINISTRY = ("count", "area", "id", "name", "kind", "sheet", "use", "class")
_PROVINCE = ("count", "area", "code", "village", "id", "name", "kind", "sheet", "use", "class")
_FIELDS = {8: _MINISTRY, 10: _PROVINCE, 13: _MINISTRY}
#: Fields that are written back.
KEPT = ("code", "village", "sheet", "use", "class")
_KINDS = {
    "面": "polygon",
    "polygon": "polygon",
    "": "polygon",
    "线": "line",
    "line": "line",
    "点": "point",
    "point": "point",
}
#: Columns of a point's line: the rule's, and those of the filing format.
_COLUMNS, _FILED = 4, 6


class _Point(NamedTuple):
    """A point's line."""

    name: str
    ring: str
    place: tuple[float, float]


@dataclass(kw_only=True)
class _Taken(Gathered):
    """What was read so far."""

    section: str = ""
    widths: dict[int, int] = field(default_factory=dict)


def is_exchange(text: str) -> bool:
    """Whether a text has the marks of an exchange file: its sections, or parcels' lines that end with ``@``.

    Raises
    ------
    None

    Examples
    --------
    >>> is_exchange("[地块坐标]"), is_exchange("4,0.1,1,a,面,,,,@ "), is_exchange("点号,X,Y")
    (True, True, False)
    """
    head = narrow(text[:20_000])
    return bool(re.search(r"^\s*\[(属性描述|地块坐标|项目信息)\]|@\s*$", head, re.MULTILINE))


def read_exchange(text: str, notes: Notes, *, max_points: int) -> Survey:
    """Parcels and points of an exchange text; what is wrong with a line is noted as a fault, with its number.

    Parameters
    ----------
    text
        The file.
    notes
        Where faults are noted: ``E_NO_PARCEL``, ``E_POINT_BEFORE_PARCEL``, ``E_POINT_COLUMNS``, ``E_PARCEL_COLUMNS``,
        ``E_NUMBER``, ``E_DATUM_UNKNOWN``.
    max_points
        Files of more are refused.

    Raises
    ------
    FormatError
        ``E_NO_PARCEL`` if there is no point of a parcel to go on with, ``E_TOO_LARGE`` beyond ``max_points``.
    """
    taken = _Taken(notes=notes, most=max_points)
    for number, raw in enumerate(lines_of(text), 1):
        line = narrow(raw).strip()
        if line:
            _take(taken, line, number)
    _tell(taken)
    if not taken.owner:
        missing = "point of a parcel" if taken.parcels else "line of a parcel: count,area,id,name,面,sheet,use,class,@"
        raise notes.stop("E_NO_PARCEL", f"no {missing} that can be read")
    header = {key: value for key, (value, _) in taken.header.items()}
    return taken.survey(stated_of(taken.header, notes), header=header)


def _take(taken: _Taken, line: str, number: int) -> None:
    """Take one line for what it is."""
    if line[0] == "[":
        taken.section = line.strip("[] ")
    elif line[-1] == "@":
        _take_parcel(taken, line[:-1].rstrip(" ,").split(","), line.count(","), number)
    elif "=" in line:
        _take_key(taken, line, number)
    else:
        _take_point(taken, line, number)


def _take_key(taken: _Taken, line: str, number: int) -> None:
    """Take a line of the head; what tells of holders, and sections that are none of the system's, are left out."""
    key, _, value = (part.strip() for part in line.partition("="))
    if tells_of_holders(key):
        taken.holders[key] = None
    elif taken.section in {"", "属性描述"}:
        say(taken.header, key, value, number, taken.notes)


def _take_parcel(taken: _Taken, cells: Sequence[str], width: int, number: int) -> None:
    """Take the line of a parcel."""
    names = _FIELDS.get(width)
    if names is None:
        message = f"a parcel's line of {width} fields; expected 8, 10 or 13 before the @"
        taken.notes.fault("E_PARCEL_COLUMNS", message, number)
        taken.parcels.append(Draft(id="", line=number))
        return
    row = dict(zip(names, [cell.strip() for cell in cells] + [""] * len(names), strict=False))
    kind = _KINDS.get(row["kind"].lower())
    if kind is None:
        message = f"a parcel's kind is {row['kind'][:20]!r}; expected 面 (polygon) or 线 (line): a point is no parcel"
        taken.notes.fault("E_PARCEL_COLUMNS", message, number)
    taken.widths.setdefault(width, number)
    taken.parcels.append(
        Draft(
            id=row["id"],
            name=row["name"],
            shape=kind or "polygon",
            area=row["area"],
            count=int(row["count"]) if row["count"].isdecimal() and len(row["count"]) < 10 else 0,  # noqa: PLR2004 (a count of any file has fewer digits)
            line=number,
            fields={name: row[name] for name in KEPT if row.get(name)},
        )
    )


def _take_point(taken: _Taken, line: str, number: int) -> None:
    """Take the line of a point."""
    if not taken.parcels:
        message = f"{line[:60]!r} stands before any parcel's line; expected count,area,id,name,面,sheet,use,class,@"
        taken.notes.fault("E_POINT_BEFORE_PARCEL", message, number)
        return
    point = _point(line, number, taken.notes)
    if point is not None:
        taken.add_point(point.name, point.ring, point.place, number)


def _point(line: str, number: int, notes: Notes) -> _Point | None:
    """A point's line; None once a fault of it is noted."""
    cells = line.split(",")
    if len(cells) > _COLUMNS:
        cells = [cell.strip() for cell in cells]
        while len(cells) > _COLUMNS and not cells[-1]:
            cells.pop()
    if len(cells) == _FILED:
        return _filed(cells, number, notes)
    if len(cells) != _COLUMNS:
        message = f"{line[:60]!r} has {len(cells)} columns; expected name, ring and two coordinates (or six columns)"
        notes.fault("E_POINT_COLUMNS", message, number)
        return None
    first, second = _number(cells[2], number, notes), _number(cells[3], number, notes)
    return None if first is None or second is None else _Point(cells[0].strip(), cells[1].strip(), (first, second))


def _filed(cells: Sequence[str], number: int, notes: Notes) -> _Point | None:
    """A point of the filing format: its coordinates are the only two neighbours that can be such."""
    numbers = [float("nan") if (value := texts.number(cell)) is None else value for cell in cells]
    found = [at for at in range(1, _FILED - 1) if is_place(numbers[at], numbers[at + 1])]
    if len(found) != 1:
        message = f"of the six columns of {','.join(cells)[:80]!r} no two neighbours alone can be coordinates"
        notes.fault("E_POINT_COLUMNS", message, number)
        return None
    at = found[0]
    whole = [cell for cell in cells[1:at] if cell.isdecimal()]
    return _Point(cells[0], whole[0] if whole else "1", (numbers[at], numbers[at + 1]))


def _number(cell: str, line: int, notes: Notes) -> float | None:
    """A coordinate; None once the fault is noted."""
    value = texts.number(cell.strip())
    if value is None:
        notes.fault("E_NUMBER", f"{cell.strip()[:40]!r} is no coordinate", line)
    return value


def _tell(taken: _Taken) -> None:
    """Note what was decided on the way."""
    for width, number in taken.widths.items():
        kept = {8: "the ministry's", 10: "the province's, code and village first"}
        why = kept.get(width, "the ministry's eight, and five more that are left out")
        taken.notes.decide("parcel fields", width, f"{why}; first met in line {number}")
