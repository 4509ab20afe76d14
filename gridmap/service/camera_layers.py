"""What is told beside what cameras see: by how many, of which places, against which targets, and since another day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import coverage
from gridmap.coverage import Counting, Cuts
from gridmap.coverage.days import METRES, changed
from gridmap.coverage.depth import DEPTHS, nominal
from gridmap.visibility.cameras.bands import BANDS
from gridmap.visibility.cameras.views import Views
from gridmap.visibility.lines import Parts


@dataclass(frozen=True, kw_only=True)
class Laid:
    """Streets, cut along areas, and what cameras see of them."""

    #: the streets
    streets: gpd.GeoDataFrame
    #: the streets cut along areas
    cuts: Cuts
    #: metres in view
    parts: Parts
    #: the views
    views: Views
    #: the cameras of the views
    cameras: gpd.GeoDataFrame
    #: which of them count, and in which band or a better one
    counting: Counting


def placed(shares: pd.DataFrame, table: gpd.GeoDataFrame, key: str, more: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Return rows about the things of a table with the shapes of these, and with more of their columns where known.

    Raises
    ------
    Nothing
        A row about nothing in the table has no shape.
    """
    of = table.drop_duplicates(key).set_index(key)
    rows = of.index.get_indexer(pd.Index(shares[key]))
    carried = {name: of[name].to_numpy()[rows] for name in more if name in of}
    return gpd.GeoDataFrame(shares.assign(**carried), geometry=of.geometry.to_numpy()[rows], crs=table.crs)


def depth(laid: Laid) -> gpd.GeoDataFrame:
    """Return the metres of each street that at least one, two and three cameras see: `gridmap.coverage.depth`.

    Raises
    ------
    InputError
        If there is no such band.
    """
    found = coverage.depth(laid.parts, laid.views, laid.streets, laid.cameras, counting=laid.counting)
    return placed(found, laid.streets, "id", ("name", "class"))


def street_losses(laid: Laid) -> gpd.GeoDataFrame:
    """Return the metres that nobody would see any more if all cameras of a street failed, the greatest loss first.

    Returns
    -------
    GeoDataFrame
        ``street`` (the nearest to the cameras), ``lost_m``, ``seen_m``, ``name``, ``class``; line.

    Raises
    ------
    InputError
        If there is no such band.
    """
    stood = coverage.street_of_cameras(laid.cameras, laid.streets)
    lost = coverage.lost_without(laid.parts, laid.views, laid.cameras, groups=stood, counting=laid.counting)
    lines = laid.streets.assign(street=laid.streets["id"].astype(str))
    return placed(lost.rename(columns={"group": "street"}), lines, "street", ("name", "class"))


def street_changes(before: Laid, after: Laid) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return how many metres are seen before and after: street by street, and summed by area.

    Parameters
    ----------
    before, after
        The same streets on both sides.

    Returns
    -------
    streets : GeoDataFrame
        ``id``, ``old_m``, ``new_m``, ``gained_m``, ``lost_m``, ``kept_m``, ``name``, ``class``; line: those of which
        something is gained or lost.
    areas : DataFrame
        ``code`` and the same metres, of every area.

    Raises
    ------
    InputError
        If there is no such band.
    """
    old, new = (nominal(side.parts, side.views, side.cameras, side.counting) for side in (before, after))
    metres = changed(old, new, after.cuts)
    whole = np.column_stack([np.bincount(after.cuts.line, each, len(after.streets)) for each in metres.T])
    streets = pd.DataFrame(whole, columns=list(METRES)).assign(id=after.streets["id"].to_numpy())[["id", *METRES]]
    differs = (streets[["gained_m", "lost_m"]] > 0).any(axis=1)
    codes = pd.DataFrame({"code": after.cuts.areas["code"].to_numpy()})
    areas = codes.assign(**dict(zip(METRES, after.cuts.per_area(metres).T, strict=True)))
    return placed(streets[differs].reset_index(drop=True), after.streets, "id", ("name", "class")), areas


def ground_changes(before: pd.DataFrame, after: pd.DataFrame, band: str) -> pd.DataFrame:
    """Return how much ground of each area is seen before and after, in a band or a better one.

    Parameters
    ----------
    before, after
        ``code``, ``band``, ``seen_m2`` of every area.
    band
        Name of the band.

    Returns
    -------
    DataFrame
        ``code``, ``old_m2``, ``new_m2``.

    Raises
    ------
    Nothing
        An area without ground has none.

    Examples
    --------
    >>> day = pd.DataFrame({"code": "c", "band": ["recognise", "find", "seen"], "seen_m2": [1.0, 2.0, 4.0]})
    >>> ground_changes(day, day.assign(seen_m2=3.0), "find").values.tolist()
    [['c', 3.0, 6.0]]
    """
    wanted = BANDS[: BANDS.index(band) + 1]
    old, new = (
        side[side["band"].isin(wanted)].groupby("code", sort=False)["seen_m2"].sum() for side in (before, after)
    )
    return pd.DataFrame({"code": new.index, "old_m2": old.reindex(new.index).to_numpy(), "new_m2": new.to_numpy()})


def said(layers: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return what is said of these layers beside them: sums of metres, places seen, rates.

    Parameters
    ----------
    layers
        Some of ``depth``, ``places``, ``rates``, ``street_changes``, ``changes``.

    Raises
    ------
    Nothing
        Nothing is said of what was not asked.
    """
    told: dict[str, Any] = {}
    if "depth" in layers:
        sums = layers["depth"][[f"seen_{number}_m" for number in DEPTHS]].sum()
        told["depth_m"] = {str(number): round(float(sums[f"seen_{number}_m"]), 1) for number in DEPTHS}
    if "places" in layers:
        seen = layers["places"]
        told["places_seen"] = {"total": len(seen), **_by_band(seen["band"]), "not_seen": int(seen["band"].isna().sum())}
    if "rates" in layers:
        told["rates"] = plain(layers["rates"])
    if "street_changes" in layers:
        sums = layers["street_changes"][["gained_m", "lost_m"]].sum()
        told["changes_m"] = {"gained": round(float(sums["gained_m"]), 1), "lost": round(float(sums["lost_m"]), 1)}
    return told


def _by_band(bands: pd.Series) -> dict[str, int]:
    """How many places are seen in each band at best."""
    counts = bands.value_counts()
    return {band: int(counts.get(band, 0)) for band in BANDS}


def plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON takes them: None where nothing is known.

    Raises
    ------
    Nothing
        An empty table has no rows.

    Examples
    --------
    >>> plain(pd.DataFrame({"rate": [0.5, None]}))
    [{'rate': 0.5}, {'rate': None}]
    """
    flat = table.astype(object)
    rows = flat.where(flat.notna(), None).itertuples(index=False, name=None)
    return [dict(zip(map(str, flat.columns), row, strict=True)) for row in rows]
