"""What drawing gives back: the grids, which building is in which, and an explanation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import geopandas
import pandas as pd

from gridmap.partition.drawing.atoms import Atoms

#: Columns of the transfer list.
TRANSFERS = ("building", "households", "from", "to", "reason")


@dataclass(frozen=True, kw_only=True)
class Exceptional:
    """A grid that is not as was wished, and what forces it."""

    #: code of the grid
    grid: str
    #: households or residents of the grid
    weight: float
    #: by which share of the target it differs
    deviation: float
    #: a short stable word: ``atom`` one atom alone is too heavy, ``region`` its island or the area above holds too few
    #: or too many, ``coarse`` no atom at its border is light enough, ``island`` it lies in several parts of ground,
    #: ``special`` a special grid has no size, ``enclosed`` it lies inside another grid, ``search`` none was found: the
    #: search ended before
    reason: str
    #: what forces it: ids of buildings, or the code of the area above
    forced_by: tuple[str, ...]
    #: the same as a sentence
    message: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """How good a plan is, and why it is not better."""

    #: what was asked for, in households or residents
    target: float
    low: float
    high: float
    #: no plan with this number of grids can have its greatest and least grid nearer together than this
    reachable: tuple[float, float]
    #: number of grids
    grids: int
    #: share of the basic grids inside the band
    within: float
    #: mean and greatest difference from the target, as shares of it
    mean_deviation: float
    greatest_deviation: float
    #: Polsby-Popper measure: mean and least
    compactness: float
    least_compactness: float
    #: weighted metres of barriers inside grids, and in all
    barrier_m: float
    barrier_total_m: float
    #: grids that are not as was wished, each with what forces it
    exceptions: tuple[Exceptional, ...]
    #: what was noticed about the input
    warnings: tuple[str, ...] = ()
    #: whether it was stopped before its end
    stopped: bool = False
    #: share of the households or residents that changed grid; None where nothing was in force
    moved: float | None = None

    def __str__(self) -> str:
        """Return a few lines fit to be shown."""
        lines = [
            f"{self.grids} grid{'s' * (self.grids != 1)}, {self.within:.1%} between {self.low:g} and {self.high:g}",
            f"differing by {self.mean_deviation:.1%} on the mean and {self.greatest_deviation:.1%} at most",
            f"compactness {self.compactness:.2f}",
            f"barriers inside grids {self.barrier_m:,.0f} of {self.barrier_total_m:,.0f} m",
        ]
        if self.moved is not None:
            lines.append(f"{self.moved:.2%} change grid")
        return "\n".join([*lines, *(exception.message for exception in self.exceptions), *self.warnings])


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Grids as drawn; unpacks as ``grids, assignment``."""

    #: code, name, level, parent, households, residents, buildings, area_m2, compactness, parts, kind, deviation,
    #: barrier_m and polygon; from west to east
    grids: geopandas.GeoDataFrame
    #: building, grid; in the order of the buildings
    assignment: pd.DataFrame
    #: how good it is and why not better
    report: Report
    #: building, households, from, to, reason: buildings that change grid, where areas in force were given
    transfers: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(TRANSFERS)))
    #: the atoms that the grids are made of, which `redraw` is quicker with; None where whole areas were drawn together
    ground: Atoms | None = field(default=None, repr=False)

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Return the grids, then the assignment."""
        return iter((self.grids, self.assignment))

    def __getitem__(self, position: int) -> pd.DataFrame:
        """Return the grids for 0, the assignment for 1."""
        return (self.grids, self.assignment)[position]

    def __len__(self) -> int:
        """Return 2."""
        return 2
