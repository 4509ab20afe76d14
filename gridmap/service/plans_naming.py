"""What areas are called in what is refused: people know areas by their names, not by their codes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pandas as pd

from gridmap.errors import GridmapError
from gridmap.service.plans_drafts import Draft


def names_of(draft: Draft, codes: Collection[str] | None = None) -> dict[str, str]:
    """Return what areas of a draft are called, by code: those of some codes, or all; who has no name is left out.

    Raises
    ------
    None
    """
    tables = [pd.DataFrame(table[["code", "name"]]) for table in (draft.upper, draft.leaves)]
    if codes is not None:
        tables = [table[table["code"].isin(list(codes))] for table in tables]
    return {
        str(code): str(name)
        for table in tables
        for code, name in zip(table["code"], table["name"], strict=True)
        if isinstance(name, str) and name
    }


@contextmanager
def named(draft: Draft) -> Iterator[None]:
    """Have whatever is refused meanwhile know what the areas of a draft are called.

    Raises
    ------
    GridmapError
        Whatever is refused.
    """
    try:
        yield
    except GridmapError as error:
        error.names = names_of(draft)
        raise
