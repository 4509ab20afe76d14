"""Odd sets of vertices that act as one (Edmonds' blossoms): how they nest, and how pairs turn round inside them.

A blossom is a ring of an odd number of smaller ones, single vertices at the bottom, that tight edges hold together.
All its vertices but one, its base, are paired inside; any vertex can be made the base.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

#: One member of a ring: which, the vertex in it and the vertex in the next member that an edge joins.
Link = tuple[int, int, int]


@dataclass(kw_only=True)
class Blossoms:
    """Pairs of vertices and the blossoms round them; numbers below ``size`` are single vertices."""

    #: number of vertices
    size: int
    #: the other vertex of its pair, -1 where it has none
    mate: list[int] = field(init=False)
    #: the outermost blossom that holds each vertex
    top: list[int] = field(init=False)
    #: the blossom of which each is a member, where it is one's
    within: dict[int, int] = field(default_factory=dict)
    #: members of each blossom in order; the first holds the base, and the second is paired with the third, and so on
    ring: dict[int, list[Link]] = field(default_factory=dict)
    #: the vertex of each blossom that is not paired inside
    bases: dict[int, int] = field(default_factory=dict)
    #: the number of the next blossom
    following: int = field(init=False)

    def __post_init__(self) -> None:
        """Start with every vertex alone."""
        self.mate, self.top, self.following = [-1] * self.size, list(range(self.size)), self.size

    def base(self, blossom: int) -> int:
        """Return the vertex that is not paired inside."""
        return self.bases.get(blossom, blossom)

    def vertices(self, blossom: int) -> Iterator[int]:
        """Yield the vertices that a blossom holds."""
        waiting = [blossom]
        while waiting:
            member = waiting.pop()
            if member < self.size:
                yield member
            else:
                waiting += [link[0] for link in self.ring[member]]

    def round(self, blossom: int) -> Iterator[int]:
        """Yield the blossoms that hold one, from inside out."""
        while blossom in self.within:
            blossom = self.within[blossom]
            yield blossom

    def close(self, ring: list[Link]) -> int:
        """Make a blossom of outermost ones; the first of them holds the base."""
        made, self.following = self.following, self.following + 1
        self.ring[made], self.bases[made] = ring, self.base(ring[0][0])
        self.within |= {link[0]: made for link in ring}
        for vertex in self.vertices(made):
            self.top[vertex] = made
        return made

    def open(self, blossom: int) -> list[Link]:
        """Take an outermost blossom apart and return its ring."""
        ring = self.ring.pop(blossom)
        del self.bases[blossom]
        for member, _, _ in ring:
            del self.within[member]
            for vertex in self.vertices(member):
                self.top[vertex] = member
        return ring

    def way_to_base(self, blossom: int, vertex: int) -> tuple[int, list[int]]:
        """Return the place in the ring of the member with a vertex, and the places from there to the base's.

        The number of steps is even and the first leads to the member with which it is paired.
        """
        member = self.member(blossom, vertex)
        ring = self.ring[blossom]
        place = next(place for place, link in enumerate(ring) if link[0] == member)
        if place % 2:
            return place, [at % len(ring) for at in range(place, len(ring) + 1)]
        return place, list(range(place, -1, -1))

    def member(self, blossom: int, vertex: int) -> int:
        """Return the member of a blossom's ring that holds a vertex."""
        while self.within[vertex] != blossom:
            vertex = self.within[vertex]
        return vertex

    def edge(self, blossom: int, start: int, end: int) -> tuple[int, int]:
        """Return the edge between two neighbours in a ring, from the first one's vertex to the second one's."""
        ring = self.ring[blossom]
        if (start + 1) % len(ring) == end:
            return ring[start][1], ring[start][2]
        return ring[end][2], ring[end][1]

    def turn(self, blossom: int, vertex: int) -> None:
        """Make a vertex the base of a blossom that holds it: pairs inside change over, from there to the old base."""
        waiting = [(blossom, vertex)]
        while waiting:
            turned, base = waiting.pop()
            if turned < self.size or self.bases[turned] == base:
                continue
            place, way = self.way_to_base(turned, base)
            ring = self.ring[turned]
            waiting.append((ring[place][0], base))
            for start, end in zip(way[1::2], way[2::2], strict=True):
                a, b = self.edge(turned, start, end)
                self.mate[a], self.mate[b] = b, a
                waiting += [(ring[start][0], a), (ring[end][0], b)]
            self.ring[turned], self.bases[turned] = ring[place:] + ring[:place], base
