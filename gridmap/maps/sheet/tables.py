"""Tables of a sheet by the words of their heads: what stands in a cell, and what is said where there is no row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gridmap.maps.sheet.flow import Band, Column, Flow, Place, heading, paragraph, table
from gridmap.maps.sheet.words import Voice

#: Most rows of a table; the files of a case hold the rest.
_MOST_ROWS = 200
#: Room for a heading with its table's head and first rows, in millimetres; with a note between them.
_PLAIN, _NOTED = 20.0, 40.0
#: Heads whose columns hold figures.
_FIGURES = frozenset(
    {"planar_m2", "planar_mu", "ellipsoidal_m2", "error_m2", "gain_m2", "gain_mu", "loss_m2", "loss_mu", "net_m2"}
    | {"mean_offset_m", "p95_m", "hausdorff_m", "tolerance_m", "cut_share", "distance_m", "x_north", "y_east"}
    | {"next_m", "off_m", "accuracy_m", "leave_one_out_m", "contested_m2", "contested_mu", "gap_m2", "at_scale", "leaf"}
    | {"gain_both", "loss_both", "net_both", "contested_both"}
)


def columns(say: Voice, **shares: float) -> list[Column]:
    """Return columns by the words of their heads, each of its share of the width.

    Raises
    ------
    Nothing
    """
    return [Column(head=say.each(key), share=share, figures=key in _FIGURES) for key, share in shares.items()]


def section(  # noqa: PLR0913 - a table's parts
    flow: Flow,
    say: Voice,
    key: str,
    heads: Sequence[Column],
    rows: Sequence[Sequence[object] | Band],
    empty: str,
    *,
    note: str = "",
) -> list[Place]:
    """Write a heading with a note and its table, or that there is nothing to tell; and return where its rows stand.

    Raises
    ------
    Nothing
    """
    heading(flow, say.each(key), keep=_NOTED if note and rows else _PLAIN)
    if not rows:
        for text in say.each(empty):
            paragraph(flow, text)
        return []
    for said in say.each(note) if note else ():
        paragraph(flow, said)
    places = table(flow, heads, rows[:_MOST_ROWS])
    if len(rows) > _MOST_ROWS:
        paragraph(flow, say.line("more_rows", count=len(rows) - _MOST_ROWS))
    return places


def figure(value: float | None, places: int = 2) -> str:
    """Return a figure with so many decimals; a dash where there is none, and no nought with a sign.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> figure(-0.004), figure(1234.5), figure(float("nan")), figure(None)
    ('0.00', '1,234.50', '–', '–')
    """
    if value is None or np.isnan(value):
        return "–"
    return f"{round(float(value), places) + 0.0:,.{places}f}"


def text(value: object) -> str:
    """Return a text; nothing where it is missing.

    Raises
    ------
    Nothing
    """
    return "" if value is None or value is pd.NA or value != value else str(value)  # noqa: PLR0124 - nan


def records(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return rows by the names of their columns.

    Raises
    ------
    Nothing
    """
    bare = pd.DataFrame(rows)
    values = zip(*(bare[name].tolist() for name in bare.columns), strict=True)
    return [dict(zip(bare.columns, row, strict=True)) for row in values]
