"""Names as they sound: in full pinyin, and by the first letters of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice, product

from gridmap.address.likeness import readings

#: Ways to say a name that are kept where characters have several readings: 长 and 重 in one name make four.
_READINGS = 4


def spelled(names: Iterable[str]) -> Iterator[tuple[str, int, Sequence[int]]]:
    """Return each name as it sounds and by its first letters, its position, and where in that its characters begin.

    Examples
    --------
    >>> list(spelled(["人民"]))
    [('RENMIN', 0, [0, 3]), ('RM', 0, range(0, 2))]
    """
    for at, name in enumerate(names):
        sounds = [readings(char)[:_READINGS] or (char,) for char in name]
        ways = list(islice(product(*sounds), _READINGS))
        for way in ways:
            lengths = [len(syllable) for syllable in way]
            yield "".join(way).upper(), at, [0, *accumulate(lengths[:-1])]
        for initials in dict.fromkeys("".join(syllable[0] for syllable in way).upper() for way in ways):
            yield initials, at, range(len(initials))
