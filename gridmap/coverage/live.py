"""Live edit: the shares of all streets and areas kept, and refreshed where a camera is moved, turned, added or removed.

What stands never changes once it is made: a change makes another that shares all that is untouched, so that many may
ask "what if" of the same at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.coverage import live_ground, live_streets
from gridmap.coverage.areas import shares
from gridmap.coverage.counting import Counting, counted, counted_views
from gridmap.coverage.cuts import Cuts, over
from gridmap.coverage.ground import Ground
from gridmap.coverage.live_ground import Overlooked
from gridmap.coverage.live_streets import Held, Watched
from gridmap.coverage.streets import shares_of
from gridmap.errors import Fault, TableError
from gridmap.visibility.lines import parts as parts_of

if TYPE_CHECKING:
    from gridmap.visibility.cameras.views import Views
    from gridmap.visibility.lines import Parts
    from gridmap.visibility.sweep.pieces import Pieces


@dataclass(frozen=True, kw_only=True)
class Sees:
    """What one camera sees now."""

    #: the camera: a table of one row, with ``id`` and, where known, ``status``, ``valid_from``, ``valid_to``
    camera: pd.DataFrame
    #: its views
    views: Views
    #: their ground
    pieces: Pieces


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Shares as they stand: ask `streets`, `street_shares` and `areas`, or for others with `replaced`."""

    #: what is counted
    counting: Counting
    #: id of each street
    ids: npt.NDArray[np.object_]
    #: number of each camera, by its id
    numbers: Mapping[str, int]
    #: streets and who sees them
    lines: Watched
    #: ground and who sees it, None where only streets are asked about
    plots: Overlooked | None

    @property
    def changed(self) -> frozenset[str]:
        """Ids of the cameras that were changed since all were counted."""
        return frozenset(name for name, number in self.numbers.items() if number in self.lines.changed)

    def streets(self) -> pd.DataFrame:
        """Return the table of `gridmap.coverage.streets`; what is no street has no metres."""
        return self._streets.copy()

    def street_shares(self) -> pd.DataFrame:
        """Return the table of `gridmap.coverage.street_shares`."""
        return self._street_shares.copy()

    def areas(self) -> pd.DataFrame:
        """Return the table of `gridmap.coverage.areas`; no rows where only streets are kept."""
        return self._areas.copy()

    # each is worked out once, and only if it is asked for: a live edit has a tenth of a second
    @cached_property
    def _streets(self) -> pd.DataFrame:
        metres, length = (self._by_street(each) for each in (self.lines.metres, self.lines.laid.length_m))
        return _table(self.ids, "id", self._told(metres), length)

    @cached_property
    def _street_shares(self) -> pd.DataFrame:
        laid = self.lines.laid
        metres, length = (laid.per_area(each) for each in (self.lines.metres, laid.length_m))
        return _table(laid.areas["code"].to_numpy(dtype=object), "code", self._told(metres), length)

    @cached_property
    def _areas(self) -> pd.DataFrame:
        return pd.DataFrame() if self.plots is None else shares(self.plots.plots, self.plots.amounts, self.counting)

    def _by_street(self, amounts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Amounts of stretches summed by street."""
        totals = np.zeros((len(self.ids), *amounts.shape[1:]))
        np.add.at(totals, self.lines.laid.line, amounts)
        return totals

    def _told(self, metres: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Metres at least so well seen as the bands asked for."""
        return metres if self.counting.at_least else np.diff(metres, axis=2, prepend=0.0)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a change would bring: what stands after it, and the rows of the tables that differ, with what was before."""

    #: what stood
    before: Standing
    #: what stands then
    after: Standing

    @cached_property
    def streets(self) -> pd.DataFrame:
        """Rows of `Standing.streets` that differ, with ``before_m`` and ``share_before``; worked out when asked for."""
        return _differing(self.before.streets(), self.after.streets(), "_m")

    @cached_property
    def street_shares(self) -> pd.DataFrame:
        """Rows of `Standing.street_shares` that differ, with ``before_m`` and ``share_before``."""
        return _differing(self.before.street_shares(), self.after.street_shares(), "_m")

    @cached_property
    def areas(self) -> pd.DataFrame:
        """Rows of `Standing.areas` that differ, with ``before_m2`` and ``share_before``."""
        return _differing(self.before.areas(), self.after.areas(), "_m2")


def stand(
    seen: tuple[Pieces, Views, Parts],
    cameras: pd.DataFrame,
    streets: pd.DataFrame,
    laid: Cuts,
    *,
    plots: Ground | None = None,
    counting: Counting | None = None,
) -> Standing:
    """Return the shares of all streets and areas, kept for live edit.

    Parameters
    ----------
    seen
        Ground in view, the views, and the metres of street in view.
    cameras
        ``id``: the table the views were made of.
    streets
        ``id``: the table the parts were taken of.
    laid
        The streets cut along areas.
    plots
        The ground of areas; without it only streets are kept.
    counting
        Day, status and bands. Who asks for two ways of counting keeps two: `stands`.

    Raises
    ------
    TableError
        If tables are not those of the parts and the views, or ids of cameras are repeated.
    """
    return stands(seen, cameras, streets, laid, plots=plots, countings=(counting or Counting(),))[0]


def stands(
    seen: tuple[Pieces, Views, Parts],
    cameras: pd.DataFrame,
    streets: pd.DataFrame,
    laid: Cuts,
    *,
    plots: Ground | None = None,
    countings: Sequence[Counting],
) -> tuple[Standing, ...]:
    """Return what `stand` returns for several ways of counting, which share all that does not depend on the way.

    Parameters
    ----------
    seen, cameras, streets, laid, plots
        As `stand`.
    countings
        The ways of counting.

    Raises
    ------
    TableError
        As `stand`.
    """
    pieces, views, parts = seen
    names = cameras["id"].astype(str).tolist()
    if len(set(names)) < len(names):
        raise TableError("cameras", [Fault(code="duplicate_id", message="ids of cameras repeat; give each its own")])
    numbers = np.arange(len(names))
    flags = [counted_views(views, counted(cameras, each)) for each in countings]
    inside = over(parts, laid)
    grounds: Sequence[Overlooked | None] = [None] * len(flags)
    if plots is not None:
        grounds = live_ground.overlooked(pieces, views, flags, plots, numbers)
    return tuple(
        Standing(
            counting=counting,
            ids=streets["id"].to_numpy(dtype=object),
            numbers=MappingProxyType(dict(zip(names, numbers.tolist(), strict=True))),
            lines=live_streets.watched(inside, views, own, laid, numbers),
            plots=ground,
        )
        for counting, own, ground in zip(countings, flags, grounds, strict=True)
    )


def replaced(before: Standing, cameras: Mapping[str, Sees | None]) -> Change:
    """Return what changes where cameras see something else than they did.

    The figures are those of computing everything anew, but for rounding in the last digits of ground.

    Parameters
    ----------
    before
        What stands; it is not changed.
    cameras
        What each camera sees now, by its id; None where it is gone. An id not known is a new camera.

    Returns
    -------
    Change
        What stands after, and the rows that differ.

    Raises
    ------
    TableError
        If a camera that is gone is not known, or views are not those of its one row.
    """
    after = before
    for name, sees in cameras.items():
        after = _with(after, name, sees)
    return Change(before=before, after=after)


def _with(before: Standing, name: str, sees: Sees | None) -> Standing:
    """What stands with one camera changed."""
    if name not in before.numbers:
        if sees is None:
            raise TableError("cameras", [Fault(code="unknown_camera", message=f"no camera {name} that could go")])
        before = replace(before, numbers=MappingProxyType({**before.numbers, name: len(before.numbers)}))
    number = before.numbers[name]
    if sees is None:
        gone = live_streets.with_camera(before.lines, number, before.lines.held.taken(np.zeros(0, np.int64)))
        plots = None if before.plots is None else live_ground.with_camera(before.plots, number, None)
        return replace(before, lines=gone, plots=plots)
    flags = counted_views(sees.views, counted(sees.camera, before.counting))
    inside = over(parts_of(sees.pieces, sees.views, before.lines.laid.lines), before.lines.laid)
    lines = live_streets.with_camera(before.lines, number, Held.of(inside, sees.views, flags, np.array([number])))
    if before.plots is None:
        return replace(before, lines=lines)
    ground = live_ground.overseen(sees.pieces, sees.views, flags, before.plots.plots, number)
    return replace(before, lines=lines, plots=live_ground.with_camera(before.plots, number, ground))


def _table(
    keys: npt.NDArray[np.object_], name: str, metres: npt.NDArray[np.float64], whole: npt.NDArray[np.float64]
) -> pd.DataFrame:
    return shares_of(keys, name, metres, whole).rename(columns={"seen": "seen_m"})


def _differing(old: pd.DataFrame, new: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Rows of a table that differ, with what was before."""
    if new.empty:
        return new.copy()
    one, other = (table[new.columns[2:]].to_numpy(dtype=float) for table in (old, new))
    differ = ((one != other) & ~(np.isnan(one) & np.isnan(other))).any(axis=1)
    rows: pd.DataFrame = new[differ].reset_index(drop=True)
    rows[f"before{unit}"] = old[f"seen{unit}"].to_numpy()[differ]
    rows["share_before"] = old["share"].to_numpy()[differ]
    return rows
