"""What the columns of a layer tell of its parcels: identifier, name and declared area, and nothing of persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from gridmap.formats.parcels.holders import tells_of_holders
from gridmap.formats.parcels.notes import Notes
from gridmap.formats.parcels.survey import Draft
from gridmap.frames import plain

_WORDS = {
    "id": (
        *("id", "宗地代码", "宗地编号", "宗地号", "地块编号", "地块编码", "地块号", "不动产单元号", "图斑编号", "编号"),
        *("zddm", "zdbh", "zdh", "dkbm", "dkbh", "dkid", "tbbh", "bdcdyh", "parcelid", "parcel", "bsm"),
    ),
    "name": ("name", "地块名称", "宗地名称", "项目名称", "名称", "坐落", "dkmc", "zdmc", "xmmc", "zl"),
    "area": ("宗地面积", "地块面积", "实测面积", "图斑面积", "面积", "zdmj", "dkmj", "scmj", "tbmj", "mj", "area"),
}
#: Chinese characters that ten bytes of UTF-8 hold.
_CUT = 3
_OURS = (*_WORDS, "party")


def drafts_of(table: pd.DataFrame, columns: Mapping[str, str], notes: Notes) -> list[Draft]:
    """The parcels of a layer's rows.

    Parameters
    ----------
    table
        The layer's columns.
    columns
        What the user says: ours (id, name, area, party) to theirs.
    notes
        Where it is noted which columns were taken, and which left out because they tell of holders.

    Raises
    ------
    FormatError
        ``E_COLUMN`` where a stated column is not there or is none of ours, ``E_HOLDER`` where it tells of holders.
    """
    names = [str(name) for name in table.columns]
    _refuse_columns(columns, names, notes)
    holders = [name for name in names if tells_of_holders(name)]
    if holders:
        notes.decide("left out", ", ".join(holders), "names of right holders are not kept")
    free = {plain(name): name for name in reversed(names) if name not in holders}
    found = {ours: _column(words, free) for ours, words in _WORDS.items()}
    found = {ours: columns.get(ours, theirs) for ours, theirs in {**found, "party": None}.items()}
    for ours, theirs in found.items():
        if theirs is not None:
            notes.decide(f"column {ours}", theirs, "as stated by the user" if ours in columns else "by its name")
    cells = {ours: _texts(table, theirs) for ours, theirs in found.items()}
    return [
        Draft(id=number or "", name=name or "", area=area or "", line=at, party=party)
        for at, (number, name, area, party) in enumerate(
            zip(cells["id"], cells["name"], cells["area"], cells["party"], strict=True), 1
        )
    ]


def _column(words: Sequence[str], free: Mapping[str, str]) -> str | None:
    """The column of one of some names, or of the beginning of one: a shapefile cuts names after ten bytes."""
    whole = next((free[word] for word in words if word in free), None)
    cut = (name for name in free if len(name) >= _CUT and not name.isascii())
    return whole or next((free[name] for name in cut if any(word.startswith(name) for word in words)), None)


def _refuse_columns(columns: Mapping[str, str], names: Sequence[str], notes: Notes) -> None:
    """Refuse what the user says of columns where it cannot be."""
    for ours, theirs in columns.items():
        if ours not in _OURS:
            raise notes.stop("E_COLUMN", f"parcels have no column {ours!r}; expected one of {', '.join(_OURS)}")
        if theirs not in names:
            raise notes.stop("E_COLUMN", f"there is no column {theirs!r}; the file has {', '.join(names)}")
        if tells_of_holders(theirs):
            message = f"{theirs!r} holds names of right holders, which are not kept; a party is a label: a village"
            raise notes.stop("E_HOLDER", message)


def _texts(table: pd.DataFrame, name: str | None) -> list[str | None]:
    """The cells of a column as text; missing where blank, or where there is no column."""
    if name is None:
        return [None] * len(table)
    return [_text(cell) for cell in table[name].tolist()]


def _text(cell: object) -> str | None:
    """A cell as text: numbers that a format made floats whole again."""
    if cell is None or (isinstance(cell, float) and cell != cell) or cell is pd.NA:  # noqa: PLR0124 (NaN)
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip() or None
