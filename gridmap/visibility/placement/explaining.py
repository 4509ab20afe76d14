"""Why cameras are proposed where they are: the metres each adds and where, and what becomes of places to be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.visibility.lines import Lines, drawn
from gridmap.visibility.placement.choosing import Choice
from gridmap.visibility.placement.proving import Musts
from gridmap.visibility.placement.reaching import Floats, Ints, Reach

#: Streets that the explanation of a pole names, those of most metres.
NAMED = 3
#: Columns of a pole that come first, and those of the camera that follow.
_FIRST = ["rank", "heading_deg", "gain_m", "total_share", "where", "must_see", "model", "cost", "street", "at"]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What an explanation is made of, in one metric system."""

    #: candidates
    offered: gpd.GeoDataFrame
    #: streets with id and name, and the same in a grid
    streets: gpd.GeoDataFrame
    lines: Lines
    #: what each candidate sees
    reach: Reach
    #: who is taken
    choice: Choice


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Who sees which of the places that must be seen."""

    #: by candidates
    musts: Musts
    #: rows of an existing camera and of a place that it sees, shape (pairs, 2)
    before: Ints
    #: who is taken
    choice: Choice
    #: band asked for, and the greatest distance at which a candidate sees in it
    band: str
    reach_m: float


def gains(told: Told) -> gpd.GeoDataFrame:
    """Return the stretches of street that each of the chosen is the first to see.

    Returns
    -------
    geopandas.GeoDataFrame
        ``rank``, ``street`` (id), ``name``, ``gain_m`` and lines, by rank and street.

    Raises
    ------
    Nothing
        Who adds no street has no rows.
    """
    runs = [_first_seen(told, at) for at in range(len(told.choice.chosen))]
    rank = np.repeat(np.arange(len(runs)) + 1, [len(run[0]) for run in runs])
    line, from_m, to_m = (np.concatenate([np.empty(0, kind), *parts]) for kind, parts in zip(
        (np.int64, float, float), zip(*runs, strict=True) if runs else ([], [], []), strict=True
    ))  # fmt: skip
    table = told.streets.iloc[line][["id", "name"]].rename(columns={"id": "street"}).reset_index(drop=True)
    table = pd.DataFrame({"rank": rank, **table, "gain_m": to_m - from_m})
    return gpd.GeoDataFrame(table, geometry=drawn(told.lines, line, from_m, to_m), crs=told.streets.crs)


def _first_seen(told: Told, at: int) -> tuple[Ints, Floats, Floats]:
    """Line, beginning and end of each run of stretches that one of the chosen is the first to see."""
    reach, chosen = told.reach, np.array(told.choice.chosen, np.int64)
    new = (reach.seen(chosen[at : at + 1]) > 0) & (reach.left(chosen[:at]) > 0)
    rows = np.flatnonzero(new)
    begin = rows[np.diff(rows, prepend=-2) > 1]
    end = rows[np.diff(rows, append=len(new) + 1) > 1]
    return reach.line[begin], reach.at_m[begin], reach.at_m[np.minimum(end + 1, len(new) - 1)]


def poles(told: Told, metres: tuple[float, float], places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the chosen as a table: see `gridmap.visibility.place`.

    Parameters
    ----------
    told
        What is explained.
    metres
        Of all streets, and of those seen before.
    places
        What `judged` returned.

    Raises
    ------
    Nothing
        Nobody chosen makes an empty table.
    """
    streets_m, before_m = metres
    added = np.array(told.choice.gains, float)
    table = told.offered.iloc[told.choice.chosen].reset_index(drop=True)
    table = table.assign(
        rank=np.arange(len(table)) + 1,
        gain_m=added,
        total_share=(before_m + np.cumsum(added)) / streets_m,
        where=_named(gains(told), len(table)),
        must_see=_ids(places, len(table)),
    )
    first = [name for name in _FIRST if name in table]
    return table[[*first, *(name for name in table.columns if name not in {*first, "geometry"}), "geometry"]]


def _named(added: gpd.GeoDataFrame, count: int) -> list[str]:
    """The streets that each adds most of, as text: ``人民路 34 m, 解放路 12 m``."""
    label = added["name"].where(added["name"] != "", added["street"])
    sums = added.assign(label=label).groupby(["rank", "label"], as_index=False)["gain_m"].sum()
    sums = sums.sort_values(["rank", "gain_m", "label"], ascending=[True, False, True])
    texts: list[list[str]] = [[] for _ in range(count)]
    for rank, name, metres in sums[["rank", "label", "gain_m"]].itertuples(index=False):
        if len(texts[rank - 1]) < NAMED:
            texts[rank - 1].append(f"{name} {metres:.0f} m")
    return [", ".join(text) for text in texts]


def _ids(places: gpd.GeoDataFrame, count: int) -> list[str]:
    """Ids of the places that each is the first to see, parted by spaces."""
    by = places[places["rank"].notna()].groupby("rank")["id"].agg(" ".join)
    return [str(by.get(rank, "")) for rank in range(1, count + 1)]


def judged(places: gpd.GeoDataFrame, found: Judged, offered: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return of each place that must be seen who sees it, or why nobody does.

    Parameters
    ----------
    places
        ``id`` and points, metres.
    found
        Who sees which.
    offered
        Candidates, points in the same metres.

    Returns
    -------
    geopandas.GeoDataFrame
        ``id``, ``seen``, ``rank`` (missing where none of the chosen is needed), ``why``, ``message``, points.

    Raises
    ------
    Nothing
        Without places the table is empty.
    """
    first = found.musts.seen_by(found.choice.chosen)
    existing = np.isin(np.arange(len(places)), found.before[:, 1])
    could = np.bincount(found.musts.place, minlength=len(places))
    nearest = _nearest(places.geometry.to_numpy(), offered.geometry.to_numpy())
    why = np.select(
        [existing, first >= 0, could > 0, nearest > found.reach_m], ["existing", "chosen", "spent", "too_far"], "hidden"
    )
    facts = zip(why.tolist(), first.tolist(), could.tolist(), nearest.tolist(), strict=True)
    table = pd.DataFrame({
        "id": places["id"].astype(str),
        "seen": existing | (first >= 0),
        "rank": pd.array(np.where(first >= 0, first + 1, -1), dtype="Int64"),
        "why": why.astype(object),
        "message": [_message(*fact, found) for fact in facts],
    })  # fmt: skip
    table["rank"] = table["rank"].where(table["rank"] > 0)
    return gpd.GeoDataFrame(table, geometry=places.geometry.to_numpy(), crs=places.crs)


def _nearest(places: npt.NDArray[Any], poles: npt.NDArray[Any]) -> Floats:
    """Metres to the nearest pole, infinite where there is none."""
    if not len(poles) or not len(places):
        return np.full(len(places), np.inf)
    return np.asarray(shapely.distance(places, poles[shapely.STRtree(poles).nearest(places)]))


def _message(why: str, first: int, could: int, nearest_m: float, found: Judged) -> str:
    """The sentence that a reason makes."""
    sentences = {
        "existing": "an existing camera sees it",
        "chosen": f"camera {first + 1} of the proposal sees it",
        "spent": f"{could} candidates see it, but the means are spent on other places; allow more cameras",
        "too_far": f"the nearest pole would stand {nearest_m:.0f} m away, and cameras reach {found.reach_m:.0f} m in "
        f"band {found.band}; give a street nearer to it, a lower band or another camera",
        "hidden": f"a pole could stand {nearest_m:.0f} m away, but walls, the ground right below the camera or the "
        "directions tried keep it out of view; put poles closer together, or give candidates of your own",
    }
    return sentences[why]
