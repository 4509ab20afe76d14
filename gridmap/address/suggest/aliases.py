"""What people call places, ready to be found by what was typed of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from gridmap.address.suggest.infixes import Infixes
from gridmap.address.suggest.spelling import spelled
from gridmap.address.tables import missing
from gridmap.address.writing import plain


class Alias(NamedTuple):
    """What people call a place."""

    #: as it is compared
    plain: str
    #: as it is written
    written: str
    #: what is meant: the text of an address, or the name of a road, a compound or a division
    means: str


class Called(NamedTuple):
    """An alias that was hit, and which of its characters."""

    alias: Alias
    start: int
    end: int

    @property
    def is_whole(self) -> bool:
        """Whether all of it was typed."""
        return self.end - self.start == len(self.alias.plain)


class Aliases:
    """Aliases, ready to be found by any part of them, written or in pinyin. Unchangeable.

    Parameters
    ----------
    table
        Columns alias and means; rows that lack either are passed over. None: there are none.

    Examples
    --------
    >>> aliases = Aliases(pd.DataFrame({"alias": ["南大街大润发"], "means": ["人民路5号"]}))
    >>> [(hit.alias.means, hit.start, hit.end) for typed in ("大润发", "DRF", "人民") for hit in aliases.holding(typed)]
    [('人民路5号', 3, 6), ('人民路5号', 3, 6)]
    """

    def __init__(self, table: pd.DataFrame | None) -> None:
        rows = () if table is None else zip(table["alias"].tolist(), table["means"].tolist(), strict=True)
        told = {plain(alias): (alias, means) for alias, means in rows if not missing(alias) and not missing(means)}
        self._aliases = tuple(sorted(Alias(key, *pair) for key, pair in told.items() if key))
        self._written = Infixes((alias.plain, at, range(len(alias.plain))) for at, alias in enumerate(self._aliases))
        sounds = list(spelled(alias.plain for alias in self._aliases))
        #: for each spelling the place of each of its characters in the letters
        self._syllables = [starts for _, _, starts in sounds]
        self._sounds = Infixes(sounds)

    def holding(self, typed: str) -> Iterator[Called]:
        """Return the aliases that hold a plainly written text, else those that it spells.

        Those that equal it come first, then those that begin with it, then those that hold it.
        """
        some = False
        for hit in self._written.holding(typed):
            some = True
            yield Called(self._aliases[hit.name], hit.start, hit.start + len(typed))
        for hit in () if some else self._sounds.holding(typed):
            starts = self._syllables[hit.writing]
            yield Called(
                self._aliases[hit.name], bisect_left(starts, hit.start), bisect_left(starts, hit.start + len(typed))
            )
