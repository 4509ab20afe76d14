"""Epochs on the page of a dispute: dated parcels taken apart by their days, and what became of each between any two."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap.crs import is_metric, to_metric
from gridmap.disputes import epochs
from gridmap.disputes.dates import SourceDates, parse_edtf
from gridmap.disputes.lineage import chain
from gridmap.errors import GridmapError, InputError
from gridmap.frames.validity import days_of_change, in_force
from gridmap.maps.dispute_sources import Source
from gridmap.maps.dispute_words import DISPUTES

#: Epochs of one table that a page holds, the last ones: each is drawn whole, and compared with all others.
MOST_EPOCHS = 8
#: Digits of areas, m2.
_M2 = 1
_DAY = timedelta(days=1)


def dated_epochs(parcels: gpd.GeoDataFrame, *, title: str = "", lang: str = "zh") -> list[Source]:
    """Return the epochs of dated parcels, one source each: all that held between two days on which something changed.

    Parameters
    ----------
    parcels
        ``id``, polygons and, where they are dated, ``valid_from`` and ``valid_to`` (the first day on which a parcel no
        longer holds), any CRS.
    title
        What the parcels are called; a general word when empty.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    list of Source
        In order of time, those in which no parcel held left out; parcels without days are one epoch without a date. Of
        more than `MOST_EPOCHS` the last.

    Raises
    ------
    InputError
        If a day is none, or the language is neither ``zh`` nor ``en``.

    Examples
    --------
    >>> import shapely
    >>> day = date(2021, 3, 1)
    >>> days = {"valid_from": [None, day], "valid_to": [day, None]}
    >>> parcels = gpd.GeoDataFrame({"id": ["1", "2"], **days}, geometry=[shapely.box(0, 0, 9, 9)] * 2, crs=4549)
    >>> [(one.title, one.dates.capture.text) for one in dated_epochs(parcels, title="Land", lang="en")]
    [('Land until 2021-02-28', '../2021-02-28'), ('Land from 2021-03-01', '2021-03-01/..')]
    """
    title = title or DISPUTES.one("kind_parcels", lang)
    parcels = parcels.assign(**{name: _days(parcels[name]) for name in ("valid_from", "valid_to") if name in parcels})
    spans = pairwise([None, *days_of_change(parcels), None])
    held = [(begin, end, in_force(parcels, begin or (end or date.max) - _DAY)) for begin, end in spans]
    made = [
        Source(title=_titled(title, begin, end, lang), kind="parcels", dates=_spanning(begin, end), parcels=rows)
        for begin, end, rows in held
        if len(rows)
    ]
    return made[-MOST_EPOCHS:]


def changes(sources: Sequence[Source], drawn: Sequence[set[str]], lang: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Return what became of each parcel between any two epochs, and what the reader must know of it.

    Each epoch is compared with the next; over several, lineage is composed (see `gridmap.disputes.lineage.chain`).

    Parameters
    ----------
    sources
        All sources of the page; those with parcels are epochs, in the order of the days that they show, or as given
        where one has none.
    drawn
        Identifiers of the parcels that the page draws, of each source: events of other parcels alone are left out.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    (list of dict, list of str)
        Of each two epochs ``old`` and ``new`` (positions in ``sources``) and ``events``: ``kind``, ``old`` and ``new``
        (identifiers), ``m2`` (areas of both before and after); and notes, where epochs could not be compared.

    Raises
    ------
    InputError
        If the language is neither ``zh`` nor ``en``.
    """
    order = _in_order(sources)
    tables = [sources[place].parcels for place in order]
    try:
        steps = [epochs(old, new) for old, new in pairwise(tables)]
        areas = [_areas(table) for table in tables]
        found = [
            {
                "old": order[first],
                "new": order[last],
                "events": [
                    event
                    for event in _events(_lineage(steps[first:last]), areas[first], areas[last])
                    if drawn[order[first]].intersection(event["old"]) or drawn[order[last]].intersection(event["new"])
                ],
            }
            for first, last in combinations(range(len(order)), 2)
        ]
    except GridmapError as error:
        return [], [DISPUTES.one("not_compared", lang, why=str(error))]
    return found, []


def _days(given: pd.Series[Any]) -> pd.Series[Any]:
    """A column of days, whatever a file holds them as."""
    try:
        read = pd.to_datetime(given)
    except ValueError as error:
        raise InputError(f"{given.name}: {error}", expected="days, such as 2021-03-01") from None
    return pd.Series([None if pd.isna(day) else day.date() for day in read], given.index, dtype=object)


def _titled(title: str, begin: date | None, end: date | None, lang: str) -> str:
    """What parcels are called that held from a day on until another."""
    if begin is not None:
        return DISPUTES.one("since", lang, title=title, day=begin)
    return title if end is None else DISPUTES.one("until", lang, title=title, day=end - _DAY)


def _spanning(begin: date | None, end: date | None) -> SourceDates:
    """The dates of what held from a day on until another, exclusively."""
    if begin is end is None:
        return SourceDates()
    first, last = begin or "..", ".." if end is None else end - _DAY
    return SourceDates(capture=parse_edtf(f"{first}/{last}"))


def _in_order(sources: Sequence[Source]) -> list[int]:
    """Positions of the epochs in the order of the days that they show."""
    places = [place for place, one in enumerate(sources) if one.parcels is not None]
    shown = {place: when for place in places if (when := sources[place].dates.shown) is not None}
    if len(shown) < len(places):
        return places
    # an open beginning is before all others
    return sorted(places, key=lambda place: (shown[place].earliest or date.min, shown[place].latest or date.max))


def _lineage(steps: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    return steps[0] if len(steps) == 1 else chain(steps)


def _events(lineage: pd.DataFrame, old: dict[str, float], new: dict[str, float]) -> list[dict[str, Any]]:
    """The events of a lineage but for parcels that stayed as they were, each with its parcels and their areas."""
    rows = lineage[lineage["descends"] | lineage["old"].isna() | lineage["new"].isna()]
    # what descends tells the kind of an event; ground that was just lost or gained only where nothing does
    told = rows[rows["descends"] | ~rows.groupby("event")["descends"].transform("any")]
    found = []
    for _, group in told.groupby("event"):
        ends = {"old": _names(group["old"]), "new": _names(group["new"])}
        kind = str(group["kind"].iloc[0])
        if kind != "unchanged":
            sums = [sum(areas[name] for name in ends[end]) for end, areas in (("old", old), ("new", new))]
            found.append({"kind": kind, **ends, "m2": [round(one, _M2) for one in sums]})
    return found


def _names(column: pd.Series[Any]) -> list[str]:
    return list(dict.fromkeys(str(name) for name in column.dropna()))


def _areas(parcels: gpd.GeoDataFrame) -> dict[str, float]:
    metric = parcels if is_metric(parcels.crs) else to_metric(parcels)
    return dict(zip(parcels["id"].astype(str), metric.area.astype(float).tolist(), strict=True))
