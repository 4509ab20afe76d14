"""Names that differ by one slip of hand or ear: which are meant by a name that does not exist."""

from __future__ import annotations

import csv
from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from gridmap.resources import shipped

#: What a slip costs: the share of what a character says that is lost by taking it for another, from 0 to 1. Sound goes
#: before shape, for of wrong characters in simplified texts some 83 % sound like the right ones and 48 % look like them
#: (C.-L. Liu and others, COLING 2010). A swap keeps every character but not its place; one missing or too many is lost
#: or made up; any other character says nothing of the name that is meant, or that another one is.
COSTS = {"homophone": 0.1, "shape": 0.3, "swap": 0.4, "drop": 0.5, "insert": 0.5, "faint": 0.6, "other": 1.0}

#: What each merged initial or final adds to the cost of a homophone: two merged still cost less than another shape.
MERGED = 0.08

#: Shorter names are told by each of their characters: they are only misheard or misread, those of one not even that.
SHORTEST = 3
_LEAST = 2

#: Names remembered with what they may mean: some 2 MB when full.
REMEMBERED = 4096

#: Buckets per entry of the index, so that most of what is looked up in vain meets an empty one.
_ROOM = 4

#: Initials and finals that are not told apart on the telephone, nor by speakers of many dialects.
_INITIALS = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "r": "l"}
_FINALS = {"ang": "an", "eng": "en", "ing": "in", "iang": "ian", "uang": "uan"}
#: Where h is spoken as f, the u after it is lost: 湖 as 福, 黄 as 方.
_H_AS_F = {"u": "u", "ua": "a", "uan": "an", "uang": "ang", "ui": "ei", "un": "en"}

#: Tell one name from its neighbour: 三村 is not 二村 misheard.
_NUMERALS = frozenset("0123456789零〇一二三四五六七八九十百千两廿卅")
#: Tell one stretch of a road, or one part of a compound, from the next.
_TELLING = frozenset("东西南北中上下前后左右内外新老旧大小")


@dataclass(frozen=True, kw_only=True, slots=True)
class Slip:
    """How one name could have become another."""

    #: homophone, shape, swap (two neighbours exchanged), drop (one is missing), insert (one too many), faint (another
    #: that looks a little alike) or other
    kind: str
    #: 0 to 1, small where likely
    cost: float


class _Character(NamedTuple):
    """What a character may be taken for."""

    sounds: tuple[str, ...]
    shapes: frozenset[str]
    #: what looks a little like it
    faint: frozenset[str]


class _Heard(NamedTuple):
    """A syllable as it may be heard, and how many initials were merged to hear it so."""

    initial: str
    final: str
    mergers: int


_NOTHING = _Character((), frozenset(), frozenset())
#: Slips of names that are too short for them.
_UNLIKELY = frozenset({"faint", "other"})
_SLIPS = {kind: Slip(kind=kind, cost=cost) for kind, cost in COSTS.items()}
_MISHEARD = tuple(Slip(kind="homophone", cost=round(COSTS["homophone"] + merged * MERGED, 2)) for merged in range(3))


def readings(char: str) -> tuple[str, ...]:
    """Return how a character sounds: its toneless syllables, the customary one first.

    Parameters
    ----------
    char
        One character.

    Returns
    -------
    tuple of str
        Syllables as they are typed (ü is v), after the dictionary of the 8,105 common characters of 2013; empty for
        any other character.

    Raises
    ------
    None

    Examples
    --------
    >>> readings("重"), readings("女"), readings("A")
    (('zhong', 'chong'), ('nv',), ())
    """
    return _characters().get(char, _NOTHING).sounds


@lru_cache(maxsize=4096)
def sound(text: str) -> str:
    """Return how a text sounds: a toneless syllable for each character, parted by spaces.

    Parameters
    ----------
    text
        A text in simplified characters. Whatever has no reading stands for itself.

    Returns
    -------
    str
        The customary reading of each character; `readings` has them all.

    Raises
    ------
    None

    Examples
    --------
    >>> sound("崇川区A座")
    'chong chuan qu A zuo'
    """
    return " ".join((readings(char) or (char,))[0] for char in text)


def slip(given: str, meant: str) -> Slip | None:
    """Return the one slip by which a name became what was given.

    Two names are one slip apart if one character was replaced, two neighbours were exchanged, or one was left out or
    added. Of names of two characters one is only misheard or misread, of one none. Numerals and letters are
    never mistaken for each other, left out or added; to leave out or add a word such as 东 or 新, which tells two names
    apart, is ``other``.

    Parameters
    ----------
    given
        The name as it was written or heard.
    meant
        The name that may be meant.

    Returns
    -------
    Slip or None
        None where they are the same, or farther apart.

    Raises
    ------
    None

    Examples
    --------
    >>> slip("人名路", "人民路")
    Slip(kind='homophone', cost=0.18)
    >>> slip("人民路", "人民北路").kind, slip("学田二村", "学田三村"), slip("民人路", "人民路").kind
    ('other', None, 'swap')
    """
    longer = len(given) - len(meant)
    if longer * longer > 1 or len(meant) < _LEAST or given == meant:
        return None
    place = 0
    for one, other in zip(given, meant, strict=False):
        if one != other:
            break
        place += 1
    if not longer:
        return _same_length(given, meant, place)
    if len(meant) < SHORTEST:
        return None
    if longer < 0:
        return _left(meant[place], "drop") if given[place:] == meant[place + 1 :] else None
    return _left(given[place], "insert") if given[place + 1 :] == meant[place:] else None


def _same_length(given: str, meant: str, place: int) -> Slip | None:
    """Return the slip between two names of one length that differ from a place on."""
    if given[place + 1 :] == meant[place + 1 :]:
        found = _replaced(given[place], meant[place])
        return None if found and len(meant) < SHORTEST and found.kind in _UNLIKELY else found
    swapped = given[place] == meant[place + 1] and given[place + 1] == meant[place]
    if len(meant) < SHORTEST or not swapped or given[place + 2 :] != meant[place + 2 :]:
        return None
    return None if _counts(given[place]) and _counts(given[place + 1]) else _SLIPS["swap"]


def _left(char: str, kind: str) -> Slip | None:
    """Return the slip of leaving out or adding a character."""
    if _counts(char):
        return None
    return _SLIPS["other" if char in _TELLING else kind]


@lru_cache(maxsize=16_384)
def _replaced(given: str, meant: str) -> Slip | None:
    """Return the slip of writing one character for another."""
    numbering = _counts(given) + _counts(meant)
    if numbering == len((given, meant)):
        return None
    mistaken = _mistaken(given, meant)
    if mistaken or numbering:
        return mistaken
    alike = meant in _characters().get(given, _NOTHING).faint and _TELLING.isdisjoint((given, meant))
    return _SLIPS["faint" if alike else "other"]


def _mistaken(given: str, meant: str) -> Slip | None:
    """Return the slip of hearing or seeing one character for another."""
    merged = _merged(given, meant)
    if merged is not None:
        return _MISHEARD[merged]
    return _SLIPS["shape"] if meant in _characters().get(given, _NOTHING).shapes else None


def _counts(char: str) -> bool:
    """Tell whether a character is a numeral, letter or digit, by which names are numbered."""
    return char in _NUMERALS or char.isascii()


def _merged(one: str, other: str) -> int | None:
    """Return how many initials and finals must be merged for two characters to sound alike; None if they never do."""
    if _merged_sounds(one).isdisjoint(_merged_sounds(other)):
        return None
    counts = [_apart(a, b) for first in readings(one) for second in readings(other) for a, b in _pairs(first, second)]
    return min((count for count in counts if count is not None), default=None)


@lru_cache(maxsize=8192)
def _merged_sounds(char: str) -> frozenset[tuple[str, str]]:
    """Return how a character sounds where all initials and finals are merged that may be."""
    heard = [way for syllable in readings(char) for way in _heard(syllable)]
    return frozenset((_INITIALS.get(way.initial, way.initial), _FINALS.get(way.final, way.final)) for way in heard)


def _pairs(first: str, second: str) -> list[tuple[_Heard, _Heard]]:
    """Return the ways in which two syllables may be heard."""
    return [(a, b) for a in _heard(first) for b in _heard(second)]


def _apart(one: _Heard, other: _Heard) -> int | None:
    """Return how many mergers make two syllables the same; None where none does."""
    if _INITIALS.get(one.initial, one.initial) != _INITIALS.get(other.initial, other.initial):
        return None
    if _FINALS.get(one.final, one.final) != _FINALS.get(other.final, other.final):
        return None
    return one.mergers + other.mergers + (one.initial != other.initial) + (one.final != other.final)


def _heard(syllable: str) -> list[_Heard]:
    """Return initial and final of a syllable, also with its h spoken as f."""
    cut = 2 if syllable[:2] in _INITIALS else int(syllable[0] not in "aeo")
    initial, final = syllable[:cut], syllable[cut:]
    ways = [_Heard(initial, final, 0)]
    return [*ways, _Heard("f", _H_AS_F[final], 1)] if initial == "h" and final in _H_AS_F else ways


class Names:
    """Names that can be found by what they were mistaken for, without going through all of them.

    An index of deletion neighbourhoods: each name is entered as it is and with each of its characters left out, so that
    whatever is one slip away shares an entry with it (W. Garbe's symmetric deletion).

    Parameters
    ----------
    words
        Names as `writing.plain` writes them; those of one character are never near anything.

    Raises
    ------
    None

    Examples
    --------
    >>> names = Names(["人民路", "人民北路", "学田三村"])
    >>> [(name, slip.kind) for name, slip in names.near("任民路")]
    [('人民路', 'homophone')]
    >>> names.near("人民路")[0][0], names.near("学田二村")
    ('人民北路', ())
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(dict.fromkeys(words))
        #: characters of the longest name
        self.longest = max(map(len, self._words), default=0)
        entries = [(crc32(key), row) for row, word in enumerate(self._words) for key in _keys(word)]
        self._mask = (1 << (len(entries) * _ROOM).bit_length()) - 1
        self._first, self._rows = _buckets(entries, self._mask)
        self._remember()

    def __len__(self) -> int:
        return len(self._words)

    def near(self, text: str) -> tuple[tuple[str, Slip], ...]:
        """Return all names from which a text is one slip away, the likeliest first; a text that is a name itself too.

        Parameters
        ----------
        text
            A name as `writing.plain` writes it, of whatever length.

        Returns
        -------
        tuple of (str, Slip)
            Equally likely ones in the order they were given in.

        Raises
        ------
        None
        """
        return self._near(text) if _LEAST <= len(text) <= self.longest + 1 else ()

    def _look_up(self, text: str) -> tuple[tuple[str, Slip], ...]:
        """Look a text up under each of its keys."""
        first, mask = self._first, self._mask
        rows: set[int] = set()
        for key in _keys(text):
            bucket = crc32(key) & mask
            if first[bucket] != first[bucket + 1]:
                rows.update(self._rows[first[bucket] : first[bucket + 1]])
        if not rows:
            return ()
        words = [self._words[row] for row in sorted(rows)]
        found = [(word, near) for word in words if (near := slip(text, word))]
        return tuple(sorted(found, key=_cost))

    def _remember(self) -> None:
        """Start anew to remember answers."""
        self._near = lru_cache(maxsize=REMEMBERED)(self._look_up)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is only remembered."""
        return {name: value for name, value in self.__dict__.items() if name != "_near"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._remember()


def _keys(word: str) -> list[bytes]:
    """Return what a name is entered under: itself, and itself without each of its characters."""
    coded = word.encode("utf-32-le", "surrogatepass")
    return [coded, *(coded[:at] + coded[at + 4 :] for at in range(0, len(coded), 4))]


def _cost(found: tuple[str, Slip]) -> float:
    """Return what a name's slip costs."""
    return found[1].cost


def _buckets(entries: list[tuple[int, int]], mask: int) -> tuple[array[int], array[int]]:
    """Return where each bucket begins, and the rows of all buckets one after another."""
    table = np.array(entries, dtype=np.int64).reshape(-1, 2)
    bucket = table[:, 0] & mask
    order = np.argsort(bucket, kind="stable")
    first = np.zeros(mask + 2, dtype=np.int64)
    np.cumsum(np.bincount(bucket, minlength=mask + 1), out=first[1:])
    return _compact(first), _compact(table[order, 1])


def _compact(numbers: np.ndarray[Any, Any]) -> array[int]:
    """Return numbers as four bytes each; single ones are read faster than from numpy."""
    return array("I", numbers.astype(np.uint32).tobytes())


@lru_cache(maxsize=1)
def _characters() -> dict[str, _Character]:
    """Return the common characters; read when first asked for."""
    with shipped("data/alike.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    shapes = _both_ways((char, alike) for char, _, alike, _ in rows)
    faint = _both_ways((char, alike) for char, _, _, alike in rows)
    return {
        char: _Character(tuple(sounds.split()), frozenset(shapes[char]), frozenset(faint[char]))
        for char, sounds, _, _ in rows
    }


def _both_ways(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Return what goes with each character, by what goes with the first of each pair."""
    found: dict[str, set[str]] = defaultdict(set)
    for char, others in pairs:
        found[char].update(others)
        for other in others:
            found[other].add(char)
    return found
