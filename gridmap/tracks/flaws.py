"""What is wrong with fixes: code, message, rows and post, as a row of the table of faults."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

#: Columns of the table of faults.
FAULTS = ("code", "message", "rows", "post")
#: Columns of the table of what is held for review.
HELD = ("post", "shift", "reason", "message")


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """One thing that is wrong with fixes."""

    #: a short stable word, for programs
    code: str
    #: what was given, what was expected, what to do
    message: str
    #: rows of the table that was given, from 0
    rows: tuple[int, ...] = ()
    #: code of the post; blank where it is no one post's
    post: str = ""
    #: label of the shift; blank where it is no one shift's
    shift: str = ""
    #: whether the post or shift is held for review
    held: bool = False


def rows_of(mask: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    """Rows where a mask is true."""
    return tuple(np.flatnonzero(mask).tolist())


def faults_table(flaws: Iterable[Flaw]) -> pd.DataFrame:
    """The table code, message, rows, post."""
    cells = [(flaw.code, flaw.message, flaw.rows, flaw.post) for flaw in flaws]
    return _table(cells, FAULTS)


def held_table(flaws: Iterable[Flaw]) -> pd.DataFrame:
    """The table post, shift, reason, message of what is held for review."""
    cells = [(flaw.post, flaw.shift, flaw.code, flaw.message) for flaw in flaws if flaw.held]
    return _table(cells, HELD)


def _table(cells: Sequence[tuple[object, ...]], names: Sequence[str]) -> pd.DataFrame:
    """Rows as a table; text stays text where there are no rows."""
    table = pd.DataFrame(list(cells), columns=list(names))
    return table.astype({name: "object" if name == "rows" else "str" for name in names})
