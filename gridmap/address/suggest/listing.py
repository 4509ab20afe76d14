"""Standard addresses as a tree: below a road its numbers, below a number its compounds and buildings, and so on.

The tree lies in flat arrays; the children of a node stand side by side in the order in which a person would list them.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

#: A number or name as it is put in order: 2 before 10, 5 before 5附1, numbers before names.
Order = tuple[str | int, ...]

#: No number has more digits than that.
_DIGITS = 8

#: Behind every character.
_LAST = "\U0010ffff"

_NUMBERS = re.compile("([0-9]+)")

_NOBODY = -1


class Step(NamedTuple):
    """A part of an address behind its road."""

    #: number, building, compound, ... as `parse` tells it
    kind: str
    #: how it is compared
    value: str
    #: as the table writes it
    written: str


@lru_cache(maxsize=65_536)
def natural(value: str) -> Order:
    """Return what puts numbers in the order in which they are counted.

    Examples
    --------
    >>> sorted(["10", "5附1", "A", "5", "2"], key=natural)
    ['2', '5', '5附1', '10', 'A']
    """
    return tuple(int(piece) if piece.isdecimal() else piece for piece in _NUMBERS.split(value))


class Draft:
    """A tree that still grows: by kind and value the nodes below."""

    __slots__ = ("below", "front", "row", "rows", "written")

    def __init__(self, written: str) -> None:
        self.written = written
        #: none for a leaf, which most nodes are
        self.below: dict[tuple[str, str], Draft] | None = None
        self.row = _NOBODY
        self.rows = 0
        self.front = _NOBODY

    def enter(self, steps: Iterable[Step], row: int, front: int) -> None:
        """Put an address at the end of its steps."""
        node = self
        for kind, value, written in steps:
            if node.below is None:
                node.below = {}
            below = node.below.get((kind, value))
            if below is None:
                below = node.below[kind, value] = Draft(written)
            node = below
        node.rows += 1
        if node.row < 0:
            node.row, node.front = row, front


class Listing:
    """Addresses by their steps, unchangeable.

    Parameters
    ----------
    roots
        What the addresses stand below: roads, compounds, communities. They become the nodes 0, 1, 2, ...
    """

    def __init__(self, roots: Sequence[Draft]) -> None:
        nodes: list[Draft] = list(roots)
        kinds, values = [""] * len(nodes), [""] * len(nodes)
        self.parent = array("i", [_NOBODY] * len(nodes))
        self.first = array("i")
        for at, node in enumerate(nodes):  # the list grows while it is walked: breadth first
            self.first.append(len(nodes))
            for (kind, value), below in sorted((node.below or {}).items(), key=_in_order):
                nodes.append(below)
                kinds.append(kind)
                values.append(value)
                self.parent.append(at)
        self.first.append(len(nodes))
        self.kind, self.value = tuple(kinds), tuple(values)
        self.written = tuple([node.written for node in nodes])
        #: row of the address that ends here, -1 for none
        self.row = array("i", [node.row for node in nodes])
        #: how many addresses end here or below
        self.count = array("i", [node.rows for node in nodes])
        #: which divisions the addresses here and below name; -1 where not all name the same
        self.front = array("i", [node.front for node in nodes])
        self._sum_up(alone=[node.row >= 0 for node in nodes])

    def _sum_up(self, *, alone: list[bool]) -> None:
        """Tell each node what lies below, from the leaves up."""
        known = alone
        for node in range(len(self.parent) - 1, -1, -1):
            above = self.parent[node]
            if above < 0:
                continue
            self.count[above] += self.count[node]
            self.front[above] = self.front[node] if not known[above] or self.front[above] == self.front[node] else -1
            known[above] = True

    def children(self, node: int) -> range:
        """Return the nodes below one, in natural order."""
        return range(self.first[node], self.first[node + 1])

    def equal(self, node: int, value: str) -> Iterator[int]:
        """Return the children of a value."""
        order = natural(value)
        for child in self._from(node, order):
            if self.value[child] != value:
                return
            yield child

    def beginning(self, node: int, value: str) -> Iterator[int]:
        """Return the children whose value begins so: below 5 come 5, 5附1, 50, 51, 500."""
        order = natural(value)
        *above, number, rest = order if len(order) > 1 else (None, order[0])
        if rest or number is None:
            yield from self._between(node, order, (*order[:-1], f"{order[-1]}{_LAST}"))
            return
        for power in range(_DIGITS if number else 1):
            ten = 10**power
            yield from self._between(node, (*above, int(number) * ten), (*above, (int(number) + 1) * ten))

    def _from(self, node: int, order: Order) -> range:
        children = self.children(node)
        return children[bisect_left(children, order, key=self._order) :]

    def _between(self, node: int, low: Order, high: Order) -> range:
        begin = self._from(node, low)
        return begin[: bisect_left(begin, high, key=self._order)]

    def _order(self, node: int) -> Order:
        return natural(self.value[node])

    def path(self, node: int) -> list[int]:
        """Return the nodes from below the root down to one."""
        found = []
        while self.parent[node] >= 0:
            found.append(node)
            node = self.parent[node]
        return found[::-1]

    def root(self, node: int) -> int:
        """Return the root above a node."""
        while self.parent[node] >= 0:
            node = self.parent[node]
        return node

    def middle(self, node: int) -> int:
        """Return the row of the address in the middle of those here and below; it is one of them, not their mean."""
        while self.row[node] < 0:
            children = self.children(node)
            node = children[len(children) // 2]
        return self.row[node]

    def named_by(self, node: int, fronts: frozenset[int]) -> bool:
        """Tell whether an address here or below names one of these divisions."""
        if self.front[node] >= 0:
            return self.front[node] in fronts
        return any(self.named_by(child, fronts) for child in self.children(node))


def _in_order(item: tuple[tuple[str, str], Draft]) -> tuple[Order, str]:
    (kind, value), _ = item
    return natural(value), kind
