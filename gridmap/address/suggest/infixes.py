"""Which names hold a text, and where: all places of all names in order, so that none is looked through.

A suffix array (Manber and Myers, 1993) over a few thousand names; looking up costs two binary searches.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Places in names are told apart by so many characters; what is typed beyond them is compared once more.
_DEEP = 24

#: Names of one text that are put in order; a single character may stand in thousands.
_MOST = 400

_END = "\n"


class Hit(NamedTuple):
    """A name that holds a text."""

    #: position of the name in the list
    name: int
    #: which of its writings
    writing: int
    #: place in that writing where the text begins
    start: int


class Infixes:
    """Names in each of their writings, ready to be found by any part that begins where a part may begin.

    Parameters
    ----------
    writings
        Text, position of the name it stands for, and the places in the text where a part may begin. Names are given
        by their position in the order in which equal hits are answered.

    Examples
    --------
    >>> names = Infixes([("人民路", 0, range(3)), ("新人民路", 1, range(4))])
    >>> [hit.name for hit in names.holding("人民")], [hit.start for hit in names.holding("民路")]
    ([0, 1], [1, 2])
    """

    def __init__(self, writings: Iterable[tuple[str, int, Sequence[int]]]) -> None:
        texts: list[str] = []
        owners: list[int] = []
        places: list[int] = []
        which: list[int] = []
        length = 0
        for number, (text, owner, starts) in enumerate(writings):
            texts.append(text)
            owners.append(owner)
            places.extend(length + start for start in starts)
            which.extend([number] * len(starts))
            length += len(text) + len(_END)
        self._joined = joined = "".join(text + _END for text in texts)
        self._owner = _frozen(owners)
        self._begin = _frozen(np.cumsum([0, *(len(text) + len(_END) for text in texts)]))
        order = sorted(range(len(places)), key=lambda at: joined[places[at] : places[at] + _DEEP])
        self._places = [places[at] for at in order]
        self._which = _frozen([which[at] for at in order])
        self._start = _frozen(np.array(self._places, dtype=np.int64) - self._begin[self._which])

    def holding(self, text: str, among: NDArray[np.bool_] | None = None) -> Iterator[Hit]:
        """Return the names that hold a text: equal to it, then beginning with it, then holding it, each in their order.

        Parameters
        ----------
        text
            What is looked for; nothing holds an empty text.
        among
            For each name whether it counts; all do without it.
        """
        low, high = self._range(text) if text else (0, 0)
        which, start = self._which[low:high], self._start[low:high]
        names = self._owner[which]
        ending = self._begin[which + 1] - self._begin[which] - len(_END)
        order = names + len(self._owner) * np.where(start > 0, 2, ending > len(text))
        chosen = np.arange(low, high) if among is None else np.arange(low, high)[among[names]]
        return self._in_order(chosen, order[chosen - low])

    def _range(self, text: str) -> tuple[int, int]:
        """First and one past the last of the places at which a text stands."""
        joined, size = self._joined, min(len(text), _DEEP)
        low = bisect_left(self._places, text[:size], key=lambda place: joined[place : place + size])
        high = bisect_right(self._places, text[:size], lo=low, key=lambda place: joined[place : place + size])
        if size < len(text):
            while low < high and not joined.startswith(text, self._places[low]):
                low += 1
            high = next((at for at in range(low, high) if not joined.startswith(text, self._places[at])), high)
        return low, high

    def _in_order(self, chosen: NDArray[np.intp], order: NDArray[np.int64]) -> Iterator[Hit]:
        """The first of the chosen places of each name."""
        if len(chosen) > _MOST:
            first = np.argpartition(order, _MOST)[:_MOST]
            chosen, order = chosen[first], order[first]
        seen = set()
        for at in chosen[np.argsort(order, kind="stable")].tolist():
            which = int(self._which[at])
            name = int(self._owner[which])
            if name not in seen:
                seen.add(name)
                yield Hit(name, which, int(self._start[at]))


def _frozen(values: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """An array that cannot be changed."""
    made = np.array(values, dtype=np.int64)
    made.setflags(write=False)
    return made
