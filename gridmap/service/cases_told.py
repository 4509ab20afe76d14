"""What is told of a case, fit for JSON and for a screen."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridmap.service.cases_timeline import timeline
from gridmap.store.cases_reading import Case

if TYPE_CHECKING:
    from gridmap.service.cases import Agreed

#: What a screen shows of each part.
_SHOWN = {
    "claims": ("number", "party", "source", "date", "withdrawn"),
    "candidates": ("number", "id", "source", "withdrawn"),
    "evidence": ("number", "file", "kind", "party", "bytes", "sha256"),
    "sources": ("number", "title", "kind", "captured"),
    "agreements": ("number", "candidate", "agreed_on", "effective"),
}


def report(case: Case, on: date | None = None) -> dict[str, Any]:
    """Return a case as values fit for JSON: its head, its parts without shapes, and its timeline at a day.

    Raises
    ------
    InputError
        As `gridmap.service.cases_timeline.timeline`.
    """
    head = {name: value for name, value in vars(case.head).items() if name != "case_id"}
    parts = {part: _rows(getattr(case, part)) for part in _SHOWN}
    return {"case": head, **parts, **({} if on is None else {"on": on, "timeline": _rows(timeline(case, on))})}


def said(told: dict[str, Any]) -> list[str]:
    """Return what `report` tells as lines for a screen.

    Raises
    ------
    None
    """
    head = told["case"]
    lines = [f"{head['code']}  {head['name']}  {head['status']}  version {head['version']}  EPSG:{head['epsg']}"]
    for part, names in _SHOWN.items():
        lines += [f"{part} " + "  ".join(_cell(row[name]) for name in names) for row in told[part]]
    if "timeline" in told:
        lines += [f"on {told['on']}:", *(_on_the_day(row) for row in told["timeline"])]
    return lines


def agreed_report(agreed: Agreed) -> dict[str, Any]:
    """Return what an agreement made as values fit for JSON, without shapes.

    Raises
    ------
    None
    """
    return {
        "number": agreed.number,
        "version": agreed.head.version,
        "parcels": _rows(agreed.parcels.assign(area_m2=agreed.parcels.area)),
        "ended": list(agreed.ended),
        "lineage": _rows(agreed.lineage),
        "undecided_m2": agreed.undecided_m2,
    }


def agreed_said(code: str, told: dict[str, Any]) -> list[str]:
    """Return what `agreed_report` tells as lines for a screen.

    Raises
    ------
    None
    """
    lines = [f"agreement {told['number']} of case {code}"]
    lines += [f"parcel {row['id']}  {row['party']}  {row['area_m2']:,.2f} m2" for row in told["parcels"]]
    lines += [
        f"{row['old'] or '-'} -> {row['new'] or '-'}  {row['kind']}  {row['area_m2']:,.2f} m2"
        for row in told["lineage"]
    ]
    left = told["undecided_m2"]
    return [*lines, *([f"{left:,.2f} m2 of disputed ground stay undecided"] if left else [])]


#: What a row of a timeline answers, as a screen says it.
_ANSWERS = {
    ("stood", "certain"): "stood already",
    ("stood", "possible"): "may have stood already",
    ("stood", "no"): "was not there yet",
    ("shows", "certain"): "shows that day",
    ("shows", "possible"): "may show that day",
    ("shows", "no"): "shows another day",
}


def _on_the_day(row: dict[str, Any]) -> str:
    told = _ANSWERS.get((row["question"], row["answer"]), "nobody knows of when it is")
    return f"  {row['part']} {row['number']}  {row['title']}  {row['date'] or 'undated'}: {told}"


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "withdrawn" if value else "stands"
    return "-" if value is None else str(value)


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows fit for JSON, without shapes."""
    bare = pd.DataFrame(table.drop(columns="geometry", errors="ignore")).astype(object)
    return [
        {str(name): None if _missing(value) else value for name, value in row.items()}
        for row in bare.to_dict("records")
    ]


def _missing(value: Any) -> bool:
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))
