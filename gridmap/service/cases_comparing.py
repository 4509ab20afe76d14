"""A case compared in its own zone: what is contested, and what each candidate that stands makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
from sqlalchemy import Engine

from gridmap import store
from gridmap.crs import to_system
from gridmap.disputes import Comparison, compare
from gridmap.disputes.proposals import Share
from gridmap.errors import InputError, NotFoundError
from gridmap.store.cases_reading import Case, read_case
from gridmap.territory import today


def get_case(engine: Engine, code: str) -> Case:
    """Return a case, with all that was ever written into it.

    Raises
    ------
    NotFoundError, RecordError
        As `gridmap.store.cases_reading.read_case`.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        return read_case(connection, code)


def compare_case(
    case: Case,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    objects: gpd.GeoDataFrame | None = None,
    status_quo: str | None = None,
    shares: Sequence[Share] = (),
    candidates: bool = True,
) -> Comparison:
    """Return what is contested in a case, and what each candidate that stands makes of it, in the case's zone.

    Raises
    ------
    InputError
        If the case has no claims yet; as `gridmap.disputes.compare`.
    TableError, CrsError, TooLargeError
        As `gridmap.disputes.compare`.
    """
    zone = case.head.epsg
    if zone is None or case.standing_claims.empty:
        raise InputError(f"case {case.head.code} has no claims", do="add those of two parties", code="no_claims")
    proposed = case.standing_candidates
    # a claim's own number of evidence is none that a comparison knows
    claims = case.standing_claims[["party", "source", "date", "accuracy_m", "geometry"]]
    return compare(
        to_system(claims, zone),
        to_system(proposed[["id", "source", "geometry"]], zone) if candidates and len(proposed) else None,
        buildings,
        objects=objects,
        status_quo=status_quo,
        shares=shares,
    )


def refuse_unknown(case: Case, candidate: str | None) -> None:
    """Refuse an id that no candidate of a case bears that stands; None stands for all of them.

    Raises
    ------
    NotFoundError
        If none bears it; those that stand are named.
    """
    standing = list(case.standing_candidates["id"])
    if candidate is None or candidate in standing:
        return
    known = ", ".join(standing) or "none yet"
    raise NotFoundError(
        f"no candidate {candidate!r} stands in case {case.head.code}",
        expected=f"one that stands: {known}",
        code="no_candidate",
        values={"candidate": candidate, "known": known},
    )


def compare_in_record(engine: Engine, case: Case) -> Comparison:
    """Return the comparison of a case with the buildings in force today around its claims.

    It warns of what had to be taken for granted to read the claims, too.

    Raises
    ------
    InputError, TableError, CrsError, TooLargeError
        As `compare_case`.
    RecordError
        If the server went away.
    """
    found = compare_case(case, buildings=_buildings(engine, case))
    return replace(found, warnings=[*_read_with(case), *found.warnings])


def _buildings(engine: Engine, case: Case) -> gpd.GeoDataFrame | None:
    if case.standing_claims.empty:
        return None
    west, south, east, north = map(float, case.standing_claims.total_bounds)
    with engine.connect() as connection:
        return store.read(connection, "buildings", on=today(), bbox=(west, south, east, north))


def _read_with(case: Case) -> list[dict[str, Any]]:
    """What was warned of when the claims that stand were read; a file of several claims warns once."""
    told = [warning for reading in case.standing_claims["reading"] for warning in (reading or {}).get("warnings", ())]
    return [warning for place, warning in enumerate(told) if warning not in told[:place]]
