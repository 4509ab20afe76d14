"""How fast a crew gets along: on foot, by e-bike, by car."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.errors import InputError

#: Classes that nobody but cars may use.
_MOTORWAYS = frozenset({"motorway", "motorway_link"})
#: Classes that no car fits into, or may drive on.
_NO_CARS = frozenset(
    {"footway", "path", "steps", "pedestrian", "cycleway", "corridor", "platform", "bridleway", "elevator", "trail"}
)


@dataclass(frozen=True, kw_only=True)
class Mode:
    """A way to get along streets.

    Both directions of a street are open to it, one-way streets too, whatever a layer says of them: crews on foot may,
    and those on call do. Who drives to a place in a car by the rules may need longer than is said.
    """

    #: what it is called
    name: str
    #: metres a second on any street
    speed_m_s: float
    #: metres a second on streets of some classes
    by_class: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    #: classes of streets closed to it
    closed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse speeds that lead nowhere."""
        if not all(0 < speed < np.inf for speed in (self.speed_m_s, *self.by_class.values())):
            raise InputError(f"a speed of mode {self.name!r} that is not above 0", expected="metres a second")

    @property
    def fastest_m_s(self) -> float:
        """The greatest of its speeds."""
        return max(self.speed_m_s, *self.by_class.values(), self.speed_m_s)

    def speeds(self, kinds: Any) -> npt.NDArray[np.float64]:
        """Return metres a second on streets of these classes, 0 where they are closed, shape (n,).

        Examples
        --------
        >>> EBIKE.speeds(["residential", "footway", "motorway"]).tolist()
        [4.2, 2.5, 0.0]
        """
        names, which = np.unique(np.asarray(kinds, dtype=object).astype(str), return_inverse=True)
        speed = [0.0 if name in self.closed else self.by_class.get(name, self.speed_m_s) for name in names.tolist()]
        return np.asarray(speed, dtype=float)[which]


#: 4.7 km/h, a brisk walk; up or down stairs half of it.
FOOT = Mode(name="foot", speed_m_s=1.3, by_class=MappingProxyType({"steps": 0.6}), closed=_MOTORWAYS)
#: 15 km/h with stops, below the 25 km/h that GB 17761 builds e-bikes for; among walkers 9 km/h.
EBIKE = Mode(
    name="e-bike",
    speed_m_s=4.2,
    by_class=MappingProxyType({"footway": 2.5, "pedestrian": 2.5, "path": 2.5}),
    closed=_MOTORWAYS | {"steps", "elevator"},
)
#: 25 km/h in a town with its lights; more on main roads, less inside a compound.
CAR = Mode(
    name="car",
    speed_m_s=7.0,
    by_class=MappingProxyType({"motorway": 20.0, "trunk": 14.0, "primary": 10.0, "secondary": 9.0, "service": 4.0}),
    closed=_NO_CARS,
)

#: The modes by name.
MODES: Mapping[str, Mode] = MappingProxyType({mode.name: mode for mode in (FOOT, EBIKE, CAR)})


def mode_of(mode: Mode | str) -> Mode:
    """Return a mode by its name, or as it is.

    Raises
    ------
    InputError
        If there is no mode of that name.

    Examples
    --------
    >>> mode_of("car").speed_m_s
    7.0
    """
    if isinstance(mode, Mode):
        return mode
    if mode not in MODES:
        raise InputError(f"mode {mode!r}", expected=f"one of {', '.join(MODES)}")
    return MODES[mode]
