"""Which standard address a text means: one, several, or none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.address.answering import Answer, answer
from gridmap.address.answers import COLUMNS, Match
from gridmap.address.book import Book
from gridmap.address.columns import Ids, Texts
from gridmap.address.deciding import CANDIDATES
from gridmap.address.divided import Divided
from gridmap.address.divisions import canonical
from gridmap.address.entries import Entries
from gridmap.address.evidence import Meaning, Mentioned
from gridmap.address.ground import Ground
from gridmap.address.index import Index, Rows, build
from gridmap.address.keeping import keep, kept
from gridmap.address.tables import (
    alias_pairs,
    degrees,
    former_meanings,
    ground,
    lines_kept,
    lines_opened,
    missing,
    rows,
    street_lines,
)
from gridmap.address.writing import LONGEST, plain, plain_and_masked, says_nothing
from gridmap.errors import FormatError, InputError

__all__ = ["CANDIDATES", "Gazetteer"]

#: With more changed rows than this all is entered anew, so that looking up stays quick.
MOST_CHANGED = 5_000

#: Remarks behind an address: （房东） and ，路灯坏了; no more than this is looked for in a text.
_BRACKETS = re.compile(r"[（(\[【][^（(\[【）)\]】]{1,40}[）)\]】]")
_LAST_CLAUSE = re.compile("[，,。；;、！!？?][^，,。；;、！!？?]*$")

#: A remark with a number may be a part of the address: 3幢, B-502; but not 坏了3天.
_SAYS_NUMBER = re.compile(
    "[0-9０-９A-Za-z]+(?:[-#－＃]|附|之|$|[^一-龥])|[0-9０-９A-Za-z一二三四五六七八九十][号幢栋座楼单室层组弄户排期区巷院门村路街道园苑]"
)

_NUMBERS = ("score", "x", "y", "accuracy_m")


class Gazetteer:
    """Standard addresses, ready to be found by what people write.

    A text means an address if its numbers are the same, in whatever way they are written (see `parse`), its names are
    the same or off by one slip of hand or ear, and nothing in it contradicts: divisions, road or compound may be left
    out. Where the text is finer than any address, the building's address answers; where it names no more than a road, a
    compound or a division, that does, with how far it reaches. Where its number or building does not exist, none: never
    the nearest look-alike.

    Parameters
    ----------
    addresses
        Table with id, text; point geometry, or columns lon and lat; building, if known. Rows without a text or a place
        are never found; 无 and NULL are no text and no building.
    areas
        Areas with code, name, level and polygons: their names tell divisions from roads, their polygons whether an
        address lies in a division that its text leaves out. Their codes (GB/T 2260) tell which province and city they
        are in.
    streets
        Roads with name and line, to tell where they cross.
    aliases
        Table with alias and means: the text of an address, or the name of a road, a compound or a division.
    former
        Former names of divisions: name, level, and successors, the codes of areas that hold their ground.

    Raises
    ------
    InputError
        If the table has no texts or no places.
    CrsError
        If areas or streets are given and their system and that of the addresses cannot be brought together.

    Notes
    -----
    It never changes: `updated` returns another one that shares all that stays the same, so that questions in other
    threads are answered from one state.

    Examples
    --------
    >>> import pandas as pd
    >>> plates = pd.DataFrame({"id": [1], "text": ["崇川区人民路5号3幢"], "lon": [120.86], "lat": [32.01]})
    >>> gazetteer = Gazetteer(plates)
    >>> found = gazetteer.match("江苏省南通市崇川区人民路５号 三号楼 501室")
    >>> found.status, found.level, found.text, found.local
    ('found', 'building', '崇川区人民路5号3幢', '人民路5号3幢')
    >>> refused = gazetteer.match("人民路5号4幢")
    >>> refused.status, refused.reason, refused.known.text
    ('not_found', 'no_such_building', '崇川区人民路5号')
    """

    def __init__(
        self,
        addresses: pd.DataFrame,
        areas: gpd.GeoDataFrame | None = None,
        *,
        streets: gpd.GeoDataFrame | None = None,
        aliases: pd.DataFrame | None = None,
        former: pd.DataFrame | None = None,
    ) -> None:
        self._divided = Divided.of(areas)
        self._ground = ground(addresses)
        self._lines = street_lines(streets, self._ground)
        self._aliases = alias_pairs(aliases)
        self._former = former_meanings(former, self._divided)
        self._parts: tuple[Index, ...] = (self._entered(rows(addresses)),)
        self._gone: frozenset[int] = frozenset()
        self._book.load()

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts) - len(self._gone)

    def _entered(self, table: Rows) -> Index:
        """Return the index of a table."""
        lon, lat = degrees(table, self._ground) if self._divided else (table.x, table.y)
        chain_of, chains = self._divided.chains(lon, lat)
        return build(table, chain_of, chains, Entries(self._divided.known))

    @cached_property
    def _book(self) -> Book:
        """Return what questions are put to."""
        stated = {division for part in self._parts for division in part.stated()}
        return Book(
            self._parts,
            self._gone,
            Mentioned(
                self._divided,
                stated,
                self._renamed(stated),
                [words for part in self._parts for words in (part.roads, part.compounds)],
            ),
            ground=self._ground,
            lines=self._lines,
            aliases=self._aliases,
        )

    def _renamed(self, stated: set[tuple[str, str]]) -> dict[str, tuple[Meaning, ...]]:
        """Return what former names and aliases of divisions mean."""
        own = {name: level for level, name in stated} | {
            canonical(area.name): area.level for area in self._divided.areas
        }
        aliases = {
            alias: (Meaning(own[canonical(means)], canonical(means), means, "alias"),)
            for alias, means in self._aliases.items()
            if canonical(means) in own
        }
        return {**self._former, **aliases}

    def match(self, text: str, *, explain: bool = False) -> Match:
        """Return the place that a text means.

        Parameters
        ----------
        text
            An address as a person writes it. Empty ones, words for nothing (无, NULL) and those of more than 200
            characters mean none.
        explain
            Whether to tell the steps of the comparison, each with what it gained.

        Returns
        -------
        Match
            Its ``query`` repeats the text with telephone and identity numbers masked.

        Raises
        ------
        InputError
            If it is not a text.
        """
        if not isinstance(text, str):
            raise InputError(f"an address of type {type(text).__name__}", expected="a text")
        written, query = plain_and_masked(text)
        if says_nothing(written):
            return Answer(reason="empty").match(query, explain=explain)
        if len(written) > LONGEST:
            return Answer(reason="too_long").match(query, explain=explain)
        return answer(self._book, written, partial(_without_remarks, text)).match(query, explain=explain)

    def match_many(self, texts: Iterable[str | None]) -> pd.DataFrame:
        """Return what each of many texts means.

        Parameters
        ----------
        texts
            Addresses as persons write them; missing ones mean none.

        Returns
        -------
        pandas.DataFrame
            The columns of `answers.COLUMNS`, notes as one text; one row per text in their order, with the index of
            ``texts`` if it has one.

        Raises
        ------
        InputError
            If one is neither a text nor missing.
        """
        index = texts.index if isinstance(texts, pd.Series) else None
        matches = [self.match("" if missing(text) else text) for text in texts]  # type: ignore[arg-type]
        columns = {name: [getattr(match, name) for match in matches] for name in COLUMNS}
        columns["notes"] = ["; ".join(map(str, match.notes)) for match in matches]
        table = pd.DataFrame(columns, index=index, columns=list(COLUMNS))
        return table.astype(dict.fromkeys(_NUMBERS, "float64"))

    # --- changes

    def updated(
        self,
        addresses: pd.DataFrame | None = None,
        removed: Iterable[Any] = (),
        aliases: pd.DataFrame | None = None,
    ) -> Gazetteer:
        """Return the gazetteer with some addresses changed, without entering the others again.

        Parameters
        ----------
        addresses
            New addresses and changed ones, which are known by their ids, as the table was given at first.
        removed
            Ids of addresses that hold no longer.
        aliases
            All aliases that hold now; None leaves them as they are.

        Returns
        -------
        Gazetteer
            Another one; this one goes on answering as before.

        Raises
        ------
        InputError
            If the table has no texts or no places, or they are in another system than the addresses so far.
        """
        table = _no_rows() if addresses is None else self._rows_like(addresses)
        dropped = {*removed, *(table.ids[row] for row in range(len(table.texts)))}
        base, *later = self._parts
        gone = self._gone.union(*(base.ids.rows(value) for value in dropped))
        kept_rows = [_without(part, dropped) for part in later]
        changed = _chained([*kept_rows, table])
        other = object.__new__(Gazetteer)
        other.__dict__.update({name: value for name, value in self.__dict__.items() if name != "_book"})
        if aliases is not None:
            other._aliases = alias_pairs(aliases)
        if len(changed.texts) + len(gone) > MOST_CHANGED:
            every = _chained([_without(base, (), gone), changed])
            other._parts, other._gone = (self._entered(every),), frozenset()
        else:
            overlay = (self._entered(changed),) if len(changed.texts) else ()
            other._parts, other._gone = (base, *overlay), frozenset(gone)
        return other

    def _rows_like(self, addresses: pd.DataFrame) -> Rows:
        """Return the columns of a table that must be in the system of the addresses so far."""
        given = ground(addresses)
        if given != self._ground:
            raise InputError(
                f"changed addresses in {given.system or 'degrees'}",
                expected=f"the system of the table, {self._ground.system or 'degrees'}",
            )
        return rows(addresses)

    # --- keeping

    def save(self, path: str | Path) -> None:
        """Write the gazetteer to a file, so that it need not be built again.

        Parameters
        ----------
        path
            Where to; a file that is there is replaced once the new one is whole.

        Raises
        ------
        InputError
            If the ids are neither whole numbers nor texts.
        OSError
            If it cannot be written.
        """
        base, *later = self._parts
        if later or self._gone:
            self._compact().save(path)
            return
        contents, arrays = base.kept()
        if "id" not in arrays and "id_text" not in arrays:
            raise InputError("ids of several kinds", expected="whole numbers or texts, which a file can keep")
        areas, shapes = self._divided.kept()
        names, lines = lines_kept(self._lines)
        said = {
            "index": contents,
            "areas": areas,
            "lines": names,
            "system": self._ground.system,
            "aliases": self._aliases,
            "former": {name: [list(meaning) for meaning in meanings] for name, meanings in self._former.items()},
        }
        keep(Path(path), said, {**arrays, **shapes, **lines})

    def _compact(self) -> Gazetteer:
        """Return the same gazetteer with all its addresses in one index."""
        base, *later = self._parts
        other = object.__new__(Gazetteer)
        other.__dict__.update({name: value for name, value in self.__dict__.items() if name != "_book"})
        every = _chained([_without(base, (), self._gone), *(_without(part, ()) for part in later)])
        other._parts, other._gone = (self._entered(every),), frozenset()
        return other

    @classmethod
    def open(cls, path: str | Path) -> Gazetteer:
        """Return the gazetteer of a file that `save` wrote.

        Parameters
        ----------
        path
            The file.

        Returns
        -------
        Gazetteer
            It answers as the one that was saved.

        Raises
        ------
        FormatError
            If it is no such file, of another version of gridmap, cut off or damaged.
        OSError
            If it cannot be read.
        """
        said, arrays = kept(Path(path))
        try:
            other = object.__new__(cls)
            other._divided = Divided.opened(said["areas"], arrays)
            other._ground = Ground(said["system"])
            other._lines = lines_opened(said["lines"], arrays)
            other._aliases = said["aliases"]
            other._former = {
                name: tuple(Meaning(*meaning) for meaning in meanings) for name, meanings in said["former"].items()
            }
            other._parts, other._gone = (Index(arrays, said["index"]),), frozenset()
            other._book.load()
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"{path}: not all of an index", do="build it again", code="damaged") from error
        return other

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is only remembered: another process starts anew."""
        return {name: value for name, value in self.__dict__.items() if name != "_book"}


def _without_remarks(text: str) -> Iterator[tuple[str, str]]:
    """Return a text without what stands in brackets, and without its last clauses, each with what is left out."""
    brackets = _BRACKETS.search(text)
    if brackets:
        yield from _left_out(text, *brackets.span())
    end = len(text)
    while (clause := _LAST_CLAUSE.search(text, 0, end)) and not _SAYS_NUMBER.search(clause[0]):
        end = clause.start()
        yield from _left_out(text, end, len(text))


def _left_out(text: str, start: int, end: int) -> Iterator[tuple[str, str]]:
    """Return a text without a stretch of it that is no part of the address, and that stretch."""
    remark, short = text[start:end], plain(text[:start] + text[end:])
    if short and not _SAYS_NUMBER.search(remark):
        yield short, plain(remark)


def _no_rows() -> Rows:
    """Return the columns of no addresses."""
    return Rows(Texts.of([]), Ids.of([]), np.empty(0, np.int64), np.empty(0), np.empty(0))


def _without(part: Index, ids: Iterable[Any], gone: Iterable[int] = ()) -> Rows:
    """Return the columns of an index without some ids and rows."""
    out = {*gone, *(row for value in ids for row in part.ids.rows(value))}
    left = [row for row in range(len(part)) if row not in out]
    return Rows(
        texts=Texts.of([part.texts[row] for row in left]),
        ids=Ids.of([part.ids[row] for row in left]),
        buildings=np.array([part.building_of[row] for row in left], np.int64),
        x=np.array([part.x[row] for row in left], np.float64),
        y=np.array([part.y[row] for row in left], np.float64),
    )


def _chained(tables: list[Rows]) -> Rows:
    """Return several tables as one."""
    return Rows(
        texts=Texts.chained([table.texts for table in tables]),
        ids=Ids.chained([table.ids for table in tables]),
        buildings=np.concatenate([table.buildings for table in tables]),
        x=np.concatenate([table.x for table in tables]),
        y=np.concatenate([table.y for table in tables]),
    )
