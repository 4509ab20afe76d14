"""What areas are called in what is refused: people know areas by their names, not by their codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gridmap.errors import GridmapError
from gridmap.service.plans_drafts import Draft


def names_of(draft: Draft) -> dict[str, str]:
    """Return what the areas of a draft are called, by code; those without a name are left out.

    Raises
    ------
    None
    """
    return {
        str(code): str(name)
        for table in (draft.upper, draft.leaves)
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
