"""Names and addresses, ready to be found by what was typed of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from itertools import chain, islice
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.address.likeness import Names
from gridmap.address.suggest.aliases import Aliases, Called
from gridmap.address.suggest.directory import Name, directory
from gridmap.address.suggest.infixes import Infixes
from gridmap.address.suggest.spelling import spelled
from gridmap.address.suggest.suggestion import Suggestion
from gridmap.address.suggest.tables import LEVELS
from gridmap.address.suggest.typed import (
    Number,
    Way,
    as_address,
    as_letters,
    as_name,
    as_numeral,
    before_last_number,
    is_address,
    without_half_word,
)
from gridmap.address.writing import plain
from gridmap.errors import InputError

#: Numbers at the end that are passed over, one by one, where they do not exist: building, unit, room.
_DROPPED = 3

#: Nodes looked at below one when a compound between number and building is left out.
_PASSED = 200

#: One in so many suggestions may be an alias of which only a part was typed; one that was typed in full always is one.
_OWN_NAMES = 3


class _Hit(NamedTuple):
    """A name that was hit, and which of its characters."""

    name: int
    start: int
    end: int


class _Found(NamedTuple):
    """What may be meant."""

    hit: _Hit
    #: node below the name; -1 for the name itself
    node: int = -1
    #: the node up to which it was typed, and how many of that node's characters; -1 for the name's
    typed: int = -1
    size: int = 0


_Hits = Callable[[str, "NDArray[np.bool_] | None"], Iterator[_Hit]]


class Suggestions:
    """Names and addresses, ready to be found by their beginnings. Unchangeable.

    Parameters
    ----------
    addresses
        Table with id, text; point geometry, or columns lon and lat. Rows without a text or a place are never suggested.
    areas
        Areas with code, name, level, parent and polygons: districts, streets and communities are suggested by name.
    aliases
        Table with alias and means: what people call an address, a road, a compound or a division of these.

    Raises
    ------
    InputError
        If the table has no texts or no places.
    CrsError
        If the systems of the two tables cannot be brought together.

    Examples
    --------
    >>> texts = ["崇川区人民路10号", "崇川区人民路5号", "崇川区人民路50号", "崇川区学田路5号"]
    >>> plates = pd.DataFrame({"id": range(4), "text": texts, "lon": [120.8] * 4, "lat": [32.0] * 4})
    >>> suggestions = Suggestions(plates)
    >>> [one.text for one in suggestions.suggest("人民路5")], [one.text for one in suggestions.suggest("rml1")]
    (['人民路5号', '人民路50号'], ['人民路10号'])
    """

    def __init__(
        self, addresses: pd.DataFrame, areas: gpd.GeoDataFrame | None = None, aliases: pd.DataFrame | None = None
    ) -> None:
        self._directory = made = directory(addresses, areas)
        self._written = Infixes((name.plain, at, range(len(name.plain))) for at, name in enumerate(made.names))
        sounds = list(spelled(name.plain for name in made.names))
        #: for each spelling the place of each of its characters in the letters
        self._syllables = [starts for _, _, starts in sounds]
        self._sounds = Infixes(sounds)
        self._near = Names(name.plain for name in made.names)
        self._aliases = Aliases(aliases)

    def with_aliases(self, aliases: pd.DataFrame | None) -> Suggestions:
        """Return suggestions of the same addresses with these aliases and no others, which takes a moment.

        Parameters
        ----------
        aliases
            As of the class.

        Raises
        ------
        None
        """
        other = copy(self)
        other._aliases = Aliases(aliases)  # noqa: SLF001 - of its own class
        return other

    def suggest(self, text: str, *, limit: int = 10) -> list[Suggestion]:
        """Return what may be meant by a text that is still being typed, the likeliest first.

        Names equal to the text come first, then those that begin with it, then those that hold it; among these the
        ones that most addresses bear. Behind a name, numbers are listed as they are counted: to 人民路5 belong 5, 50
        and 51. Divisions before the name may be left out. Where nothing is written so, the text is taken for pinyin
        (renmin, or rm), then for one slip of hand or ear; where a number does not exist, for the road alone.

        An alias is suggested for any part of it: first where it was typed in full, else behind the names, of every
        three suggestions at most one. An alias whose meaning is none of these names and addresses is passed over.

        Parameters
        ----------
        text
            The beginning of an address. Nothing is suggested for an empty one, or one of more than 200 characters.
        limit
            How many to answer at most.

        Returns
        -------
        list of Suggestion
            At most ``limit``, none twice.

        Raises
        ------
        InputError
            If it is not a text, or the limit is less than 1.
        """
        if not isinstance(text, str):
            raise InputError(f"an address of type {type(text).__name__}", expected="a text")
        if limit < 1:
            raise InputError(f"limit {limit}", expected="1 or more")
        written = plain(text)
        if not is_address(written):
            return []
        named = self._named(without_half_word(written), limit)
        whole, partly = self._called(written, limit)
        return [*whole, *named[: max(limit - len(whole) - len(partly), 0)], *partly][:limit]

    def _named(self, written: str, limit: int) -> list[Suggestion]:
        """Names and addresses that may be meant."""
        return [self._told(found) for found in islice(self._found(written), limit)]

    def _called(self, written: str, limit: int) -> tuple[list[Suggestion], list[Suggestion]]:
        """Aliases that were typed in full, and some of those of which a part was."""
        whole: list[Suggestion] = []
        partly: list[Suggestion] = []
        for hit in islice(self._aliases.holding(written), limit):
            some = whole if hit.is_whole else partly
            if (hit.is_whole or len(partly) < limit // _OWN_NAMES) and (told := self._told_alias(hit)):
                some.append(told)
        return whole, partly

    def _told_alias(self, hit: Called) -> Suggestion | None:
        """A suggestion of an alias; None where there is no such thing as it means."""
        meaning = plain(hit.alias.means)
        meant = next(iter(self._named(meaning, 1)), None) if is_address(meaning) else None
        # a text that goes on, or stops before the number, was suggested for want of what is meant
        if meant is None or not meaning.endswith(plain(meant.text)):
            return None
        written = hit.alias.written
        matched = (hit.start, hit.end) if len(written) == len(hit.alias.plain) else (0, len(written))
        return replace(meant, text=written, within="", kind="alias", matched=matched, means=meant.address)

    def _found(self, written: str, drop: int = _DROPPED) -> Iterator[_Found]:
        """What may be meant, none twice, in the first way that finds anything; else without the last number."""
        for search in (self._as_written, self._as_spelled, self._as_numeral, self._nearly):
            seen = set()
            for found in search(written):
                key = found.node, found.hit.name if found.node < 0 else -1
                if key not in seen:
                    seen.add(key)
                    yield found
            if seen:
                return
        if drop and (shorter := before_last_number(written)):
            yield from self._found(shorter, drop - 1)

    def _as_written(self, written: str) -> Iterator[_Found]:
        """Names that hold the text as it is, with numbers behind them."""
        whole, *fewer = as_address(written, self._directory.known)
        return self._tried([[as_name(written), whole], *([way] for way in reversed(fewer))], self._holding)

    def _as_spelled(self, written: str) -> Iterator[_Found]:
        """Names that sound like the letters behind the divisions, if there are any."""
        way = as_letters(written, self._directory.known)
        return self._tried([[way]] if way else [], self._sounding)

    def _as_numeral(self, written: str) -> Iterator[_Found]:
        """Names with the Chinese numeral at the end of the text for a number."""
        return self._tried([[way] for way in as_numeral(written, self._directory.known)], self._holding)

    def _nearly(self, written: str) -> Iterator[_Found]:
        """Names that what was typed is a slip of."""
        return self._tried([[way] for way in reversed(as_address(written, self._directory.known))], self._like)

    def _tried(self, groups: Sequence[Sequence[Way]], hits: _Hits) -> Iterator[_Found]:
        """What the first group finds that finds anything: in the divisions that were stated, else anywhere."""
        for heeded in (True, False):
            for group in groups:
                some = False
                for way in group:
                    for found in self._by(way, hits) if heeded else self._by(way._replace(stated=frozenset()), hits):
                        some = True
                        yield found
                if some:
                    return

    def _by(self, way: Way, hits: _Hits) -> Iterator[_Found]:
        """What one way finds: names, or what stands below them behind its numbers; then what these contain."""
        stated = way.stated & self._directory.inside.keys()
        fronts = self._fronts(stated)
        found = hits(way.name, self._among(stated))
        yield from self._numbered(list(found), way.numbers, fronts) if way.numbers else self._bearing(found, fronts)

    def _bearing(self, hits: Iterator[_Hit], fronts: frozenset[int] | None) -> Iterator[_Found]:
        """The names that were hit; then what lies in the one that was typed in full, or in the only one."""
        seen, full = [], []
        for hit in hits:
            seen.append(hit)
            full += [hit] if self._is_full(hit) else []
            yield _Found(hit)
        for alone in (full, seen):
            if len(alone) == 1:
                yield from self._contents(alone[0], fronts)
                return

    def _is_full(self, hit: _Hit) -> bool:
        return hit.start == 0 and hit.end == len(self._directory.names[hit.name].plain)

    def _contents(self, hit: _Hit, fronts: frozenset[int] | None) -> Iterator[_Found]:
        """What lies in a name: the names in a division, the numbers along a road."""
        name = self._directory.names[hit.name]
        if name.kind in LEVELS:
            inside = self._directory.inside.get(name.plain, ())
            yield from (_Found(_Hit(int(other), 0, 0)) for other in inside)
        listing = self._directory.listing
        for node in chain.from_iterable(map(listing.children, name.nodes)):
            if fronts is None or listing.named_by(node, fronts):
                yield _Found(hit, node)

    def _numbered(
        self, hits: list[_Hit], numbers: tuple[Number, ...], fronts: frozenset[int] | None
    ) -> Iterator[_Found]:
        """What stands below names behind numbers: exactly that of full names, then all that goes on so."""
        listing, last = self._directory.listing, numbers[-1]
        first = None
        for going_on in (False, True):
            if going_on and last.whole:
                break
            for hit in hits:
                if not going_on and not last.whole and not self._is_full(hit):
                    continue
                for node in self._descend(self._directory.names[hit.name].nodes, numbers, going_on=going_on):
                    if fronts is None or listing.named_by(node, fronts):
                        found = _Found(hit, node, node, last.size)
                        first = first or found
                        yield found
        if first is not None:
            yield from (first._replace(node=child) for child in listing.children(first.node))

    def _descend(self, nodes: Iterable[int], numbers: tuple[Number, ...], *, going_on: bool) -> Iterator[int]:
        """Nodes below others, one number after the other; the last may go on."""
        *before, last = numbers
        for number in before:
            nodes = list(self._step(nodes, number, self._directory.listing.equal))
        listing = self._directory.listing
        return self._step(nodes, last, listing.beginning if going_on else listing.equal)

    def _step(self, nodes: Iterable[int], number: Number, below: Callable[[int, str], Iterator[int]]) -> Iterator[int]:
        """Nodes of a number below others; below the compound between, where that was left out."""
        listing = self._directory.listing
        for node in nodes:
            found = list(islice(below(node, number.value), _PASSED))
            if not found:
                passed = islice(listing.children(node), _PASSED)
                inner = [child for child in passed if listing.kind[child] == "compound"]
                found = [one for child in inner for one in islice(below(child, number.value), _PASSED)]
            same = [one for one in found if listing.kind[one] == number.kind] if number.whole else []
            yield from same or found

    def _holding(self, text: str, among: NDArray[np.bool_] | None) -> Iterator[_Hit]:
        """Names that hold a text."""
        return (_Hit(hit.name, hit.start, hit.start + len(text)) for hit in self._written.holding(text, among))

    def _sounding(self, letters: str, among: NDArray[np.bool_] | None) -> Iterator[_Hit]:
        """Names that letters spell, or whose first letters they are."""
        for hit in self._sounds.holding(letters, among):
            starts = self._syllables[hit.writing]
            yield _Hit(hit.name, bisect_left(starts, hit.start), bisect_left(starts, hit.start + len(letters)))

    def _like(self, text: str, among: NDArray[np.bool_] | None) -> Iterator[_Hit]:
        """Names that a text is a slip of: any word may be left out, as in 人民路 for 人民中路, but none replaced."""
        likely = [word for word, slip in self._near.near(text) if slip.kind != "other" or len(word) != len(text)]
        return (hit for word in likely for hit in self._holding(word, among) if self._is_full(hit))

    def _among(self, stated: frozenset[str]) -> NDArray[np.bool_] | None:
        """For each name whether it lies in all of the divisions; None where none is stated."""
        if not stated:
            return None
        counts = np.zeros(len(self._directory.names), dtype=np.int64)
        for name in stated:
            counts[self._directory.inside[name]] += 1
        held: NDArray[np.bool_] = counts == len(stated)
        return held

    def _fronts(self, stated: frozenset[str]) -> frozenset[int] | None:
        """The fronts that name all of the divisions; None where none is stated or no address names them."""
        naming = [self._directory.naming[name] for name in stated if name in self._directory.naming]
        return frozenset.intersection(*naming) if naming else None

    def _told(self, found: _Found) -> Suggestion:
        """A suggestion to be shown."""
        hit, name = found.hit, self._directory.names[found.hit.name]
        if found.node >= 0:
            return self._told_address(found, name)
        row = self._own_row(name)
        same = len(name.plain) == len(name.written)
        return Suggestion(
            text=name.written,
            within=name.within if row < 0 else self._worded(name.nodes[0], name)[0],
            kind=name.kind,
            id=None if row < 0 else self._directory.ids[row],
            x=name.x,
            y=name.y,
            matched=(hit.start, hit.end) if same else (0, len(name.written)),
            count=name.addresses,
            area=name.code,
        )

    def _own_row(self, name: Name) -> int:
        """The address that says no more than a name, where all that bear the name are below it; -1 for none."""
        listing = self._directory.listing
        if name.kind in LEVELS or len(name.nodes) != 1 or listing.parent[name.nodes[0]] >= 0:
            return -1
        return listing.row[name.nodes[0]] if listing.front[name.nodes[0]] >= 0 else -1

    def _told_address(self, found: _Found, name: Name) -> Suggestion:
        """A suggestion of a number or of what is finer."""
        made, listing = self._directory, self._directory.listing
        within, text, begin = self._worded(found.node, name)
        row = listing.row[found.node]
        place = row if row >= 0 else listing.middle(found.node)
        # a name that is written with other characters than it is compared by is shown as typed from its beginning
        start = begin + (found.hit.start if len(name.plain) == len(name.written) else 0)
        end = begin + found.hit.end
        if found.typed >= 0:
            beyond = sum(len(listing.written[node]) for node in listing.path(found.node) if node > found.typed)
            end = len(text) - beyond - max(len(listing.written[found.typed]) - found.size, 0)
        return Suggestion(
            text=text.rstrip("-"),
            within=within,
            kind=listing.kind[found.node],
            id=made.ids[row] if row >= 0 else None,
            x=float(made.x[place]),
            y=float(made.y[place]),
            matched=(start, max(end, start)),
            count=listing.count[found.node],
        )

    def _worded(self, node: int, name: Name) -> tuple[str, str, int]:
        """What stands before a name, the name with all behind it down to a node, and where the name begins in that."""
        listing, front = self._directory.listing, self._directory.listing.front[node]
        before = self._directory.fronts[front].written if front >= 0 else name.within
        path = listing.path(node)
        root = listing.root(node)
        if root not in name.nodes:
            at = next(at for at, step in enumerate(path) if step in name.nodes)
            above = listing.written[root] + "".join(listing.written[step] for step in path[:at])
            return before + above, "".join(listing.written[step] for step in path[at:]), 0
        behind = "".join(listing.written[step] for step in path)
        if name.kind not in LEVELS:
            return before, listing.written[root] + behind, 0
        cut = before.rfind(name.written)
        return (before[:cut], before[cut:] + behind, 0) if cut >= 0 else (before, name.written + behind, 0)
