"""What the columns of a table of boundary points are called in offices."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from gridmap.formats.delimited import unguarded
from gridmap.formats.parcels.holders import tells_of_holders

#: Names of columns, without spaces, units and brackets, in small letters. X is north by the rule, and 纵坐标 too.
_NAMES = {
    "north": r"x|x坐标|坐标x|纵坐标x?|x纵坐标|北坐标|北|北向|n|north|northing|xnorth|x值",
    "east": r"y|y坐标|坐标y|横坐标y?|y横坐标|东坐标|东|东向|e|east|easting|yeast|y值",
    "lon": r"经度|大地经度|东经|lon|lng|longitude|l",
    "lat": r"纬度|大地纬度|北纬|lat|latitude|b",
    "parcel": r"(宗地|地块|图斑|地号)(代码|编号|编码|号)?|不动产单元号|地号|parcel(id|number|no)?|plot|宗地",
    "ring": r"(地块)?圈号|环号|ring",
    "point": r"(界址点|拐点|点位|界桩|边界点|点)(编)?号|点名|(桩|序)号|point(name|number|no|id)?|name|number|no|pt",
    "parcel_name": r"(地块|宗地)名称",
}
_NUMERAL = frozenset("0123456789+-.")
#: Names that are of a column only where no other column has its role.
_WEAK = re.compile(r"[nebl]|序号|name|number|no|pt")
_ROLES = {role: re.compile(pattern) for role, pattern in _NAMES.items()}
#: Signs that make no difference between names, and units in brackets.
_IDLE = re.compile(r"\(.*?\)|\[.*?\]|[\s_\-.:/、]|\d+$|(?<=[xyne标度])(米|m)$")
#: What a line above the table says, and how.
_SAID = {
    "parcel": re.compile(r"(?:宗地|地块|图斑)(?:代码|编号|编码|号)|不动产单元号|地号"),
    "area": re.compile(r"(?:宗地|地块|图斑|实测|土地)?(?:总)?面积"),
    "name": re.compile(r"(?:地块|宗地|项目)名称|坐落"),
    "shape": re.compile(r"(?:记录)?图形属性"),
    "datum": re.compile(r"坐标系统?"),
    "zone": re.compile(r"带号"),
    "meridian": re.compile(r"中央子午线|中央经线"),
    "width": re.compile(r"(?:几度)?分带"),
}
#: Words before a value are no sentences.
LONGEST_WORD = 20


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which column of a table is what; counted from 0."""

    #: the two coordinates, in their order in the table
    first: int
    second: int
    #: ``north_east``, ``east_north``, ``lon_lat`` or ``lat_lon``
    promised: str
    #: parcel, ring and point, where the table has them
    parcel: int | None = None
    ring: int | None = None
    point: int | None = None
    #: headings that tell of holders
    holders: tuple[str, ...] = ()
    #: headings of a second column of the same coordinate
    repeated: tuple[str, ...] = ()


def columns_of(cells: Sequence[str], above: Sequence[str] = ()) -> Columns | None:
    """Which column is what, where a row of cells is the heading of a table of points.

    Parameters
    ----------
    cells
        The row.
    above
        The row above it: headings that stretch over two rows stand in the upper one.

    Returns
    -------
    Columns or None
        None where the row names no two coordinates.

    Raises
    ------
    None

    Examples
    --------
    >>> found = columns_of(["点号", "Y坐标(m)", "X坐标（米）"])
    >>> found.first, found.second, found.promised, found.point
    (1, 2, 'east_north', 0)
    """
    upper = [*above, *[""] * (len(cells) - len(above))]
    named = [(at, cell or over) for at, (cell, over) in enumerate(zip(cells, upper, strict=False))]
    # every row of a table is asked, and no heading begins as a number does
    named = [(at, word) for at, word in named if word and word[0] not in _NUMERAL]
    found = [(at, word, role) for at, word in named if (role := role_of(word))]
    roles: dict[str, int] = {}
    # a bare N is a northing or a number, a 序号 counts rows: they count where nothing plainer is there
    for at, _, role in sorted(found, key=lambda each: bool(_WEAK.fullmatch(_bare(each[1])))):
        roles.setdefault(role, at)
    names = ("north", "east") if {"north", "east"} <= roles.keys() else ("lat", "lon")
    if not set(names) <= roles.keys():
        return None
    order = sorted(names, key=lambda name: roles[name])
    return Columns(
        first=roles[order[0]],
        second=roles[order[1]],
        promised="_".join(order),
        parcel=roles.get("parcel"),
        ring=roles.get("ring"),
        point=roles.get("point"),
        holders=tuple(cell for cell in (*cells, *above) if tells_of_holders(cell)),
        repeated=tuple(
            word for at, word, role in found if role in names and at != roles[role] and not _WEAK.fullmatch(_bare(word))
        ),
    )


@lru_cache(maxsize=4096)
def role_of(heading: str) -> str | None:
    """What a column of that name holds; None where it is nothing that is read.

    Raises
    ------
    None

    Examples
    --------
    >>> role_of("纵坐标（X）"), role_of("横坐标"), role_of("界址点号"), role_of("备注")
    ('north', 'east', 'point', None)
    """
    bare = _bare(heading)
    return next((role for role, pattern in _ROLES.items() if pattern.fullmatch(bare)), None)


def _bare(heading: str) -> str:
    """A heading without what makes no difference between names."""
    return _IDLE.sub("", unicodedata.normalize("NFKC", heading).casefold())


def said(cells: Sequence[str]) -> dict[str, tuple[str, str]]:
    """What a line above a table says: of parcel, area, name, datum, zone, with the words before the value.

    Parameters
    ----------
    cells
        The line's cells: word and value in one, parted by a colon, or side by side.

    Raises
    ------
    None

    Examples
    --------
    >>> said(["宗地代码：330106", "", "面积(平方米)", "66.5"])
    {'parcel': ('宗地代码', '330106'), 'area': ('面积(平方米)', '66.5')}
    >>> said(["宗地名称", "", "宗地代码", "330106"])
    {'parcel': ('宗地代码', '330106')}
    """
    plain = (unguarded(unicodedata.normalize("NFKC", cell).strip()) for cell in cells)
    filled = [cell for cell in plain if cell]
    found: dict[str, tuple[str, str]] = {}
    for at, cell in enumerate(filled):
        word, colon, value = (part.strip() for part in cell.partition(":"))
        if not colon or not value:
            value = filled[at + 1] if at + 1 < len(filled) else ""
            # a word whose value is blank is followed by the next word
            value = "" if _is_word(value) else value
        for what, pattern in _SAID.items():
            if value and pattern.match(word) and len(word) <= LONGEST_WORD and what not in found:
                found[what] = (word, value)
    return found


def _is_word(cell: str) -> bool:
    """Whether a cell is itself a word that a value follows."""
    word = re.sub(r"\(.*\)$", "", cell.partition(":")[0].strip())
    return any(pattern.fullmatch(word) for pattern in _SAID.values())
