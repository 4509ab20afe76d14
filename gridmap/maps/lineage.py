"""What became of each area, as a map tells it: the kind of every area, and changes that lead to their place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.maps import display

#: Colours of the kinds: those of Okabe and Ito (2008), which the colour-blind can tell apart.
KIND_COLOURS = {
    "unchanged": "#eceff1",
    "renamed": "#f0e442",
    "adjusted": "#56b4e9",
    "split": "#e69f00",
    "merge": "#0072b2",
    "complex": "#cc79a7",
    "created": "#009e73",
    "abolished": "#d55e00",
}

#: What an area is called that takes part in several changes: the first of these.
_WEIGHT = ("complex", "split", "merge", "abolished", "created", "renamed", "adjusted", "unchanged")
_RANK = {kind: place for place, kind in enumerate(_WEIGHT)}
_ENDS = ("old", "new")


def kinds_of(changes: pd.DataFrame, end: str) -> dict[tuple[str, str], str]:
    """Return the kind of each area of one plan by level and code: the weightiest of those it takes part in.

    Parameters
    ----------
    changes
        What `gridmap.plans.compare` returned.
    end
        ``old`` or ``new``.

    Raises
    ------
    None
    """
    rows = changes[["level", end, "kind"]].dropna(subset=[end])
    ranked = rows.assign(rank=rows["kind"].map(_RANK)).groupby(["level", end], sort=False)["rank"].min()
    keys: list[tuple[str, str]] = ranked.index.to_list()
    return dict(zip(keys, [_WEIGHT[rank] for rank in ranked], strict=True))


def passing(changes: pd.DataFrame) -> list[dict[str, Any]]:
    """Return which old and new areas have ground in common, but for areas unchanged: level, old, new, kind, households.

    Raises
    ------
    None
    """
    rows = changes[changes["kind"] != "unchanged"]
    return [
        {"level": level, "old": old, "new": new, "kind": kind, "households": _count(households)}
        for level, old, new, kind, households in rows[["level", *_ENDS, "kind", "households"]].itertuples(index=False)
    ]


def events(changes: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return the changes one by one, weighty ones first, then by the households whose code changes.

    Areas that are split, merged or redrawn together are one change; of an area whose border was adjusted, each
    neighbour that it gives ground to is one.

    Parameters
    ----------
    changes
        What `gridmap.plans.compare` returned, in degrees.

    Returns
    -------
    list of dict
        ``level``, ``kind``, ``old`` and ``new`` (codes), ``households`` (that get another code; None where not
        known), ``area_m2`` (ground that passes), ``box`` (west, south, east, north) and, where a border moved,
        ``ground`` (what passes, as `display.polygons`).

    Raises
    ------
    None
    """
    rows = changes[_is_event(changes)].reset_index(drop=True)
    if rows.empty:
        return []
    listed = [_event(group) for _, group in rows.groupby(_components(rows), sort=False)]
    return sorted(listed, key=lambda event: (_RANK[event["kind"]], -(event["households"] or 0), -event["area_m2"]))


def _is_event(changes: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows say more than that an area goes on as it was, or with another border."""
    going_on = changes["kind"].isin(["unchanged", "adjusted"]) & (changes["old"] == changes["new"])
    return np.asarray(~going_on)


def _components(rows: pd.DataFrame) -> NDArray[np.int64]:
    """Return for each row the number of the change that it is part of."""
    keys = [(rows["level"].astype(str) + f"/{end}/" + rows[end].astype(str)).to_numpy() for end in _ENDS]
    # a border that moved ties nothing together: its row stands alone
    alone = ((rows["kind"] == "adjusted") | rows["old"].isna() | rows["new"].isna()).to_numpy()
    single = np.array([f"row/{row}" for row in range(len(rows))])
    names, ends = np.unique(np.concatenate([np.where(alone, single, key) for key in keys]), return_inverse=True)
    one, other = ends[: len(rows)], ends[len(rows) :]
    graph = coo_array((np.ones(len(rows)), (one, other)), shape=(len(names), len(names)))
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels[one])


def _event(rows: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return one change."""
    shapes = rows.geometry.to_numpy()
    kind = min(rows["kind"], key=_RANK.__getitem__)
    recoded = rows[rows["old"] != rows["new"]]
    households = None if rows["households"].isna().all() else int(recoded["households"].sum())
    box = rows.total_bounds.round(display.DIGITS)
    return {
        "level": rows["level"].iloc[0],
        "kind": kind,
        **{end: _codes(rows[end]) for end in _ENDS},
        "households": households,
        "area_m2": round(float(rows["area_m2"].sum())),
        "box": None if np.isnan(box).any() else box.tolist(),
        **({"ground": display.polygons(shapes)} if kind == "adjusted" else {}),
    }


def _codes(codes: Iterable[Any]) -> list[str]:
    """Return the codes that there are, each once."""
    return list(dict.fromkeys(str(code) for code in codes if pd.notna(code)))


def _count(number: Any) -> int | None:
    return None if pd.isna(number) else int(number)
