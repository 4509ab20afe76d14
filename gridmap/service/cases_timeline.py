"""A case along time: what each source, file and agreement has to do with a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from gridmap.disputes.dates import SourceDates, held_on, parse_edtf
from gridmap.store.cases_reading import Case


def timeline(case: Case, day: date) -> pd.DataFrame:
    """Return what a case knows of a day: each dated source, claim, file and agreement, and whether it is of that day.

    Parameters
    ----------
    case
        The case.
    day
        The day asked about.

    Returns
    -------
    DataFrame
        ``part``, ``number``, ``title``, ``date`` (EDTF; None where nobody knows), ``answer`` (``certain``,
        ``possible``, ``no``; None without a date), ``faults`` (what is wrong with the dates of a source). A source is
        of the day that it shows: that of its capture, or any before its release or scan. An agreement holds from its
        day on.

    Raises
    ------
    InputError
        If a date is none: not of a case that was written by gridmap.
    """
    rows = [("claims", row["number"], row["party"], *_told(row["date"], day)) for row in _records(case.standing_claims)]
    rows += [("sources", row["number"], row["title"], *_shown(row, day)) for row in _records(case.sources)]
    rows += [("evidence", row["number"], row["file"], *_shown(row, day)) for row in _records(case.evidence)]
    rows += [
        ("agreements", row["number"], row["candidate"], row["effective"], *_held(row["effective"], day))
        for row in _records(case.agreements)
    ]
    return pd.DataFrame(rows, columns=["part", "number", "title", "date", "answer", "faults"], dtype=object)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _told(text: str | None, day: date) -> tuple[str | None, str | None, list[str]]:
    return (None, None, []) if text is None else (text, parse_edtf(text).at(day), [])


def _shown(row: Mapping[str, Any], day: date) -> tuple[str | None, str | None, list[str]]:
    """The day that a source shows, whether that is the one asked about, and what is wrong with its dates."""
    known = {
        name: parse_edtf(row[column]) if row[column] else None
        for name, column in (("capture", "captured"), ("release", "released"), ("scan", "scanned"))
    }
    dates = SourceDates(**known)
    shown = dates.shown
    faults = [message for _, message in dates.faults()]
    return (None, None, faults) if shown is None else (shown.text, shown.at(day), faults)


def _held(effective: str, day: date) -> tuple[str, list[str]]:
    return held_on(day, parse_edtf(effective), None), []
