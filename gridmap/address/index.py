"""Addresses in columns: which of them stand on a road at a number, in a compound, in a building.

A *plot* is what has a road, number and compound of its own in one division; its addresses are its buildings, units and
rooms. Everything is an array of numbers that stand for words, so that a million addresses take some 200 MB, and the
whole is written to a file and read from it as it is.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from gridmap.address.columns import Ids, Texts
from gridmap.address.entries import Entries, Stated, cut_text
from gridmap.address.keeping import Arrays
from gridmap.address.likeness import Names
from gridmap.address.writing import plain

#: Levels of addresses, as they are stored.
_LEVELS = ("room", "floor", "unit", "building", "number", "compound", "road", "group")
_CODES = {level: code for code, level in enumerate(_LEVELS)}
_WORDS = ("roads", "plates", "compounds", "labels")
#: Columns of words, one number per address while they are entered.
_FIELDS = ("front", "road", "plate", "compound", "building", "unit", "rest")

Chain = tuple[int, ...]

#: Stands for the building of an address that names none.
NO_BUILDING = -1


class Rows(NamedTuple):
    """The columns of a table of addresses."""

    texts: Texts
    ids: Ids
    #: a number for what each address says its building is
    buildings: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


class Home(NamedTuple):
    """In which divisions plots lie: as their addresses state it, and by number of the areas that hold them."""

    stated: tuple[Stated, ...]
    chain: Chain


class Index:
    """Addresses of a table, ready to be looked up by what they say; it never changes.

    Parameters
    ----------
    arrays
        As `build` makes them.
    contents
        Words and divisions, as `build` makes them.
    ids
        The ids, where they cannot be among the arrays.
    """

    def __init__(self, arrays: Arrays, contents: dict[str, Any], ids: Ids | None = None) -> None:
        self._arrays, self._contents = dict(arrays), contents
        self.texts = Texts(arrays["text"].data, arrays["text_end"])
        self._other_ids, self.ids = ids, ids or _ids(arrays)
        view = {name: values.data for name, values in arrays.items()}
        self.x, self.y = view["x"], view["y"]
        self._cut, self._level = view["cut"], view["level"]
        #: what stands for the building of each address
        self.building_of = view["building_of"]
        #: row of the table by place in the order of plots
        self.rows = view["row"]
        self.building, self.unit, self.rest = view["building"], view["unit"], view["rest"]
        self._first, self._key = view["plot_first"], view["plot_key"]
        self._compound, self._home = view["plot_compound"], view["plot_home"]
        self._by_compound, self._of_compound = view["compound_key"], view["compound_plot"]
        self._by_parent, self._of_parent = view["parent_key"], view["parent_plot"]
        self._by_writing, self._of_writing = view["writing_key"], view["writing_row"]
        self.roads: dict[str, int]
        self.compounds: dict[str, int]
        self._words: dict[str, list[str]] = {name: contents[name] for name in _WORDS}
        self.roads, self.plates, self.compounds, self.labels = (
            {word: place for place, word in enumerate(contents[name])} for name in _WORDS
        )
        self.homes = tuple(
            Home(tuple((level, name) for level, name in contents["fronts"][front]), tuple(contents["chains"][chain]))
            for front, chain in contents["homes"]
        )

    def __len__(self) -> int:
        return len(self.texts)

    def __reduce__(self) -> tuple[Any, ...]:
        return Index, (self._arrays, self._contents, self._other_ids)

    @cached_property
    def names(self) -> dict[str, Names]:
        """Roads and compounds, to be found by what they were mistaken for."""
        return {
            "road": Names(word for word in self.roads if word),
            "compound": Names(word for word in self.compounds if word),
        }

    def kept(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return contents and arrays to keep in a file."""
        return self._contents, self._arrays

    # --- plots

    def plots_at(self, road: str, plate: str) -> range:
        """Return the plots at a number of a road."""
        row, number = self.roads.get(road, -1), self.plates.get(plate, -1)
        if row < 0 or number < 0:
            return range(0)
        return _stretch(self._key, row << 32 | number)

    def plots_along(self, road: str) -> range:
        """Return all plots of a road, in the order of when their numbers were met."""
        row = self.roads.get(road, -1)
        if row < 0:
            return range(0)
        start = bisect_left(self._key, row << 32)
        return range(start, bisect_left(self._key, (row + 1) << 32, start))

    def plots_within(self, road: str, parent: str) -> Sequence[int]:
        """Return the plots of a lane or group of houses: 260弄, 2组."""
        row, number = self.roads.get(road, -1), self.plates.get(parent, -1)
        return () if row < 0 or number < 0 else _run(self._by_parent, self._of_parent, row << 32 | number)

    def plots_of(self, compound: str) -> Sequence[int]:
        """Return the plots of a compound."""
        row = self.compounds.get(compound, 0)
        return _run(self._by_compound, self._of_compound, row) if row else ()

    def road_of(self, plot: int) -> str:
        """Return the road, or village, that a plot is numbered by."""
        return self._words["roads"][self._key[plot] >> 32]

    def plate_of(self, plot: int) -> str:
        """Return the number of a plot."""
        return self._words["plates"][self._key[plot] & 0xFFFFFFFF]

    def compound_of(self, plot: int) -> str:
        """Return the compound of a plot; empty where it has none."""
        return self._words["compounds"][self._compound[plot]]

    def home_of(self, plot: int) -> int:
        """Return the number of a plot's home."""
        home: int = self._home[plot]
        return home

    def places_of(self, plot: int) -> tuple[int, int]:
        """Return the first place of a plot's addresses, and the one behind the last."""
        return self._first[plot], self._first[plot + 1]

    def word(self, label: int) -> str:
        """Return the number of a building, unit or room."""
        return self._words["labels"][label]

    # --- addresses

    def written(self, text: str) -> list[int]:
        """Return the rows whose plain writing is just this text."""
        rows = _run(self._by_writing, self._of_writing, _writing(text))
        return [row for row in rows if plain(self.texts[row]) == text]

    def local(self, row: int) -> str:
        """Return an address without its divisions."""
        return self.text_and_local(row)[1]

    def text_and_local(self, row: int) -> tuple[str, str]:
        """Return an address, whole and without its divisions."""
        text = self.texts[row]
        return text, text[self._cut[row] :]

    def level(self, row: int) -> str:
        """Return the finest part that an address names."""
        return _LEVELS[self._level[row]]

    def words_of(self, name: str) -> list[str]:
        """Return all words of a kind, the first being empty: roads, plates, compounds or labels."""
        return list(self._words[name])

    def stated(self) -> Iterator[Stated]:
        """Return each level and name of a division that any address states."""
        for front in self._contents["fronts"]:
            yield from ((level, name) for level, name in front)


def _run(keys: Any, values: Any, key: int) -> list[int]:
    """Return the values that stand under a key."""
    found = _stretch(keys, key)
    return list(values[found.start : found.stop]) if found else []


def _stretch(keys: Any, key: int) -> range:
    """Return where a key stands among sorted ones."""
    start = bisect_left(keys, key)
    if start == len(keys) or keys[start] != key:
        return range(0)
    return range(start, bisect_left(keys, key + 1, start))


def _writing(text: str) -> int:
    """Return what a plain writing is looked up by."""
    return crc32(text.encode("utf-8", "surrogatepass"))


def _ids(arrays: Arrays) -> Ids:
    """Return the ids that stand among arrays."""
    if "id" in arrays:
        return Ids(arrays["id"].astype(np.int64))
    return Ids(Texts(arrays["id_text"].data, arrays["id_end"]))


def _id_arrays(ids: Ids) -> dict[str, NDArray[Any]]:
    """Return ids as arrays; none where they are neither all whole numbers nor all texts."""
    if isinstance(ids.column, Texts):
        return {"id_text": np.frombuffer(ids.column.blob, np.uint8), "id_end": ids.column.ends}
    return {} if isinstance(ids.column, list) else {"id": ids.column}


class _Words:
    """Words by number, the empty one first."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {"": 0}

    def __call__(self, word: Any) -> int:
        return self.numbers.setdefault(word, len(self.numbers))


class _Entered:
    """Addresses as they are entered one by one."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self.words = {name: _Words() for name in (*_WORDS, "fronts")}
        self.fields = {name: array("i") for name in _FIELDS}
        self.row, self.key = array("i"), array("I")
        self.cut, self.level = array("H"), array("B")

    def enter(self, row: int, text: str) -> None:
        """Enter the address of a row."""
        written = plain(text)
        if not written:
            return
        entry, cut = self._entries.entry(written)
        words = self.words
        labels = words["labels"]
        values = (
            words["fronts"](entry.stated),
            words["roads"](entry.road),
            words["plates"](entry.plate),
            words["compounds"](entry.compound),
            labels(entry.building),
            labels(entry.unit),
            labels(entry.rest),
        )
        for column, value in zip(self.fields.values(), values, strict=True):
            column.append(value)
        self.row.append(row)
        self.key.append(_writing(written))
        self.cut.append(min(cut if written == text else cut_text(text, cut), 0xFFFF))
        self.level.append(_CODES[entry.level])


def build(rows: Rows, chain_of: NDArray[np.int32], chains: Sequence[Chain], entries: Entries) -> Index:
    """Return the index of a table.

    Parameters
    ----------
    rows
        The table; rows without a text or a place are never found.
    chain_of
        Which chain of areas holds each row.
    chains
        The chains.
    entries
        Takes texts apart.
    """
    entered = _Entered(entries)
    placed = np.isfinite(rows.x) & np.isfinite(rows.y)
    for place in np.flatnonzero(placed).tolist():
        entered.enter(place, rows.texts[place])
    column: dict[str, NDArray[Any]] = {name: np.frombuffer(values, np.int32) for name, values in entered.fields.items()}
    row = np.frombuffer(entered.row, np.int32)
    home_key = column.pop("front").astype(np.int64) * len(chains) + chain_of[row]
    homes, column["home"] = np.unique(home_key, return_inverse=True)
    arrays = _plots(column, row)
    arrays |= _parents(arrays["plot_key"], entered.words["plates"])
    arrays |= _written(np.frombuffer(entered.key, np.uint32), row)
    arrays |= _by_row(rows, row, entered)
    contents: dict[str, Any] = {name: list(entered.words[name].numbers) for name in _WORDS}
    contents["fronts"] = [list(front) for front in entered.words["fronts"].numbers]
    contents["chains"] = [list(chain) for chain in chains]
    contents["homes"] = [[int(key) // len(chains), int(key) % len(chains)] for key in homes]
    listed = _id_arrays(rows.ids)
    return Index(arrays | listed, contents, None if listed else rows.ids)


def _plots(column: dict[str, NDArray[Any]], row: NDArray[np.int32]) -> dict[str, NDArray[Any]]:
    """Return addresses in the order of their plots, and where each plot begins."""
    key = column["road"].astype(np.uint64) << np.uint64(32) | column["plate"].astype(np.uint64)
    order = np.lexsort(
        (row, column["rest"], column["unit"], column["building"], column["home"], column["compound"], key)
    )
    key, compound, home = key[order], column["compound"][order], column["home"][order].astype(np.int32)
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(key) != 0) | (np.diff(compound) != 0) | (np.diff(home) != 0)
    first = np.flatnonzero(new)
    by_compound = np.argsort(compound[first], kind="stable").astype(np.int32)
    return {
        "row": row[order],
        **{name: column[name][order] for name in ("building", "unit", "rest")},
        "plot_first": np.append(first, len(order)).astype(np.int32),
        "plot_key": key[first],
        "plot_compound": compound[first],
        "plot_home": home[first],
        "compound_key": compound[first][by_compound],
        "compound_plot": by_compound,
    }


def _parents(keys: NDArray[np.uint64], plates: _Words) -> dict[str, NDArray[Any]]:
    """Return the plots of each lane and group by road and lane, entering lanes among the plates."""
    ups = {number: [plates(up) for up in _ups(plate)] for plate, number in list(plates.numbers.items())}
    pairs = [(key >> 32 << 32 | up, plot) for plot, key in enumerate(keys.tolist()) for up in ups[key & 0xFFFFFFFF]]
    pairs.sort()
    return {
        "parent_key": np.array([key for key, _ in pairs], np.uint64),
        "parent_plot": np.array([plot for _, plot in pairs], np.int32),
    }


def _ups(plate: str) -> Iterator[str]:
    """Return the lanes or groups that a number stands in: 260弄 and 260弄1弄 of 260弄1弄24."""
    for end, char in enumerate(plate, 1):
        if char in "弄组":
            yield plate[:end]


def _written(keys: NDArray[np.uint32], row: NDArray[np.int32]) -> dict[str, NDArray[Any]]:
    """Return rows by their plain writing."""
    order = np.argsort(keys, kind="stable")
    return {"writing_key": keys[order], "writing_row": row[order]}


def _by_row(rows: Rows, row: NDArray[np.int32], entered: _Entered) -> dict[str, NDArray[Any]]:
    """Return what is looked up by the row of the table."""
    cut, level = np.zeros(len(rows.texts), np.uint16), np.zeros(len(rows.texts), np.uint8)
    cut[row] = np.frombuffer(entered.cut, np.uint16)
    level[row] = np.frombuffer(entered.level, np.uint8)
    return {
        "text": np.frombuffer(rows.texts.blob, np.uint8),
        "text_end": rows.texts.ends,
        "x": rows.x,
        "y": rows.y,
        "building_of": rows.buildings,
        "cut": cut,
        "level": level,
    }
