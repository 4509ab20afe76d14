"""How a sheet ends: sources, evidence, what it cannot tell, and room to sign."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gridmap.disputes import Comparison
from gridmap.maps.sheet.flow import Column, Flow, heading, paragraph, table
from gridmap.maps.sheet.tables import columns, figure, records, section, text
from gridmap.maps.sheet.words import Voice

#: Digits of a hash that people compare by eye.
_DIGITS = 12
#: Least height of a row that is signed or sealed, in millimetres, and most of them that are kept on one page.
_SIGNED_MM, _TOGETHER = 11.0, 15


def sources(flow: Flow, known: pd.DataFrame, say: Voice) -> None:
    """Write the maps, pictures and surveys of a case, each with its date and how far it can be trusted.

    Raises
    ------
    Nothing
    """
    heads = columns(say, number=12, title_head=76, kind=26, date=40, accuracy_m=22, leave_one_out_m=24)
    rows = [
        (
            text(row.get("number", k)),
            text(row.get("title")),
            say.kind(text(row.get("kind"))),
            text(row.get("captured", row.get("date"))),
            figure(row.get("accuracy_m"), 3),
            figure(row.get("leave_one_out_m"), 3),
        )
        for k, row in enumerate(records(known), start=1)
    ]
    section(flow, say, "sources", heads, rows, "no_sources")


def evidence(flow: Flow, exhibits: pd.DataFrame | None, say: Voice) -> None:
    """Write the list of evidence, each exhibit by the first twelve digits of its hash.

    Raises
    ------
    Nothing
    """
    heads = columns(say, number=12, file=70, kind=24, party=34, date=26, sha256=34)
    rows = [
        (
            text(row.get("number", k)),
            text(row.get("file", row.get("title"))),
            say.kind(text(row.get("kind"))),
            text(row.get("party")),
            text(row.get("captured", row.get("date"))),
            text(row.get("sha256"))[:_DIGITS],
        )
        for k, row in enumerate(records(exhibits) if exhibits is not None else [], start=1)
    ]
    section(flow, say, "evidence", heads, rows, "no_evidence")


def reservations(flow: Flow, compared: Comparison, say: Voice) -> None:
    """Write what this sheet cannot tell: sources too coarse, accuracies taken for granted, warnings, texts cut.

    Raises
    ------
    Nothing
    """
    heading(flow, say.each("reservations"))
    said = [*_coarse(compared, say), *_taken_for_granted(compared, say)]
    for warning in compared.warnings:
        said += say.pick(str(warning["message_zh"]), str(warning["message"]))
    canvas = flow.canvas
    cut = list(dict.fromkeys(canvas.cut))
    if cut:
        said += [*say.each("cut_said", count=len(cut)), "; ".join(cut)]
    if canvas.strange:
        said += say.each("strange_said", codes=" ".join(sorted(canvas.strange)))
    every = list(dict.fromkeys(said)) or say.each("nothing_reserved")
    for each in every:
        paragraph(flow, f"· {each}")


def _coarse(compared: Comparison, say: Voice) -> list[str]:
    """Pairs of parties between whom the sources cannot decide."""
    rows = compared.lines[compared.lines["verdict"] == "cannot_decide"] if len(compared.lines) else compared.lines
    return [said for row in records(rows) for said in say.each("cannot_decide", a=row["a"], b=row["b"])]


def _taken_for_granted(compared: Comparison, say: Voice) -> list[str]:
    """Parties whose accuracy nobody states."""
    rows = compared.claims[compared.claims["assumed"]]
    return [
        said
        for row in records(rows)
        for said in say.each("assumed", party=row["party"], metres=f"{row['accuracy_m']:g}")
    ]


def signatures(flow: Flow, parties: Sequence[str], say: Voice) -> None:
    """Write the fields to sign: every party, the mediator, a witness, each with a date; all on one page.

    Raises
    ------
    Nothing
    """
    flow.need(24.0 + _SIGNED_MM * min(len(parties) + 2, _TOGETHER))
    heading(flow, say.each("signatures"), keep=30.0)
    for said in say.each("signed_said"):
        paragraph(flow, said)
    roles = [*((say.line("party"), party) for party in parties), (say.line("mediator"), ""), (say.line("witness"), "")]
    heads = [
        Column(head=column.head, share=column.share)
        for column in columns(say, role=24, label=52, agreed=28, signature=52, date=31)
    ]
    table(flow, heads, [(role, name, "", "", "") for role, name in roles], least=_SIGNED_MM)
