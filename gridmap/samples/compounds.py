"""Compounds of the sample town: where their gates are and what they are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gridmap.samples import blocks, names
from gridmap.samples.areas import Nest
from gridmap.samples.buildings import EAST, NORTH, SOUTH, WEST
from gridmap.samples.ground import Ints
from gridmap.samples.streets import PRIMARY, RESIDENTIAL, Plan, Span


@dataclass(frozen=True, kw_only=True)
class Gates:
    """Gates of compounds; one entry per block in each array."""

    #: row and column of the gate's plot
    row: Ints
    column: Ints
    #: side of the plot, -1 where the block needs no gate or touches no named street
    side: Ints
    #: name of the compound, empty where there is none
    name: list[str]


def gates(rng: np.random.Generator, plan: Plan, use: Ints, nest: Nest) -> Gates:
    """A gate for every compound, on the widest street beside it, and its name."""
    words = names.compounds(rng)
    named: dict[str, int] = {}
    rows = [(0, 0, -1)] * len(use)
    titles = [""] * len(use)
    for block in np.flatnonzero(np.isin(use, blocks.COMPOUND)):
        rows[block] = _gate(plan, plan.spans[block])
        place = nest.names["community"][nest.labels["community"][rows[block][:2]]]
        titles[block] = _title(rng, int(use[block]), place, words, named)
    row, column, side = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Gates(row=row, column=column, side=side, name=titles)


def _title(rng: np.random.Generator, use: int, place: str, words: Iterator[str], named: dict[str, int]) -> str:
    """The name of a compound: a public one is called after its community, and counted."""
    if use in (blocks.SLABS, blocks.TOWERS):
        return next(words)
    endings = names.PUBLIC if use == blocks.PUBLIC else [("works", word) for word in names.WORKS]
    ending = endings[int(rng.random() * len(endings))][1]
    stem = place.removesuffix("社区").removesuffix("村")
    named[stem + ending] = serial = named.get(stem + ending, 0) + 1
    return f"{stem}{ending}" if serial == 1 else f"{stem}第{_chinese(serial)}{ending}"


def _chinese(number: int) -> str:
    """A whole number below 100 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    digits = " 一二三四五六七八九"
    return ((digits[tens] if tens > 1 else "") + "十" if tens else "") + (digits[ones] if ones else "")


def _gate(plan: Plan, span: Span) -> tuple[int, int, int]:
    """Plot and side of a block's gate: the middle of its side on the widest street."""
    south, west, north, east = span
    middle_row, middle_column = (south + north) // 2, (west + east) // 2
    choices = [
        (plan.across[south, middle_column], south, middle_column, SOUTH),
        (plan.up[middle_row, east], middle_row, east - 1, EAST),
        (plan.across[north, middle_column], north - 1, middle_column, NORTH),
        (plan.up[middle_row, west], middle_row, west, WEST),
    ]
    open_ = [choice for choice in choices if RESIDENTIAL <= choice[0] <= PRIMARY]
    if not open_:
        return middle_row, middle_column, -1
    _, row, column, side = max(open_, key=lambda choice: choice[0])
    return row, column, side
