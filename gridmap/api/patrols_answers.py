"""What is answered about patrols: shares of areas for everybody; streets, posts and sign-ins for operators alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pandas as pd

from gridmap.api.cameras_answers import MOST_LISTED, rows
from gridmap.errors import NotFoundError
from gridmap.service.patrol_answers.coverage import Coverage, Exact
from gridmap.service.patrol_answers.scans import Scans
from gridmap.service.patrol_answers.spans import Span
from gridmap.service.patrol_answers.versions import Version

#: What is told of a share, besides the area and shift that it is of.
_SHARE = (
    "shift",
    "walked_m",
    "share",
    "share_low",
    "share_high",
    "share_inferred",
    "share_unknown",
    "share_never",
    "shared_walked_m",
)


def headers(version: Version, on: date, spans: tuple[Span | None, ...], *, whole: bool) -> dict[str, str]:
    """Return the headers of an answer about patrols: a client may ask whether its version still stands.

    Parameters
    ----------
    version
        State of the record, and of its patrols.
    on
        Day of the areas.
    spans
        Shifts that are answered.
    whole
        Whether the answer is for one who may see patrols: another answer, and kept by nobody.

    Raises
    ------
    Nothing
    """
    days = [f"{one.since}.{one.last}.{one.as_of:%Y%m%dT%H%M}" for one in spans if one is not None]
    tag = ".".join([version.tag, str(on), *days, "whole" if whole else "shares"])
    kept = "no-store" if whole else "private, no-cache"
    return {
        "X-Gridmap-Version": str(version.revision),
        "ETag": f'"{tag}"',
        "Cache-Control": kept,
        "Vary": "Authorization",
    }


def dumped(said: Any) -> bytes:
    """Return a value as JSON, moments in UTC; what is not a number comes as null.

    Raises
    ------
    TypeError
        If JSON has nothing for it.
    """
    return orjson.dumps(said, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY)


def _plain(value: Any) -> Any:
    """What tables hold and JSON does not."""
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def coverage(found: Coverage, *, shift: str | None) -> dict[str, Any]:
    """Return how far patrols cover an area, to one who may see patrols or not.

    Parameters
    ----------
    found
        The figures; ``exact`` where streets, posts and sign-ins are told as well.
    shift
        The only shift whose shares are told; None: all.

    Raises
    ------
    NotFoundError
        If the span has no such shift.
    """
    return {
        "version": found.version.revision,
        "on": found.on,
        "area": found.areas["code"].iloc[0],
        "period": _period(found.span),
        "areas": _areas(found, shift),
        "even": {"level": found.even_level, **dict(zip(found.even["figure"], found.even["value"], strict=True))},
        "held": found.held,
        "pending": found.pending,
        "left_out": found.left_out,
        **_exact(found.exact),
        "compare": _compared(found),
    }


def _period(asked: Span) -> dict[str, Any]:
    return {"from": asked.since, "to": asked.last, "shifts": asked.shifts, "as_of": asked.as_of}


def _areas(found: Coverage, shift: str | None) -> list[dict[str, Any]]:
    """Each area with its shares, what it is owed, and what neither patrol nor camera sees."""
    shares = found.shares if shift is None else found.shares[found.shares["shift"] == shift]
    if shares.empty:
        raise NotFoundError(
            f"shift {shift!r}",
            expected="all, day, night, or one of the period",
            code="no_shift",
            values={"shift": shift, "shifts": found.span.shifts[:4]},
        )
    told, gap = (_by_area(table) for table in (shares[["code", *_SHARE]], found.gap))
    owed = {row.pop("code"): row for row in rows(found.owed)}
    return [
        {**area, "shares": told[area["code"]], "owed": owed[area["code"]], "cameras": gap[area["code"]]}
        for area in rows(found.areas)
    ]


def _by_area(table: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    return {str(code): rows(part.drop(columns="code")) for code, part in table.groupby("code", sort=False)}


def _exact(exact: Exact | None) -> dict[str, Any]:
    """What is told to those who may see patrols; null to others."""
    if exact is None:
        return dict.fromkeys(("overdue", "neither", "effort", "overlap", "tracks", "signins", "must_visit", "lost"))
    return {
        "overdue": _listed(exact.overdue, "streets"),
        "neither": _listed(exact.neither, "streets"),
        "effort": rows(exact.effort),
        "overlap": rows(exact.overlap),
        "tracks": {
            "waterfall": rows(exact.waterfall),
            "quality": rows(exact.tracks),
            "held": _listed(exact.held, "tracks"),
        },
        "signins": _signins(exact.scans),
        "must_visit": _must_visit(exact.scans.must_visit),
        "lost": None if exact.lost is None else _listed(exact.lost, "streets"),
    }


def _signins(found: Scans) -> dict[str, Any]:
    """Completion by shift, what tracks say, and what is not as it should be."""
    amiss = found.signins[found.signins["status"] != "on_time"]
    return {
        "completion": rows(found.completion),
        "agreement": rows(found.agreement),
        "left_out": found.left_out,
        **_listed(amiss, "amiss"),
    }


def _must_visit(table: pd.DataFrame) -> dict[str, Any]:
    counts = {status: int((table["status"] == status).sum()) for status in ("done", "due", "overdue")}
    return {**counts, **_listed(table, "checkpoints")}


def _listed(table: pd.DataFrame, name: str) -> dict[str, Any]:
    """The first rows of a table, and of how many."""
    first = table.iloc[:MOST_LISTED]
    return {"numberMatched": len(table), "numberReturned": len(first), name: rows(first)}


def _compared(found: Coverage) -> dict[str, Any] | None:
    if found.changes is None or found.old_span is None:
        return None
    return {"period": _period(found.old_span), "areas": rows(found.changes)}


def released(row: dict[str, Any]) -> dict[str, Any]:
    """Return what became of a track, after it was let count.

    Raises
    ------
    Nothing
    """
    names = ("post", "shift", "credited", "released", "released_by", "released_at", "read_as", "visits")
    return {name: row[name] for name in names}
