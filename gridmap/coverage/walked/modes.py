"""On foot, on an electric bicycle or by car: told from the speed of a visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmap.coverage.walked.ledger import Visits

#: Ways to move by their number, slowest first.
MODES = ("foot", "e_bike", "car")
FOOT, E_BIKE, CAR = range(3)


@dataclass(frozen=True, kw_only=True)
class Speeds:
    """Greatest speeds of the slower ways to move, metres per second."""

    #: on foot: a run
    foot: float = 2.5
    #: on an electric bicycle: 25 km/h (GB 17761), and what a fix's error adds
    e_bike: float = 7.5

    def modes(self, visits: Visits) -> npt.NDArray[np.int8]:
        """Return the position in ``MODES`` of each visit; one that took no time counts as on foot."""
        took = visits.end - visits.start
        with np.errstate(divide="ignore", invalid="ignore"):
            speed = np.where(took > 0, visits.metres / took, 0.0)
        return np.asarray(np.digitize(speed, [self.foot, self.e_bike], right=True), dtype=np.int8)
