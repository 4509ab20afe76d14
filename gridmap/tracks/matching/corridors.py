"""Side paths, carriageways and service lanes beside a street as one corridor with it.

A receiver that errs by 8 m cannot tell on which side of a street a crew walked, and who asks whether a street was
walked does not mean one of its kerbs. A *corridor* is a street with all that runs along it, at most 12 m and 20 degrees
off: what is walked there is walked on the street, and its metres count once. `Corridors` tells for every metre of every
street which corridor it belongs to, and where along the corridor's main street it lies; `laid` makes it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Metres of an interval on a piece that it only touches: the ends of pieces that meet differ by rounding.
ROUNDING_M = 1e-6


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Parts of intervals of streets, and where they lie on other streets, shape (q,) each."""

    #: position of the interval given
    given: Ints
    #: metres of the part along the street given
    low: Floats
    high: Floats
    #: row of the other street, and the metres along it beside `low` and `high` (falling where drawn against it)
    street: Ints
    at_low: Floats
    at_high: Floats


@dataclass(frozen=True, kw_only=True)
class Corridors:
    """Pieces that make up all streets, by street and metre, shape (p,) each; each lies along one main street.

    A piece of a street that runs along no other has the street itself as its main street.
    """

    #: row of the street, and the metres along it
    street: Ints
    from_m: Floats
    to_m: Floats
    #: row of the main street, and the metres along it beside `from_m` and `to_m` (falling where drawn against it)
    main: Ints
    main_from_m: Floats
    main_to_m: Floats

    def __len__(self) -> int:
        """Return the number of pieces."""
        return len(self.street)

    @property
    def own(self) -> Flags:
        """Which pieces are of a main street."""
        return np.asarray(self.street == self.main)

    def own_m(self, rows: int) -> Floats:
        """Return the metres that each street has as a main street: what shares of streets are shares of.

        Parameters
        ----------
        rows
            Streets of the table.

        Returns
        -------
        array, shape (rows,)
            0 for a street that runs along others from end to end.

        Raises
        ------
        Nothing
        """
        metres = np.where(self.own, self.to_m - self.from_m, 0.0)
        return np.bincount(self.street, weights=metres, minlength=rows).astype(np.float64)

    def onto(self, street: Ints, from_m: Floats, to_m: Floats) -> Placed:
        """Return intervals of streets on the main streets that they lie along.

        Parameters
        ----------
        street, from_m, to_m
            Rows of the streets, and metres along them, ``from_m <= to_m``, shape (m,).

        Returns
        -------
        Placed
            By interval and metre.

        Raises
        ------
        Nothing
            What lies beyond a street is on no corridor.
        """
        return self._crossed(self.street, (self.from_m, self.to_m), (street, from_m, to_m))

    def places(self, street: Ints, along: Floats) -> tuple[Ints, Floats]:
        """Return places on streets as places on the main streets that they lie along: rows and metres.

        Parameters
        ----------
        street, along
            Rows of the streets, and metres along them, shape (m,); -1 and NaN stay what they are.

        Raises
        ------
        Nothing
        """
        if self.own.all():
            return street, along
        # what separates the streets in one order of metres
        apart = float(self.to_m.max()) + 1.0
        key = self.street * apart + self.from_m
        piece = np.maximum(np.searchsorted(key, street * apart + np.nan_to_num(along), side="right") - 1, 0)
        share = (along - self.from_m[piece]) / np.maximum(self.to_m - self.from_m, 1e-9)[piece]
        metres = self.main_from_m[piece] + np.clip(share, 0, 1) * (self.main_to_m - self.main_from_m)[piece]
        return np.where(street < 0, -1, self.main[piece]), metres

    def beside(self, main: Ints, from_m: Floats, to_m: Floats) -> Placed:
        """Return intervals of main streets on all streets of their corridors, the main street itself among them.

        Parameters
        ----------
        main, from_m, to_m
            Rows of main streets, and metres along them, ``from_m <= to_m``, shape (m,).

        Returns
        -------
        Placed
            By interval, street and metre of that street.

        Raises
        ------
        Nothing
            A street that runs along another has no corridor of its own there.
        """
        swapped = Corridors(
            street=self.main,
            from_m=self.main_from_m,
            to_m=self.main_to_m,
            main=self.street,
            main_from_m=self.from_m,
            main_to_m=self.to_m,
        )
        order = np.argsort(self.main, kind="stable")
        swapped = Corridors(**{each.name: getattr(swapped, each.name)[order] for each in fields(self)})
        return swapped._crossed(swapped.street, (swapped.from_m, swapped.to_m), (main, from_m, to_m))

    def table(self, ids: Any) -> pd.DataFrame:
        """Return the pieces as a table: street, from_m, to_m, main, main_from_m, main_to_m.

        Parameters
        ----------
        ids
            Ids of the streets by row.

        Raises
        ------
        Nothing
        """
        names = np.asarray(ids, dtype=object)
        columns = {each.name: getattr(self, each.name) for each in fields(self)}
        return pd.DataFrame(columns | {"street": names[self.street], "main": names[self.main]})

    def _crossed(self, held: Ints, ends: tuple[Floats, Floats], asked: tuple[Ints, Floats, Floats]) -> Placed:
        """Parts of intervals asked on pieces sorted by street; pieces may run against their street."""
        street, from_m, to_m = asked
        first, last = np.searchsorted(held, street, side="left"), np.searchsorted(held, street, side="right")
        given = np.repeat(np.arange(len(street)), last - first)
        piece = np.arange(len(given)) - np.repeat(np.cumsum(last - first) - (last - first), last - first) + first[given]
        one, other = ends[0][piece], ends[1][piece]
        low = np.maximum(np.minimum(one, other), from_m[given])
        high = np.minimum(np.maximum(one, other), to_m[given])
        touched = high - low > ROUNDING_M
        given, piece, low, high = given[touched], piece[touched], low[touched], high[touched]
        size = (ends[1] - ends[0])[piece]
        slope = (self.main_to_m - self.main_from_m)[piece] / np.where(size == 0, 1.0, size)
        return Placed(
            given=given,
            low=low,
            high=high,
            street=self.main[piece],
            at_low=self.main_from_m[piece] + (low - ends[0][piece]) * slope,
            at_high=self.main_from_m[piece] + (high - ends[0][piece]) * slope,
        )
