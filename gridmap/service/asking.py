"""Tables of questions: which of their columns asks, and the answers beside the columns carried along."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from gridmap import crs, frames
from gridmap.errors import InputError
from gridmap.territory import Territory

#: What offices call a column of addresses that were told by somebody, beside what they call standard addresses.
_TOLD = (
    *("查询地址", "来电地址", "报警地址", "事发地址", "案发地址", "事件地址", "发生地址", "所在地址", "联系地址"),
    *("事发地点", "案发地点", "发生地点", "居住地址", "现住地址", "现住址", "家庭住址", "住址"),
)
_STANDARD = next(column.synonyms for column in frames.frame("addresses").columns if column.name == "text")
_SYNONYMS = frozenset(map(frames.plain, ("query", *_STANDARD, *_TOLD)))

#: Answers that are not of the table of answers, but help whoever checks them.
OPEN = ("known", "candidates")


@dataclass(frozen=True, kw_only=True)
class Question:
    """What each row of a query file is asked."""

    #: how far the true places may lie from the given points; None: nothing is called ambiguous
    accuracy_m: float | None = None
    #: system of ``lon`` and ``lat``; the answers are in WGS 84
    crs: str = "EPSG:4326"
    #: ours to theirs, such as ``query`` to ``地址``
    columns: Mapping[str, str] = field(default_factory=dict)
    #: answers with a score below this are to be checked by hand
    check_below: float = 0.8


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which columns of a table ask."""

    #: the column of addresses, or those of longitude and latitude
    columns: tuple[str, ...]
    #: what the user should know of how they were told; empty where they bear our names
    remark: str = ""

    @property
    def is_address(self) -> bool:
        """Whether addresses are asked, not points."""
        return len(self.columns) == 1


def asked_of(names: Sequence[str], columns: Mapping[str, str]) -> Asked:
    """Return which columns of a table ask.

    The column stated for ``query`` or called so comes first, then ``lon`` and ``lat``; where neither is there, the one
    column that bears a usual name of addresses (地址, 详细地址, 事发地点, address, ...), then one of the usual pairs of
    longitude and latitude.

    Parameters
    ----------
    names
        The table's columns.
    columns
        Ours to theirs, as stated by the user; other names than query, lon and lat are passed over.

    Raises
    ------
    InputError
        If a column stated for ``query`` is not there, none asks, or several could.

    Examples
    --------
    >>> asked_of(["id", "详细地址"], {}).columns
    ('详细地址',)
    >>> asked_of(["lon", "lat", "address"], {}).columns
    ('lon', 'lat')
    """
    query = columns.get("query", "query")
    if "query" in columns and query not in names:
        raise InputError(f"no column {query!r}", expected=f"one of {_listed(names)}")
    lon_lat = columns.get("lon", "lon"), columns.get("lat", "lat")
    told = [name for name in names if frames.plain(name) in _SYNONYMS]
    usual = frames.lon_lat_of(names)
    if query in names:
        asked = Asked(columns=(query,))
    elif set(lon_lat) <= set(names):
        asked = Asked(columns=lon_lat)
    elif len(told) == 1:
        asked = Asked(columns=(told[0],), remark=f"the column {told[0]} is asked")
    elif not told and usual:
        asked = Asked(columns=usual, remark=f"the columns {usual[0]} and {usual[1]} are asked")
    else:
        given = f"{', '.join(told)} may all be asked" if told else _listed(names)
        expected = "a column query, or columns lon and lat"
        raise InputError(given, expected=expected, do=f"map them: --column query={told[0] if told else '地址'}")
    _refuse_twice(names, asked.columns)
    return asked


def answer_rows(queries: pd.DataFrame, territory: Territory, *, question: Question | None = None) -> pd.DataFrame:
    """Return the queries' own columns and, beside them, their answers.

    Parameters
    ----------
    queries
        Table with ``query``, or ``lon`` and ``lat``, or usual names of these (see `asked_of`); cells may be text.
    territory
        What is in force on the day asked about.
    question
        Accuracy, CRS and column names of the queries.

    Returns
    -------
    pandas.DataFrame
        The columns carried along, those that bear an answer's name as ``NAME_given``; then status, area, one per
        level, address, matched_level, score, lon, lat, border_m, standard, accuracy_m, reason, notes.

    Raises
    ------
    InputError
        As `asked_of`.
    """
    return answered(queries, territory, question or Question()).drop(columns=list(OPEN))


def answered(queries: pd.DataFrame, territory: Territory, question: Question) -> pd.DataFrame:
    """Return what `answer_rows` does, and columns ``known`` and ``candidates`` as a person reads them."""
    asked = asked_of(list(queries.columns), question.columns)
    if asked.is_address:
        texts = [_text(cell) for cell in queries[asked.columns[0]]]
        answers = territory.find_table(texts, accuracy_m=question.accuracy_m)
    else:
        x, y = (pd.to_numeric(queries[name], errors="coerce").to_numpy(float) for name in asked.columns)
        answers = territory.locate_table(*crs.to_wgs84(x, y, question.crs), accuracy_m=question.accuracy_m)
    order = ["status", "area", *territory.levels, "address", "matched_level", "score", "lon", "lat", "border_m"]
    order += ["standard", "accuracy_m", "reason", "notes"]
    table = answers.reindex(columns=[*order, *OPEN])
    return pd.concat([_carried(queries, order, asked, question), table], axis=1)


def _carried(queries: pd.DataFrame, answers: Sequence[str], asked: Asked, question: Question) -> pd.DataFrame:
    """The queries' own columns; one that bears the name of an answer's gets ``_given`` behind it.

    Longitude and latitude that were asked in WGS 84 stand in the answer just as they were given.
    """
    same = not asked.is_address and question.crs == Question().crs
    kept = queries.drop(columns=list(asked.columns)) if same else queries
    stated = {theirs: ours for ours, theirs in question.columns.items() if theirs in asked.columns}
    clash = {name: f"{name}_given" for name in (*answers, *OPEN)}
    return kept.reset_index(drop=True).rename(columns=stated).rename(columns=clash)


def _text(cell: Any) -> str:
    """A cell as an address; spreadsheets make numbers and days of what looks like them."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return "" if cell is None or pd.isna(cell) else str(cell)


def _refuse_twice(names: Sequence[str], asked: Sequence[str]) -> None:
    """Refuse a column that is there twice."""
    for name in asked:
        if list(names).count(name) > 1:
            raise InputError(f"{list(names).count(name)} columns are called {name}", expected="one", do="rename them")


def _listed(names: Sequence[str]) -> str:
    """Names of columns for a message."""
    return ", ".join(map(str, names)) or "no columns"
