"""The cheapest pairing of vertices, with its proof: Edmonds' algorithm on whole numbers.

Every vertex and every blossom has a *reach*: the sum of what it and the blossoms round it may claim of the edges that
leave them. No edge is claimed beyond its cost, so the claims of all together are a lower bound on any pairing; the
pairing is the cheapest as it costs just that. Trees of alternately growing (outer) and shrinking (inner) blossoms are
grown from one unpaired vertex at a time until they meet another.

Edmonds, J. (1965): Maximum matching and a polyhedron with 0,1-vertices. J. Res. Nat. Bur. Standards 69B, 125-130.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise

from gridmap.network.rounds.blossoms import Blossoms, Link

OUTER, INNER = 1, -1

#: What happens when a time has come: an edge becomes tight, or an inner blossom has shrunk to nothing.
_TIGHT, _SPENT = 0, 1


@dataclass(kw_only=True)
class Pairing:
    """The state of the algorithm: pairs, blossoms and what they claim; even costs keep it in whole numbers."""

    #: (neighbour, even cost) of each vertex
    near: Sequence[Sequence[tuple[int, int]]]
    #: what a vertex and the blossoms round it claim together
    reach: list[int]
    #: pairs and blossoms
    held: Blossoms
    #: what each blossom claims itself
    claim: dict[int, int] = field(default_factory=dict)
    #: of the tree's blossoms: outer or inner, and since when
    sign: dict[int, int] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)
    #: the edge by which each inner blossom was reached, from the outer one
    up: dict[int, tuple[int, int]] = field(default_factory=dict)
    #: what happens next: time, kind, vertices (or blossom)
    events: list[tuple[int, int, int, int, int]] = field(default_factory=list)

    def pair(self, root: int) -> bool:
        """Find a partner for an unpaired vertex, others change theirs where need be; False where there is none."""
        self.sign, self.since, self.up, self.events = {}, {}, {}, []
        self._outer(self.held.top[root], 0)
        while self.events:
            time, kind, u, v, cost = heappop(self.events)
            if kind == _SPENT:
                self._spent(u, time)
            elif self._time(u, v, cost) == time and self._meet(u, v, time):
                return True
        self._settle(list(self.sign), 0)
        return False

    def _time(self, u: int, v: int, cost: int) -> int | None:
        """When an edge from an outer vertex becomes tight; None for never, as things stand."""
        a, b = self.held.top[u], self.held.top[v]
        sign = self.sign.get(b, 0)
        if a == b or self.sign.get(a) != OUTER or sign == INNER:
            return None
        left = cost - self.reach[u] + self.since[a] - self.reach[v]
        return (left + self.since[b]) // 2 if sign else left

    def _meet(self, u: int, v: int, time: int) -> bool:
        """Follow an edge that has become tight; True where it led to an unpaired vertex."""
        met = self.held.top[v]
        if met in self.sign:
            self._shrink(u, v, time)
            return False
        partner = self.held.mate[self.held.base(met)]
        if partner < 0:
            self._change(u, v)
            self._settle(list(self.sign), time)
            return True
        self._inner(met, (u, v), time)
        self._outer(self.held.top[partner], time)
        return False

    def _outer(self, blossom: int, time: int) -> None:
        self.sign[blossom], self.since[blossom] = OUTER, time
        self._scan(self.held.vertices(blossom))

    def _inner(self, blossom: int, up: tuple[int, int], time: int) -> None:
        self.sign[blossom], self.since[blossom], self.up[blossom] = INNER, time, up
        if blossom >= self.held.size:
            heappush(self.events, (time + self.claim[blossom], _SPENT, blossom, 0, 0))

    def _scan(self, vertices: Iterable[int]) -> None:
        """Note when the edges of outer vertices become tight."""
        for u in vertices:
            for v, cost in self.near[u]:
                self._note(u, v, cost)

    def _scan_freed(self, vertices: Iterable[int]) -> None:
        """Note when the edges to vertices that left the tree become tight."""
        for v in vertices:
            for u, cost in self.near[v]:
                self._note(u, v, cost)

    def _note(self, u: int, v: int, cost: int) -> None:
        time = self._time(u, v, cost)
        if time is not None:
            heappush(self.events, (time, _TIGHT, u, v, cost))

    def _settle(self, blossoms: Iterable[int], time: int) -> None:
        """Book what blossoms of the tree have grown or shrunk, and take them off it."""
        for blossom in blossoms:
            grown = self.sign.pop(blossom) * (time - self.since.pop(blossom))
            self.up.pop(blossom, None)
            if blossom >= self.held.size:
                self.claim[blossom] += grown
            for vertex in self.held.vertices(blossom):
                self.reach[vertex] += grown

    def _steps(self, blossom: int) -> list[Link]:
        """Return the edges from an outer blossom to the root of the tree, each with the blossom that it leaves."""
        steps = []
        while (partner := self.held.mate[self.held.base(blossom)]) >= 0:
            inner = self.held.top[partner]
            outer, entered = self.up[inner]
            steps += [(blossom, self.held.base(blossom), partner), (inner, entered, outer)]
            blossom = self.held.top[outer]
        return steps

    def _shrink(self, u: int, v: int, time: int) -> None:
        """Close the ring that an edge between two outer blossoms makes with the tree; its inner ones become outer."""
        held = self.held
        left, right = self._steps(held.top[u]), self._steps(held.top[v])
        while left and right and left[-1] == right[-1]:
            left.pop()
            right.pop()
        ring = self._ring(left, (held.top[u], u, v), right)
        inner = [link[0] for link in ring if self.sign[link[0]] == INNER]
        self._settle([link[0] for link in ring], time)
        made = held.close(ring)
        self.claim[made], self.sign[made], self.since[made] = 0, OUTER, time
        for blossom in inner:
            self._scan(held.vertices(blossom))

    def _spent(self, blossom: int, time: int) -> None:
        """Open an inner blossom that claims nothing any more: the way through it stays in the tree, the rest leaves."""
        if self.sign.get(blossom) != INNER or self.since[blossom] + self.claim[blossom] != time:
            return
        up, (_, way) = self.up[blossom], self.held.way_to_base(blossom, self.up[blossom][1])
        joined = [up, *(self.held.edge(blossom, start, end) for start, end in pairwise(way))]
        self._settle([blossom], time)
        del self.claim[blossom]
        ring = self.held.open(blossom)
        for place, edge in zip(way[::2], joined[::2], strict=True):
            self._inner(ring[place][0], edge, time)
        for place in way[1::2]:
            self._outer(ring[place][0], time)
        for place in set(range(len(ring))) - {place % len(ring) for place in way}:
            self._scan_freed(self.held.vertices(ring[place][0]))

    def _ring(self, left: list[Link], between: Link, right: list[Link]) -> list[Link]:
        """Return a ring that starts where two ways to the root meet, goes down one of them and comes up the other."""
        down = [(self.held.top[b], b, a) for _, a, b in reversed(left)]
        return [*down, between, *right]

    def _change(self, u: int, v: int) -> None:
        """Pair an outer vertex with one outside the tree, and all others on the way to the root anew."""
        held = self.held
        held.turn(held.top[v], v)
        while True:
            held.mate[v], outer = u, held.top[u]
            left = held.mate[held.base(outer)]
            held.turn(outer, u)
            held.mate[u] = v
            if left < 0:
                return
            inner = held.top[left]
            u, v = self.up[inner]
            held.turn(inner, v)
