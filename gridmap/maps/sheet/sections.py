"""The tables and texts of a sheet, each a section that flows where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridmap.disputes import Comparison
from gridmap.disputes.walk import walk
from gridmap.maps.sheet.flow import Column, Flow, heading, paragraph, table
from gridmap.maps.sheet.scene import Scene
from gridmap.maps.sheet.words import Voice

#: Most rows of objects, and of areas; the files of a case hold the rest.
_MOST_ROWS = 200
#: So few points stand in one table.
_FEW_ROWS = 8
#: A net gain of at most so many standard errors is none.
_WITHIN = 2.0


def areas(flow: Flow, compared: Comparison, say: Voice) -> None:
    """Write the areas of claims, contested ground and gaps with their errors.

    Raises
    ------
    Nothing
    """
    named = {"claim": "claim", "contested": "contested_cell", "gap": "gap_cell"}
    columns = _columns(say, what=16, name=40, planar_m2=26, planar_mu=20, ellipsoidal_m2=26, error_m2=20)
    rows = [
        (
            say.line(named[row["what"]]),
            row["name"],
            _figure(row["planar_m2"]),
            _figure(row["planar_mu"], 4),
            _figure(row["ellipsoidal_m2"]),
            _figure(row["error_m2"]),
        )
        for row in _rows(compared.areas)
    ]
    _section(flow, say, "areas", columns, rows)


def ledger(flow: Flow, compared: Comparison, say: Voice) -> None:
    """Write what each candidate gives and takes, and whether that is more than error.

    Raises
    ------
    Nothing
    """
    status = dict(zip(compared.candidates["id"].astype(str), compared.candidates["status"], strict=True))
    columns = _columns(
        say, proposal=24, party=28, gain_m2=20, gain_mu=16, loss_m2=20, loss_mu=16, net_m2=20, error_m2=18, verdict=25
    )
    rows = [
        (
            row["candidate"],
            row["party"],
            _figure(row["gain_m2"]),
            _figure(row["gain_mu"], 4),
            _figure(row["loss_m2"]),
            _figure(row["loss_mu"], 4),
            _figure(row["net_m2"]),
            f"± {_figure(row['error_m2'])}",
            _verdict(row, status[str(row["candidate"])], say),
        )
        for row in _rows(compared.ledger)
    ]
    _section(flow, say, "ledger", columns, rows, "no_candidate")
    for text in say.each("errors_said") if rows else ():
        paragraph(flow, text)


def _verdict(row: dict[Any, Any], status: str, say: Voice) -> str:
    """What a candidate settles, and whether a party's net gain could be error alone."""
    said = say.line(status)
    within = abs(row["net_m2"]) <= _WITHIN * row["error_m2"]
    return f"{said}; {say.line('within_error')}" if within and status in {"settles", "partly"} else said


def lines(flow: Flow, compared: Comparison, say: Voice) -> None:
    """Write how far the parties' lines lie apart, and whether that is more than survey error, in words.

    Raises
    ------
    Nothing
    """
    columns = _columns(say, between=40, mean_offset_m=18, p95_m=18, hausdorff_m=18, tolerance_m=18, verdict=75)
    rows = [
        (
            f"{row['a']} | {row['b']}",
            _figure(row["mean_offset_m"], 3),
            _figure(row["p95_m"], 3),
            _figure(row["hausdorff_m"], 3),
            _figure(row["tolerance_m"], 3),
            "; ".join(say.pick(row["said_zh"], row["said"])),
        )
        for row in _rows(compared.lines)
    ]
    _section(flow, say, "lines", columns, rows, "no_lines")


def objects(flow: Flow, compared: Comparison, say: Voice) -> None:
    """Write what stands in the disputed ground, and what each candidate does to it.

    Raises
    ------
    Nothing
    """
    columns = _columns(say, proposal=36, name=40, kind=26, side=44, cut_share=18, distance_m=20)
    rows = [
        (
            _text(row["candidate"]),
            row["id"],
            say.line("built") if row["kind"] == "building" else row["kind"],
            _text(row["side"]),
            _cut(row, say),
            _figure(row["distance_m"]),
        )
        for row in _rows(compared.objects)
    ]
    _section(flow, say, "objects", columns, rows, "no_objects")


def _cut(row: dict[Any, Any], say: Voice) -> str:
    """The share of an object that a candidate cuts off; of a tree or a well, whether it stands on the line."""
    if row["geometry"].geom_type in {"Point", "MultiPoint"}:
        return say.line("on_line") if row["distance_m"] == 0 else "–"
    return f"{row['cut_share']:.0%}" if row["cut_share"] > 0 else "–"


def points(flow: Flow, shown: Scene, say: Voice) -> None:
    """Write the boundary points of each candidate: X is north, Y is east, and the distance to the next.

    Raises
    ------
    Nothing
    """
    columns = _columns(say, point_name=16, x_north=28, y_east=28, distance_m=20)
    for k, line in enumerate(shown.candidates, start=1):
        heading(flow, [*say.each("points"), f"{say.line('candidate')} {k}: {line.name}"])
        own = shown.points[shown.points["candidate"] == k]
        rows = [
            (row["name"], f"{row['x_north']:.3f}", f"{row['y_east']:.3f}", _figure(row["distance_m"], 3))
            for row in _rows(own)
        ]
        table(flow, columns, rows, blocks=2 if len(rows) > _FEW_ROWS else 1)


def walks(flow: Flow, shown: Scene, say: Voice) -> None:
    """Write the walk of each candidate in words, in sixteen directions from true north.

    Raises
    ------
    CrsError
        As `gridmap.disputes.walk`.
    """
    if not shown.candidates:
        return
    heading(flow, say.each("walk"))
    for k, line in enumerate(shown.candidates, start=1):
        for lang in say.langs:
            one = Voice(langs=(lang,))
            paragraph(flow, one.line("walk_of", n=k, name=line.name) + _walked(shown, k, one))
    paragraph(flow, say.line("walk_note"))


def _walked(shown: Scene, candidate: int, one: Voice) -> str:
    """The walk of one candidate in one language, part after part."""
    parts = shown.points[shown.points["candidate"] == candidate].groupby("part", sort=True)
    way = "direction_zh" if one.langs == ("zh",) else "direction"
    comma, stop = ("，", "。") if one.langs == ("zh",) else (", ", ".")
    told = []
    for _, part in parts:
        names = part["name"].tolist()
        steps = walk(_line(part), shown.system, names=names)
        said = [
            one.line("walk_step", way=step[way], metres=f"{step['distance_m']:.2f}", point=step["to"])
            for step in _rows(steps)
        ]
        told.append(one.line("walk_begin", point=names[0]) + comma.join(said) + stop)
    return " ".join(told)


def _line(part: pd.DataFrame) -> Any:
    """The line through points of a table."""
    return shapely.linestrings(part[["y_east", "x_north"]].to_numpy())


def posts(flow: Flow, table_of: pd.DataFrame, say: Voice) -> None:
    """Write the posts along a line, as `gridmap.disputes.post_table` tells them.

    Raises
    ------
    Nothing
    """
    columns = _columns(say, post=24, kind=24, x_north=34, y_east=34, next_m=28, off_m=28)
    rows = [
        (
            row["post"],
            " ".join(say.pick(row["kind_zh"], row["kind"])),
            f"{row['x_north']:.3f}",
            f"{row['y_east']:.3f}",
            _figure(row["next_m"]),
            _figure(row["off_m"]),
        )
        for row in _rows(table_of)
    ]
    _section(flow, say, "posts", columns, rows)


def sources(flow: Flow, known: pd.DataFrame, say: Voice) -> None:
    """Write the maps, pictures and surveys of a case, each with its date and how far it can be trusted.

    Raises
    ------
    Nothing
    """
    columns = _columns(say, number=12, title_head=76, kind=26, date=40, accuracy_m=22, leave_one_out_m=24)
    rows = [
        (
            _text(row.get("number", k)),
            _text(row.get("title")),
            _text(row.get("kind")),
            _text(row.get("captured", row.get("date"))),
            _figure(row.get("accuracy_m"), 3),
            _figure(row.get("leave_one_out_m"), 3),
        )
        for k, row in enumerate(_rows(known), start=1)
    ]
    _section(flow, say, "sources", columns, rows)


def evidence(flow: Flow, exhibits: pd.DataFrame | None, say: Voice) -> None:
    """Write the list of evidence, each exhibit by the first twelve digits of its hash.

    Raises
    ------
    Nothing
    """
    columns = _columns(say, number=12, file=70, kind=24, party=34, date=26, sha256=34)
    rows = [
        (
            _text(row.get("number", k)),
            _text(row.get("file", row.get("title"))),
            _text(row.get("kind")),
            _text(row.get("party")),
            _text(row.get("captured", row.get("date"))),
            _text(row.get("sha256"))[:12],
        )
        for k, row in enumerate(_rows(exhibits) if exhibits is not None else [], start=1)
    ]
    _section(flow, say, "evidence", columns, rows, "no_evidence")


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
    for text in every:
        paragraph(flow, f"· {text}")


def _coarse(compared: Comparison, say: Voice) -> list[str]:
    """Pairs of parties between whom the sources cannot decide."""
    rows = compared.lines[compared.lines["verdict"] == "cannot_decide"] if len(compared.lines) else compared.lines
    return [text for row in _rows(rows) for text in say.each("cannot_decide", a=row["a"], b=row["b"])]


def _taken_for_granted(compared: Comparison, say: Voice) -> list[str]:
    """Parties whose accuracy nobody states."""
    rows = compared.claims[compared.claims["assumed"]]
    return [
        text for row in _rows(rows) for text in say.each("assumed", party=row["party"], metres=f"{row['accuracy_m']:g}")
    ]


def signatures(flow: Flow, parties: Sequence[str], say: Voice) -> None:
    """Write the fields to sign: every party, the mediator, a witness, each with a date; all on one page.

    Raises
    ------
    Nothing
    """
    row = 11.0
    flow.need(24.0 + row * min(len(parties) + 2, 15))
    heading(flow, say.each("signatures"), keep=30.0)
    for text in say.each("signed_said"):
        paragraph(flow, text)
    roles = [*((say.line("party"), party) for party in parties), (say.line("mediator"), ""), (say.line("witness"), "")]
    columns = _columns(say, role=24, label=62, signature=62, date=38)
    columns = [Column(head=column.head, share=column.share) for column in columns]
    table(flow, columns, [(role, name, "", "") for role, name in roles], least=row)


#: Heads whose columns hold figures.
_FIGURES = frozenset(
    {"planar_m2", "planar_mu", "ellipsoidal_m2", "error_m2", "gain_m2", "gain_mu", "loss_m2", "loss_mu", "net_m2"}
    | {"mean_offset_m", "p95_m", "hausdorff_m", "tolerance_m", "cut_share", "distance_m", "x_north", "y_east"}
    | {"next_m", "off_m", "accuracy_m", "leave_one_out_m"}
)


def _columns(say: Voice, **shares: float) -> list[Column]:
    """Columns by the words of their heads."""
    return [Column(head=say.each(key), share=share, figures=key in _FIGURES) for key, share in shares.items()]


def _section(
    flow: Flow,
    say: Voice,
    key: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
    empty: str = "nothing_reserved",
) -> None:
    """A heading with its table, or with the sentence that there is nothing to tell."""
    heading(flow, say.each(key))
    if not rows:
        for text in say.each(empty):
            paragraph(flow, text)
        return
    table(flow, columns, rows[:_MOST_ROWS])
    if len(rows) > _MOST_ROWS:
        paragraph(flow, say.line("more_rows", count=len(rows) - _MOST_ROWS))


def _figure(value: float | None, places: int = 2) -> str:
    """A figure with so many decimals; a dash where there is none, and no nought with a sign."""
    if value is None or np.isnan(value):
        return "–"
    return f"{round(float(value), places) + 0.0:,.{places}f}"


def _text(value: object) -> str:
    """A text; nothing where it is missing."""
    return "" if value is None or value is pd.NA or value != value else str(value)  # noqa: PLR0124 - nan


def _rows(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    """Rows by the names of their columns."""
    return list(rows.to_dict("records"))
