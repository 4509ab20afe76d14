"""The parcels that an agreement makes: the ground that each party gets, in the parcels that lay there before.

Ground that the candidate settles leaves the parcels in which it lay, and goes to the parcel of the party that gets it.
A party's parcel is the one that had some of that ground, or has a border with it, and is the party's: by its label, or
because most of its other ground is what the party alone claims. Where a party has none or several, its ground becomes a
parcel of its own, together with what it alone claims and no parcel holds. All other parcels stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.crs import to_system
from gridmap.disputes import Comparison, epochs
from gridmap.errors import ConflictError, InputError
from gridmap.store.cases_agreeing import LINEAGE, Boundary
from gridmap.store.conflicts import listed

#: Ground narrower than this many metres is none: surveys are not written to less than a centimetre or so.
NARROW_M = 0.01

#: Metres of border that make neighbours; less is a corner that two have in common.
BORDER_M = 0.5

Ground = Any


def boundary(
    compared: Comparison, before: gpd.GeoDataFrame, *, prefix: str, ids: Mapping[str, str] | None = None
) -> Boundary:
    """Return the parcels that a candidate makes.

    Parameters
    ----------
    compared
        Claims and one candidate, in a metric CRS.
    before
        Parcels in force (``id``, ``party``; polygons), any CRS.
    prefix
        What identifiers of new parcels begin with; the party's label follows.
    ids
        Identifiers of parties' parcels by their label, where they shall be others.

    Raises
    ------
    InputError
        If the candidate settles no ground, ``ids`` names an unknown party, or two parcels would share an identifier.
    CrsError
        If the parcels are of another datum.
    """
    system = compared.gains.crs
    gains = {party: _one(part) for party, part in compared.gains.groupby("party")["geometry"]}
    settled = _solid(shapely.union_all(list(gains.values()))) if gains else shapely.Polygon()
    if settled.is_empty:
        raise InputError("the candidate settles no ground", do="see its ledger", code="nothing_settled")
    alone = {party: _one(part) for party, part in compared.agreed.groupby("parties")["geometry"]}
    old = to_system(before[["id", "party", "geometry"]], system)
    near = old[np.array([_beside(shape, settled) for shape in old.geometry], dtype=bool)].reset_index(drop=True)
    left = [_solid(shape.difference(settled)) for shape in near.geometry]
    owner = [_owner(party, shape, gains, alone) for party, shape in zip(near["party"], left, strict=True)]
    rows = {str(name): (party, shape) for name, party, shape in zip(near["id"], owner, left, strict=True)}
    taken = shapely.union_all(old.geometry.to_numpy())
    fresh = _fresh(gains, alone, rows, taken, ids=_checked(ids, gains), prefix=prefix)
    for name, party, shape in fresh:
        if name in set(old["id"]) - rows.keys():
            raise InputError(f"the parcel {name} lies elsewhere", do="give another identifier", code="id_taken")
        held = rows.get(name, (party, shapely.Polygon()))[1]
        rows[name] = (party, _solid(shapely.union(held, shape)))
    lost = {str(name) for name, shape in zip(near["id"], near.geometry, strict=True) if _meet(shape, settled)}
    touched = lost | {name for name, _, _ in fresh}
    before = near[near["id"].isin(touched)]
    return _made({name: row for name, row in rows.items() if name in touched}, before, _accuracy(compared), system)


def refuse_later(made: Boundary, before: gpd.GeoDataFrame, later: gpd.GeoDataFrame) -> None:
    """Refuse parcels that would come to lie over others from the day on which these come into force.

    Parameters
    ----------
    made
        The parcels that an agreement makes, in force until further notice.
    before
        Those in force when they come (``id``; polygons), any CRS.
    later
        Those that come into force after that day.

    Raises
    ------
    ConflictError
        If one of these has ground that a parcel of the agreement did not have before.
    CrsError
        If they are of another datum.
    """
    system = made.parcels.crs
    old = to_system(before[["id", "geometry"]], system)
    held = dict(zip(old["id"], old.geometry, strict=True))
    new = [
        shape.difference(held.get(name, shapely.Polygon()))
        for name, shape in zip(made.parcels["id"], made.parcels.geometry, strict=True)
    ]
    ground = _solid(shapely.union_all(new))
    over = to_system(later[["id", "geometry"]], system)
    taken = sorted({str(name) for name, shape in zip(over["id"], over.geometry, strict=True) if _meet(shape, ground)})
    if taken:
        given = f"parcels lie there from a later day on: {listed(taken)}"
        raise ConflictError(
            given, do="choose a day after theirs", code="later_parcels", values={"parcels": listed(taken)}
        )


def _made(
    rows: Mapping[str, tuple[str | None, Ground]], before: gpd.GeoDataFrame, accuracy: Mapping[str, float], system: Any
) -> Boundary:
    """The tables of the new parcels, those that end, and the lineage."""
    kept = {name: row for name, row in sorted(rows.items()) if not row[1].is_empty}
    table = gpd.GeoDataFrame(
        {
            "id": list(kept),
            "party": pd.Series([party for party, _ in kept.values()], dtype=object),
            "accuracy_m": [accuracy.get(party or "", np.nan) for party, _ in kept.values()],
        },
        geometry=[shape for _, shape in kept.values()],
        crs=system,
    )
    lineage = pd.DataFrame(epochs(before[["id", "geometry"]], table[["id", "geometry"]])[list(LINEAGE)])
    return Boundary(parcels=table, ended=tuple(sorted(set(before["id"]) - set(kept))), lineage=lineage)


def _fresh(
    gains: Mapping[str, Ground],
    alone: Mapping[str, Ground],
    rows: Mapping[str, tuple[str | None, Ground]],
    taken: Ground,
    *,
    ids: Mapping[str, str],
    prefix: str,
) -> list[tuple[str, str, Ground]]:
    """For each party the parcel that its ground goes to, and the ground."""
    found = []
    for party, ground in gains.items():
        own = [name for name, (owner, shape) in rows.items() if owner == party and not shape.is_empty]
        name = ids.get(party) or (own[0] if len(own) == 1 else f"{prefix}-{party}")
        if name not in rows:
            free = alone.get(party, shapely.Polygon()).difference(taken)
            ground = shapely.union(ground, _solid(free))  # noqa: PLW2901 - the same ground, with what nobody holds
        found.append((name, party, ground))
    return found


def _owner(party: Any, left: Ground, gains: Mapping[str, Ground], alone: Mapping[str, Ground]) -> str | None:
    """Whose a parcel is: by its label, else by most of the ground that is left of it."""
    if isinstance(party, str) and party in gains:
        return party
    shares = {name: left.intersection(ground).area for name, ground in alone.items() if name in gains}
    best = max(sorted(shares), key=lambda name: shares[name], default=None)
    if best is not None and shares[best] > left.area / 2:
        return best
    return party if isinstance(party, str) else None


def _checked(ids: Mapping[str, str] | None, gains: Mapping[str, Ground]) -> dict[str, str]:
    given = dict(ids or {})
    if unknown := sorted(set(given) - set(gains)):
        raise InputError(f"{', '.join(unknown)} gets no ground", expected=", ".join(gains), code="not_concerned")
    if len(set(given.values())) < len(given):
        raise InputError("two parties' parcels share an identifier", expected="one each", code="id_repeated")
    return given


def _accuracy(compared: Comparison) -> dict[str, float]:
    return dict(zip(compared.claims["party"], compared.claims["accuracy_m"].astype(float), strict=True))


def _one(shapes: Any) -> Ground:
    return shapely.union_all(shapes.to_numpy())


def _meet(one: Ground, other: Ground) -> bool:
    """Whether two shapes have ground in common."""
    return bool(one.intersects(other)) and not _solid(one.intersection(other)).is_empty


def _beside(one: Ground, other: Ground) -> bool:
    """Whether two shapes have ground in common, or a stretch of border."""
    if not one.intersects(other.buffer(NARROW_M)):
        return False
    return _meet(one, other) or bool(other.boundary.intersection(one.buffer(NARROW_M)).length > BORDER_M)


def _solid(shape: Ground) -> Ground:
    """The polygons of a shape that are ground."""
    parts = shapely.get_parts(shape)
    polygons = [part for part in parts if part.geom_type == "Polygon" and not part.buffer(-NARROW_M / 2).is_empty]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
