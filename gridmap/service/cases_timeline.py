"""A case along time: what each source, file, claim and agreement has to do with a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd

from gridmap.disputes.dates import SourceDates, held_on, parse_edtf
from gridmap.store.cases_reading import Case

#: What an answer answers: whether it was there by that day, and still is, or whether it shows the land on that day.
STOOD, SHOWS = QUESTIONS = ("stood", "shows")

#: Sources that show the land on one day; a document holds from its day on.
_PICTURES = frozenset({"map", "picture", "survey", "parcels"})


def timeline(case: Case, day: date) -> pd.DataFrame:
    """Return what a case knows of a day: each dated source, claim, file and agreement.

    A claim *stood* on a day if it, or what it rests on, had been made by then: one of 1985 stands in 1990, and still in
    2027. So does a document, and an agreement from its first day of force. A map, a picture or a survey *shows* the day
    of its capture alone, or some day before its release or scan; a file of evidence, of which nobody but its party
    knows what it is, likewise.

    Parameters
    ----------
    case
        The case.
    day
        The day asked about.

    Returns
    -------
    DataFrame
        ``part``, ``number``, ``title``, ``question`` (``stood``, ``shows``), ``date`` (EDTF; None where nobody knows),
        ``answer`` (``certain``, ``possible``, ``no``; None without a date), ``faults`` (what is wrong with the dates of
        a source).

    Raises
    ------
    InputError
        If a date is none: not of a case that was written by gridmap.
    """
    rows = [("claims", row["number"], row["party"], *_stood(row["date"], day)) for row in _rows(case.standing_claims)]
    rows += [("sources", row["number"], row["title"], *_dated(row, day)) for row in _rows(case.sources)]
    rows += [("evidence", row["number"], row["file"], *_shown(row, day)) for row in _rows(case.evidence)]
    rows += [
        ("agreements", row["number"], row["candidate"], *_stood(row["effective"], day))
        for row in _rows(case.agreements)
    ]
    names = ["part", "number", "title", "question", "date", "answer", "faults"]
    return pd.DataFrame(rows, columns=names, dtype=object)


_Told = tuple[str, str | None, str | None, list[str]]


def _rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    return ({str(name): value for name, value in row.items()} for row in table.to_dict("records"))


def _stood(text: str | None, day: date) -> _Told:
    return STOOD, text, None if text is None else held_on(day, parse_edtf(text), None), []


def _dated(row: Mapping[str, Any], day: date) -> _Told:
    """What a source tells of a day, by its kind."""
    if row["kind"] in _PICTURES:
        return _shown(row, day)
    known = [row[name] for name in ("captured", "released", "scanned") if row[name]]
    _, text, answer, _ = _stood(known[0] if known else None, day)
    return STOOD, text, answer, _dates(row)[1]


def _shown(row: Mapping[str, Any], day: date) -> _Told:
    dates, faults = _dates(row)
    shown = dates.shown
    return (SHOWS, None, None, faults) if shown is None else (SHOWS, shown.text, shown.at(day), faults)


def _dates(row: Mapping[str, Any]) -> tuple[SourceDates, list[str]]:
    """The three dates of a source, and what is wrong with them."""
    columns = (("capture", "captured"), ("release", "released"), ("scan", "scanned"))
    dates = SourceDates(**{name: parse_edtf(row[column]) if row[column] else None for name, column in columns})
    return dates, [message for _, message in dates.faults()]
