"""Where each rule draws its line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of the rules; None lets a rule rest.

    What is *rounding* and what is a fault differs from office to office, and so do the norms: the text of GB/T 34300
    is not at hand, hence its figures are configuration. The defaults are those that yearbooks and guides state.
    """

    #: metres: ground held twice, by nobody or outside is survey rounding where it is nowhere wider than this, ...
    rounding_m: float = 0.01
    #: ... or while it is below both this many square metres ...
    ground_m2: float = 5.0
    #: ... and this width: twice the error of the difference of two corners surveyed to 10 cm each, 2 x 1.41 x 0.1
    width_m: float = 0.28
    #: metres within which a vertex counts as lying on a neighbour's border
    vertex_m: float = 0.001
    #: metres: an area or a part of one that is nowhere wider is a sliver
    sliver_m: float = 3.0
    #: least Polsby-Popper compactness, 4 pi area / perimeter squared
    compactness: float | None = 0.05
    #: least and greatest number of households of a grid
    households: tuple[float, float] | None = (150.0, 500.0)
    #: least and greatest number of residents of a grid
    residents: tuple[float, float] | None = None
    #: level that the counts are asked of; where no level is stated, every finest area is
    counted_level: str = "grid"
    #: metres of a barrier inside one area that are let pass
    barrier_m: float = 50.0
    #: metres from its border within which a barrier counts as running along it
    beside_m: float = 15.0
    #: share of a building's ground in a second area from which on the border cuts it
    cut_share: float = 0.01
    #: classes of streets that count as barriers (OpenStreetMap's key highway)
    main_roads: frozenset[str] = frozenset({"motorway", "trunk", "primary", "secondary"})
