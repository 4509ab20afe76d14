"""How accurate the claims of each party are: stated, by class, by the scale of a map, or assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.disputes.given import rows_of
from gridmap.disputes.limits import Limits
from gridmap.disputes.notes import Warning_, told
from gridmap.disputes.survey import CLASSES, SurveyError
from gridmap.errors import Fault, TableError

Floats = NDArray[np.float64]

#: Columns that tell of errors beside ``accuracy_m``, and the least that makes sense in them.
_SOURCES = ("georeference_m", "datum_m", "scale")


@dataclass(frozen=True, kw_only=True)
class PointErrors:
    """Standard errors of a point of each party, in metres."""

    #: what differs from point to point: surveying, drawing
    independent: Floats
    #: what shifts all points of the party together: georeferencing, datum
    common: Floats
    #: of which parties nobody stated the accuracy of a point
    assumed: NDArray[np.bool_]

    @property
    def combined(self) -> Floats:
        """All sources of error together."""
        found: Floats = np.hypot(self.independent, self.common)
        return found


def errors_of(
    claims: gpd.GeoDataFrame, labels: NDArray[Any], parties: Sequence[str], *, limits: Limits
) -> tuple[PointErrors, list[Warning_]]:
    """Return the standard errors of a point of each party.

    Parameters
    ----------
    claims
        ``accuracy_m?`` (of a surveyed point), ``accuracy_class?`` (1, 2, 3: where no accuracy is stated),
        ``georeference_m?`` (leave-one-out error of the picture it was drawn from), ``scale?`` (10000 of a map
        1:10 000), ``datum_m?`` (error of the parameters from another datum).
    labels
        The party of each row.
    parties
        The parties.
    limits
        ``assumed_m``.

    Returns
    -------
    PointErrors
        Of a party with several rows, the largest; assumed where any states neither accuracy nor class.
    warnings : list

    Raises
    ------
    TableError
        With every row whose figures are negative or no numbers, or whose class there is not.
    """
    table = pd.DataFrame({name: _numbers(claims, name) for name in ("accuracy_m", "accuracy_class", *_SOURCES)})
    _refuse_wrong(table)
    point = table["accuracy_m"].fillna(table["accuracy_class"].map(CLASSES))
    sources = zip(point.fillna(limits.assumed_m), *(table[name] for name in _SOURCES), strict=True)
    stated = [_stated(*row) for row in sources]
    each = np.array(
        [(error.independent_m, error.common_m, missing) for error, missing in zip(stated, point.isna(), strict=True)]
    )
    worst = np.array([each[rows].max(axis=0) for rows in rows_of(labels, parties)])
    errors = PointErrors(independent=worst[:, 0], common=worst[:, 1], assumed=worst[:, 2] > 0)
    return errors, [_assumed_told(parties[k], limits) for k in np.flatnonzero(errors.assumed).tolist()]


def _stated(point: float, georeference: float, datum: float, scale: float) -> SurveyError:
    """What one row states."""
    known = {"georeference_m": georeference, "datum_m": datum, "scale": scale}
    return SurveyError(point_m=point, **{name: value for name, value in known.items() if not np.isnan(value)})


def _numbers(claims: gpd.GeoDataFrame, name: str) -> Floats:
    """A column as numbers, nan where it says nothing or is missing; text that is no number is infinite."""
    if name not in claims:
        return np.full(len(claims), np.nan)
    given = claims[name]
    numbers = pd.to_numeric(given, errors="coerce").astype(float).to_numpy()
    return np.where(np.isnan(numbers) & given.notna().to_numpy(), np.inf, numbers)


def _refuse_wrong(table: pd.DataFrame) -> None:
    """Refuse figures that are no errors, all at once."""
    faults = [
        Fault(
            code="wrong_accuracy",
            message="an error is a number of metres, 0 or more",
            feature=int(row) + 1,
            column=name,
        )
        for name in ("accuracy_m", *_SOURCES)
        for row in np.flatnonzero((table[name] < 0) | np.isinf(table[name]))
    ]
    known = table["accuracy_class"].isna() | table["accuracy_class"].isin(list(CLASSES))
    faults += [
        Fault(code="wrong_class", message="a class is 1, 2 or 3", feature=int(row) + 1, column="accuracy_class")
        for row in np.flatnonzero(~known)
    ]
    if faults:
        raise TableError("claims", sorted(faults, key=lambda fault: fault.feature or 0))


def _assumed_told(party: str, limits: Limits) -> Warning_:
    """A party whose source does not say how accurate it is."""
    return told(
        "accuracy_assumed",
        party,
        f"{party} states no accuracy: {limits.assumed_m * 100:g} cm a point is taken, the third class of TD/T 1001",
        f"{party}未说明精度：按《地籍调查规程》三级界址点中误差±{limits.assumed_m * 100:g}厘米计",
    )
