"""What each candidate gives to each party and takes from it, booked so that both sides can check it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridmap.disputes.arrangement import Arrangement, dense
from gridmap.disputes.halves import Halves

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Booking:
    """A candidate's ledger, party by party in the order of its halves, in m2."""

    #: disputed ground, and ground of others, that the party gets
    gain: Floats
    #: ground it claims and another gets
    loss: Floats
    #: of the loss, what nobody else claims
    undisputed: Floats
    #: of the gain, what another alone claims
    unclaimed: Floats
    #: ground that the candidate settles, every cell once
    settled: float
    #: disputed ground between the parties, and ground cut off from its party, of which the candidate does not tell
    #: whose side it is on
    undecided: float
    #: which side is whose: position of the side, -1 where the candidate does not tell
    home: NDArray[np.intp]
    #: side by cell by party: whether the piece is the party's gain
    goes: NDArray[np.bool_]
    #: side by cell by party: whether the piece is the party's loss
    lost: NDArray[np.bool_]


def booked(cut: Halves, land: Arrangement, *, home_share: float) -> Booking:
    """Return the ledger of one candidate.

    The side of a party is that on which most of the ground lies that it alone claims among the parties concerned. A
    piece of disputed ground goes to the one claimant (of a gap: neighbour) whose side it lies on. A piece of ground
    that one party alone claims, on the side of one other, is taken from it and goes to that one, who never claimed it.
    What two or none of its claimants have on their side stays undecided, what is cut off from one party on the side of
    several others too, and so does everything where a candidate cuts a party's own ground in halves.

    Parameters
    ----------
    cut
        What the candidate leaves on its sides.
    land
        The cells.
    home_share
        Least share of a party's own ground on its side.

    Raises
    ------
    Nothing
    """
    claims = dense(land.claimed, cut.cells, cut.parties)
    about = dense(land.about, cut.cells, cut.parties)
    # ground that others claim too, who are not concerned, stays as open as it was
    ours = land.claims[cut.cells] == claims.sum(axis=1)
    sole = claims & (claims.sum(axis=1) == 1)[:, None]
    home = _homes(cut.area, claims, sole, home_share)
    side_of = home[None, :] == np.arange(len(cut.sides))[:, None]
    disputed = ours & land.disputed[cut.cells]
    # side by cell by party: who of those a piece is about has his side here
    right = side_of[:, None, :] & np.where(disputed[:, None], about, ~sole)[None, :, :]
    taken = ours & sole.any(axis=1)
    away = ~(side_of[:, None, :] & sole[None, :, :]).any(axis=2)
    goes = right & (right.sum(axis=2) == 1)[:, :, None] & (disputed[None, :] | (taken[None, :] & away))[:, :, None]
    moved = goes.any(axis=2)
    lost = claims[None, :, :] & moved[:, :, None] & ~goes
    off = away & (ours & (sole & (home >= 0)).any(axis=1))
    area = cut.area[:, :, None]
    return Booking(
        gain=(goes * area).sum(axis=(0, 1)),
        loss=(lost * area).sum(axis=(0, 1)),
        undisputed=(lost * area)[:, sole.any(axis=1)].sum(axis=(0, 1)),
        unclaimed=(goes * area)[:, taken].sum(axis=(0, 1)),
        settled=float(cut.area[moved].sum()),
        undecided=float(cut.area[~moved & (disputed[None, :] | (off & right.any(axis=2)))].sum()),
        home=home,
        goes=goes,
        lost=lost,
    )


def _homes(area: Floats, claims: NDArray[np.bool_], sole: NDArray[np.bool_], least: float) -> NDArray[np.intp]:
    """The side of each party, -1 where none holds enough of its ground.

    A party whose whole claim others claim too has its side where most of its claim lies that is nobody's side yet.
    """
    count = claims.shape[1]
    if len(area) < 2:  # noqa: PLR2004 - one side is no cut
        return np.full(count, -1, dtype=np.intp)
    own = area @ sole
    home = _main(own, least)
    landless = own.sum(axis=0) == 0
    free = area @ claims
    free[home[home >= 0]] = 0
    home[landless] = _main(free, least)[landless]
    return home


def _main(area: Floats, least: float) -> NDArray[np.intp]:
    """The side that holds the given share of each column, -1 where none does."""
    whole = area.sum(axis=0)
    best = area.argmax(axis=0)
    enough = (area.max(axis=0) >= least * whole) & (whole > 0)
    return np.where(enough, best, -1)
