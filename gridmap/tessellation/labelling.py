"""Labels of the ground on the two sides of every line: whose cell it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.tessellation.arrays import Floats, Ints, next_in_ring, spread
from gridmap.tessellation.pieces import Pieces
from gridmap.tessellation.rings import Lines
from gridmap.tessellation.seams import share_out
from gridmap.tessellation.sides import Sides
from gridmap.tessellation.triangles import Walls


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Cells by number."""

    #: row of the face of each label, shape (n,)
    face: Ints
    #: row of the outline or line of each label, -1 for none, shape (n,)
    owner: Ints
    #: label of each piece, -1 where several share it, shape (pieces,)
    of_piece: Ints
    #: the sorted numbers of the pairs of face and owner, by which a label is found
    known: Ints

    def of(self, face: Ints, owner: Ints) -> Ints:
        """Return the labels of pairs of face and owner."""
        return np.searchsorted(self.known, _paired(face, owner))


def _paired(face: Ints, owner: Ints) -> Ints:
    """Return one number for a face and an owner."""
    return (face << 32) | owner


def labels_of(pieces: Pieces, sides: Sides, owner: Ints) -> Labels:
    """Return a label for each cell that there will be.

    Parameters
    ----------
    pieces
        The pieces of ground.
    sides
        Their edges.
    owner
        Owner of the wall along each step, seen from its piece, -1 for none, shape (steps,).

    Raises
    ------
    Nothing
        Pieces without owner get a label each.
    """
    step_piece = sides.polygon
    owned = (owner >= 0) & (pieces.owner[step_piece] < 0)
    pairs = np.unique(_paired(step_piece[owned], owner[owned]))
    sharers = np.bincount(pairs >> 32, minlength=len(pieces.face))
    alone = np.where(pieces.owner >= 0, pieces.owner, -1)
    alone[pairs >> 32] = pairs & 0xFFFFFFFF
    held = pieces.owner >= 0
    alone[held] = pieces.owner[held]
    known = np.unique(
        np.concatenate(
            [_paired(pieces.face[pairs >> 32], pairs & 0xFFFFFFFF), _paired(pieces.face[held], pieces.owner[held])]
        )
    )
    label = np.full(len(pieces.face), -1)
    one = held | (sharers == 1)
    label[one] = np.searchsorted(known, _paired(pieces.face[one], alone[one]))
    empty = np.flatnonzero(~held & (sharers == 0))
    label[empty] = len(known) + np.arange(len(empty))
    return Labels(
        face=np.concatenate([known >> 32, pieces.face[empty]]),
        owner=np.concatenate([known & 0xFFFFFFFF, np.full(len(empty), -1)]),
        of_piece=label,
        known=known,
    )


@dataclass(frozen=True, kw_only=True)
class Divided:
    """Edges divided into equal parts."""

    sides: Sides
    #: parts of each edge, shape (edges,)
    parts: Ints

    @property
    def first_half(self) -> Ints:
        """Number of the first half part of each edge."""
        return np.cumsum(2 * self.parts) - 2 * self.parts

    def at(self, edge: Ints, part: Ints) -> Floats:
        """Return the points between parts: part 0 starts at the low end."""
        low, high = self.sides.low[edge], self.sides.high[edge]
        share = (part / self.parts[edge])[:, None]
        return np.where(share == 1, high, low + (high - low) * share)

    def at_half(self, edge: Ints, half: Ints) -> Floats:
        """Return the points between half parts: the middle of a part is that of its two ends."""
        return np.where(
            (half % 2 == 0)[:, None],
            self.at(edge, half // 2),
            (self.at(edge, half // 2) + self.at(edge, (half + 1) // 2)) / 2,
        )


def divided(sides: Sides, owner: Ints, step_m: float) -> Divided:
    """Return the edges divided into parts of at most ``step_m`` metres.

    A wall between two others is divided at least once: its ends may belong to all of them, its middle is its own.
    """
    parts = np.maximum(1, np.ceil(np.hypot(*(sides.high - sides.low).T) / step_m)).astype(np.int64)
    after = next_in_ring(sides.ring)
    before = np.empty_like(sides.edge)
    before[after] = np.arange(len(before))
    between = (owner >= 0) & (owner[before] != owner) & (owner[after] != owner)
    parts[sides.edge[between]] = np.maximum(2, parts[sides.edge[between]])
    return Divided(sides=sides, parts=parts)


def lines_of(pieces: Pieces, sides: Sides, owner: Ints, *, step_m: float) -> tuple[Lines, Labels]:
    """Return (lines between the cells, their labels)."""
    labels = labels_of(pieces, sides, owner)
    parts = divided(sides, np.where(pieces.owner[sides.polygon] < 0, owner, -1), step_m)
    beside = np.full((int(2 * parts.parts.sum()), 2), -1)
    step_label = labels.of_piece[sides.polygon]
    whole = np.flatnonzero(step_label >= 0)
    which, half = spread(2 * parts.parts[sides.edge[whole]])
    at = parts.first_half[sides.edge[whole]][which] + half
    beside[at, np.where(sides.forward[whole], 0, 1)[which]] = step_label[whole][which]
    shared = np.flatnonzero(step_label < 0)
    if not shared.size:
        return _boundaries(parts, beside), labels
    seams, seam_labels = _share(pieces, parts, owner, shared, labels, beside)
    walls = _boundaries(parts, beside)
    return Lines(
        ends=np.concatenate([walls.ends, seams]),
        beside=np.concatenate([walls.beside, seam_labels]),
        loose=np.concatenate([walls.loose, np.ones(len(seams), dtype=bool)]),
    ), labels


def _share(
    pieces: Pieces, parts: Divided, owner: Ints, shared: Ints, labels: Labels, beside: Ints
) -> tuple[Floats, Ints]:
    """Share out the pieces with several owners: fill in ``beside`` along their walls, return the seams and labels."""
    sides = parts.sides
    which, part = spread(parts.parts[sides.edge[shared]])
    step = shared[which]
    edge, forward = sides.edge[step], sides.forward[step]
    count = parts.parts[edge]
    rings, ring = np.unique(sides.ring[step], return_inverse=True)
    walls = Walls(
        start=parts.at(edge, np.where(forward, part, count - part)),
        ring=ring,
        ring_piece=sides.ring_polygon[rings],
        owner=owner[step],
    )
    shares = share_out(walls)
    face = pieces.face[sides.polygon[step]]
    first = parts.first_half[edge] + np.where(forward, 2 * part, 2 * (count - part) - 1)
    side = np.where(forward, 0, 1)
    beside[first, side] = labels.of(face, shares.halves[:, 0])
    beside[first + np.where(forward, 1, -1), side] = labels.of(face, shares.halves[:, 1])
    face = pieces.face[shares.piece][:, None]
    return shares.seams, labels.of(face, shares.beside)


def _boundaries(parts: Divided, beside: Ints) -> Lines:
    """Return the stretches of edges that have different labels on their two sides."""
    edge, half = spread(2 * parts.parts)
    new = np.append(True, (beside[1:] != beside[:-1]).any(axis=1) | (half[1:] == 0)) if len(edge) else np.empty(0, bool)
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(edge)) - 1
    between = beside[first, 0] != beside[first, 1]
    first, last = first[between], last[between]
    ends = np.stack([parts.at_half(edge[first], half[first]), parts.at_half(edge[first], half[last] + 1)], axis=1)
    return Lines(ends=ends, beside=beside[first], loose=np.zeros(len(first), dtype=bool))
