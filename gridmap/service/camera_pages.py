"""What a page of cameras shows of a day: the ground that is seen, shares of areas, blind streets, the cameras."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from gridmap import coverage
from gridmap.crs import to_system
from gridmap.service.camera_shares import every_blind, table_of
from gridmap.service.camera_standing import COUNTINGS
from gridmap.service.camera_watches import Watch, Watches
from gridmap.store.schema import SRID
from gridmap.visibility.seeing import Sight, drawn
from gridmap.visibility.sweep.pieces import taken


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One day of a page."""

    #: the day
    on: date
    #: what is seen on it; days on which nothing differs share it
    watch: Watch

    @property
    def version(self) -> int:
        """Revision of the record."""
        return self.watch.recorded.version


def shown(watches: Watches, on: date) -> Shown:
    """Return what is seen on a day, at the revision that stands now.

    Raises
    ------
    NotFoundError
        If no area is in force on that day.
    RecordError
        If the record cannot be read.
    """
    return Shown(on=on, watch=watches.at(on))


def tables(watch: Watch, *, exact: bool) -> dict[str, Any]:
    """Return the tables that a page draws: what cameras that work see.

    Parameters
    ----------
    watch
        What is seen.
    exact
        Whether the reader may know where cameras stand; without, there are shares of areas alone.

    Returns
    -------
    dict of str to DataFrame
        ``shares`` (code, band, seen_m2, share, share_guaranteed, share_possible, ... of every area), and if exact
        ``viewsheds`` (camera, band, certainty, area_m2, geometry), ``blind`` (stretches that nobody sees) and
        ``cameras``, those that are offline too.

    Raises
    ------
    Nothing
        Without cameras nothing is seen.
    """
    # the very table that an area's shares are taken from
    shares = table_of(watch, "online", "ground").rename(columns={"seen": "seen_m2"})
    if not exact:
        return {"shares": shares}
    cameras = watch.recorded.cameras
    return {
        "shares": shares,
        "viewsheds": to_system(drawn(_working(watch)), SRID),
        "blind": every_blind(watch),
        "cameras": cameras,
    }


def _working(watch: Watch) -> Sight:
    """What cameras that work see."""
    sight = watch.sight
    works = coverage.counted(watch.recorded.cameras, COUNTINGS["online"])
    chosen = np.flatnonzero(works[sight.views.camera][sight.pieces.view])
    return replace(sight, pieces=taken(sight.pieces, chosen))
