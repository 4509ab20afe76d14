"""What a sheet tells of a comparison: areas, the ledger of each candidate, the parties' lines, what stands between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from gridmap.disputes import Comparison, mu
from gridmap.maps.sheet.flow import Band, Flow, Place
from gridmap.maps.sheet.tables import columns, figure, records, section, text
from gridmap.maps.sheet.words import Voice

#: A net gain of at most so many standard errors is none.
_WITHIN = 2.0


def disputes(
    flow: Flow, parts: Sequence[Comparison], names: Sequence[str], scales: Sequence[float], say: Voice
) -> list[Place]:
    """Write which disputes there are; where the number of the page of each is still to be written.

    Raises
    ------
    Nothing
    """
    wide = {
        "dispute": 22,
        "between": 72,
        "contested_m2": 26,
        "contested_mu": 20,
        "gap_m2": 22,
        "at_scale": 24,
        "leaf": 14,
    }
    beside = {"dispute": 17, "between": 34, "contested_both": 20, "at_scale": 16, "leaf": 10}
    heads = columns(say, **beside if flow.narrow else wide)
    rows = []
    for part, name, scale in zip(parts, names, scales, strict=True):
        contested, gap = (float(cells["area_m2"].sum()) for cells in (part.contested, part.gaps))
        between = " | ".join(part.claims["party"].astype(str))
        area = figure(contested), figure(mu(contested), 4)
        ground = (area,) if flow.narrow else (*area, figure(gap))
        rows.append((name, between, *ground, f"1:{scale:g}", ""))
    return section(flow, say, "disputes", heads, rows, "no_dispute")


def areas(flow: Flow, compared: Comparison, say: Voice) -> None:
    """Write the areas of claims, contested ground and gaps with their errors.

    Raises
    ------
    Nothing
    """
    named = {"claim": "claim", "contested": "contested_cell", "gap": "gap_cell"}
    heads = columns(say, what=26, name=50, planar_m2=26, planar_mu=20, ellipsoidal_m2=26, error_m2=20)
    rows = [
        (
            say.line(named[row["what"]]),
            row["name"],
            figure(row["planar_m2"]),
            figure(row["planar_mu"], 4),
            figure(row["ellipsoidal_m2"]),
            figure(row["error_m2"]),
        )
        for row in records(compared.areas)
    ]
    section(flow, say, "areas", heads, rows, "no_areas")


def ledger(flow: Flow, compared: Comparison, say: Voice) -> None:
    """Write what each candidate gives and takes, and whether that is more than error.

    Raises
    ------
    Nothing
    """
    wide = {"gain_m2": 22, "gain_mu": 17, "loss_m2": 22, "loss_mu": 17, "net_m2": 22, "error_m2": 19, "verdict": 24}
    beside = {"gain_both": 19, "loss_both": 19, "net_both": 20, "verdict": 20}
    heads = columns(say, **{"party": 24} | beside if flow.narrow else {"party": 44} | wide)
    rows: list[Sequence[object] | Band] = []
    for head, own in _by_candidate(compared, compared.ledger, say, status=True):
        rows.append(head)
        rows += [_booked(row, say, beside=flow.narrow) for row in records(own)]
    section(flow, say, "ledger", heads, rows, "no_candidate", note="errors_said")


def _booked(row: dict[Any, Any], say: Voice, *, beside: bool) -> Sequence[object]:
    """A row of the ledger; of one beside a map, m2 and mu stand below each other."""
    gain, loss = ((figure(row[f"{name}_m2"]), figure(row[f"{name}_mu"], 4)) for name in ("gain", "loss"))
    net = figure(row["net_m2"]), f"± {figure(row['error_m2'])}"
    verdict = _verdict(row, say)
    return (row["party"], gain, loss, net, verdict) if beside else (row["party"], *gain, *loss, *net, verdict)


def _by_candidate(
    compared: Comparison, table: pd.DataFrame, say: Voice, *, status: bool = False
) -> list[tuple[Band, pd.DataFrame]]:
    """The rows of each candidate under its name; those of none under no candidate."""
    of = table["candidate"].astype(object).where(table["candidate"].notna(), "").astype(str)
    found = []
    for row in records(compared.candidates):
        name = f"{say.line('candidate')} {row['number']}: {titled(row)}"
        said = f"{name}    {say.line(row['status'])}" if status else name
        own = table[of == str(row["id"])]
        if status or len(own):
            found.append((Band(said=said), own))
    rest = table[~of.isin(compared.candidates["id"].astype(str))]
    return [*found, (Band(said=""), rest)] if len(rest) else found


def titled(row: dict[Any, Any]) -> str:
    """Return the name of a candidate, and where it comes from unless its name says so.

    Raises
    ------
    Nothing
    """
    name, source = str(row["id"]), text(row["source"])
    return name if source in name else f"{name} ({source})"


def _verdict(row: dict[Any, Any], say: Voice) -> str:
    """Whether a party's net gain could be error alone."""
    moved = row["gain_m2"] > 0 or row["loss_m2"] > 0
    return say.line("within_error") if moved and abs(row["net_m2"]) <= _WITHIN * row["error_m2"] else ""


def lines(flow: Flow, compared: Comparison, say: Voice) -> None:
    """Write how far the parties' lines lie apart, and whether that is more than survey error, in words.

    Raises
    ------
    Nothing
    """
    heads = columns(say, between=36, mean_offset_m=20, p95_m=19, hausdorff_m=16, tolerance_m=17, verdict=79)
    rows = [
        (
            f"{row['a']} | {row['b']}",
            (figure(row["mean_offset_m"], 3), f"± {figure(row['mean_offset_error_m'], 3)}"),
            figure(row["p95_m"], 3),
            figure(row["hausdorff_m"], 3),
            figure(row["tolerance_m"], 3),
            "; ".join(say.pick(row["said_zh"], row["said"])),
        )
        for row in records(compared.lines)
    ]
    section(flow, say, "lines", heads, rows, "no_lines")


def objects(flow: Flow, compared: Comparison, say: Voice) -> None:
    """Write what stands in the disputed ground, and what each candidate does to it.

    Raises
    ------
    Nothing
    """
    heads = columns(say, name=50, kind=32, side=58, cut_share=22, distance_m=25)
    rows: list[Sequence[object] | Band] = []
    for head, own in _by_candidate(compared, compared.objects, say):
        rows += [head] if head.said else []
        rows += [
            (row["id"], say.kind(row["kind"]), text(row["side"]), _cut(row, say), figure(row["distance_m"]))
            for row in records(own)
        ]
    section(flow, say, "objects", heads, rows, "no_objects")


def _cut(row: dict[Any, Any], say: Voice) -> str:
    """The share of an object that a candidate cuts off; of a tree or a well, whether it stands on the line."""
    if row["geometry"].geom_type in {"Point", "MultiPoint"}:
        return say.line("on_line") if row["distance_m"] == 0 else "–"
    return f"{row['cut_share']:.0%}" if row["cut_share"] > 0 else "–"
