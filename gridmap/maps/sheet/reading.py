"""A comparison as it is read aloud: in metres, its candidates numbered, its disputes one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from scipy import sparse

from gridmap.crs import is_metric, to_metric, to_system
from gridmap.disputes import Comparison
from gridmap.errors import TooLargeError

#: How labels of parties stand beside each other in a comparison.
_AND = " | "
#: Ground and lines within this many metres of each other hang together: surveys are written to the millimetre.
_NEAR_M = 0.01
#: Most disputes that are shown each for itself; the last of them holds all further ones.
_MOST_DISPUTES = 40
#: More points are no sheet to sign.
_MOST_POINTS = 5000
#: Tables of a comparison that have shapes which a sheet draws or tells of.
_LAYERS = ("claims", "contested", "gaps", "agreed", "candidates", "lines", "objects")


def in_metres(compared: Comparison) -> Comparison:
    """Return a comparison in metres, its candidates numbered as they were given.

    Parameters
    ----------
    compared
        As `gridmap.disputes.compare` returns it.

    Returns
    -------
    Comparison
        Candidates with ``number``, from 1, and ``prefix`` of the names of their points; of lines how far they lie apart
        on average, and no longer to which side; areas by party, as claims are.

    Raises
    ------
    TooLargeError
        If the candidates have more points than can be signed.
    CrsError
        If the comparison does not say its CRS.
    """
    _refuse_large(compared.candidates.geometry.to_numpy())
    system = CRS((compared.claims if is_metric(CRS(compared.claims.crs)) else to_metric(compared.claims)).crs)
    layers = {name: to_system(getattr(compared, name), system) for name in _LAYERS}
    numbers = range(1, len(compared.candidates) + 1)
    prefixes = ["J"] if len(numbers) == 1 else [f"{number}-J" for number in numbers]
    lines, candidates = layers["lines"], layers["candidates"]
    told = {
        "candidates": candidates.assign(number=numbers, prefix=prefixes),
        "lines": lines.assign(mean_offset_m=lines["mean_offset_m"].abs()),
        "areas": _by_party(compared.areas, compared.claims["party"].astype(str).tolist()),
    }
    return replace(compared, **layers | told)


def together(compared: Comparison, parts: Sequence[Comparison], names: Sequence[str]) -> Comparison:
    """Return a comparison for a map of disputes that lie apart: the claims, and the ground of each by its name.

    Raises
    ------
    Nothing
    """
    ground = {
        kind: gpd.GeoDataFrame(
            {"id": list(names), "area_m2": [float(getattr(part, kind)["area_m2"].sum()) for part in parts]},
            geometry=[shapely.union_all(getattr(part, kind).geometry.to_numpy()) for part in parts],
            crs=compared.claims.crs,
        ).query("area_m2 > 0")
        for kind in ("contested", "gaps")
    }
    told = {name for part in parts for name in part.areas["name"]}
    return replace(
        compared,
        **ground,
        candidates=compared.candidates.iloc[:0],
        objects=compared.objects.iloc[:0],
        areas=compared.areas[~compared.areas["name"].isin(told)],
    )


def disputes(compared: Comparison) -> list[Comparison]:
    """Return each dispute as a comparison of its own, by the first candidate of each, then by size; none without one.

    A *dispute* is disputed ground that hangs together, with the candidates that run over it: ground that touches, and
    all ground between the same parties. Every candidate, every line and every object is told of in one dispute.

    Parameters
    ----------
    compared
        As `in_metres` returns it.

    Returns
    -------
    list of Comparison
        Each with the warnings of the whole.

    Raises
    ------
    Nothing
    """
    cells = pd.concat([compared.contested, compared.gaps], ignore_index=True)
    if cells.empty:
        return []
    label = _hanging(compared, cells)
    lines, ground = np.split(label, [len(compared.candidates)])
    if not label.any():
        return [compared]
    contested, gaps = np.split(ground, [len(compared.contested)])
    tree = shapely.STRtree(cells.geometry.to_numpy())
    of_text = dict(zip(cells["parties"], ground.tolist(), strict=True))
    of_line = dict(zip(compared.candidates["id"].astype(str), lines.tolist(), strict=True))
    of = {
        "contested": contested,
        "gaps": gaps,
        "candidates": lines,
        "ledger": compared.ledger["candidate"].astype(str).map(of_line).to_numpy(),
        "lines": _of_pairs(compared, of_text, ground[_nearest(tree, compared.lines)]),
        "objects": _of_objects(compared, of_line, ground[_nearest(tree, compared.objects)]),
    }
    return [_part(compared, k, of, of_text) for k in range(int(label.max()) + 1)]


def _part(compared: Comparison, k: int, of: dict[str, NDArray[Any]], of_text: dict[str, int]) -> Comparison:
    """The rows of one dispute."""
    own = {name: getattr(compared, name)[label == k] for name, label in of.items()}
    texts = {text for text, label in of_text.items() if label == k}
    known = compared.claims["party"].astype(str)
    parties = {*own["ledger"]["party"].astype(str)}.union(*(_named(text, known) for text in texts))
    areas = compared.areas
    mine = areas["name"].isin(parties).where(areas["what"] == "claim", areas["name"].isin(texts))
    return replace(
        compared,
        **own,
        claims=compared.claims[known.isin(parties)],
        agreed=compared.agreed[compared.agreed["parties"].isin(parties)],
        areas=areas[mine.astype(bool)],
    )


def _hanging(compared: Comparison, cells: pd.DataFrame) -> NDArray[np.intp]:
    """To which dispute each candidate, and then each cell, belongs; counted in the order in which they come."""
    lines = compared.candidates
    count = len(lines)
    ground = cells.geometry.to_numpy()
    tree = shapely.STRtree(ground)
    known = compared.claims["party"].astype(str)
    between = [set(_named(text, known)) for text in cells["parties"]]
    books = compared.ledger["party"].astype(str).groupby(compared.ledger["candidate"].astype(str)).agg(set)
    whose = [books.get(name, set()) for name in lines["id"].astype(str)]
    edges = [tree.query(ground, predicate="dwithin", distance=_NEAR_M) + count]
    alike = pd.factorize(cells["parties"])[0]
    edges.append(np.stack([np.arange(len(cells)), np.unique(alike, return_index=True)[1][alike]]) + count)
    if count:
        line, cell = tree.query(lines.geometry.to_numpy(), predicate="dwithin", distance=_NEAR_M)
        meant = [len(whose[a] & between[b]) > 1 for a, b in zip(line.tolist(), cell.tolist(), strict=True)]
        lost = np.setdiff1d(np.arange(count), line[meant])
        edges.append(np.stack([line[meant], cell[meant] + count]))
        # what runs over no ground of its parties is told of where it is nearest
        edges.append(np.stack([lost, _nearest(tree, lines)[lost] + count]))
    rows, columns = np.hstack(edges)
    size = count + len(cells)
    graph = sparse.coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(size, size))
    found = sparse.csgraph.connected_components(graph, directed=False)[1]
    counted: NDArray[np.intp] = np.minimum(pd.factorize(found)[0], _MOST_DISPUTES - 1)
    return counted


def _of_pairs(compared: Comparison, of_text: dict[str, int], near: NDArray[np.intp]) -> NDArray[np.intp]:
    """To which dispute each pair of lines belongs: that about ground of both, or else the nearest."""
    pairs = zip(compared.lines["a"].astype(str), compared.lines["b"].astype(str), near.tolist(), strict=True)
    return np.array(
        [
            next((label for text, label in of_text.items() if len(_named(text, (a, b))) > 1), other)
            for a, b, other in pairs
        ],
        dtype=np.intp,
    )


def _of_objects(compared: Comparison, of_line: dict[str, int], near: NDArray[np.intp]) -> NDArray[np.intp]:
    """To which dispute each object belongs: that of the candidate of its row, or else the nearest."""
    rows = zip(compared.objects["candidate"].astype(object), near.tolist(), strict=True)
    return np.array([of_line.get(str(candidate), other) for candidate, other in rows], dtype=np.intp)


def _nearest(tree: shapely.STRtree, table: pd.DataFrame) -> NDArray[np.intp]:
    """The nearest piece of ground to each shape of a table."""
    found: NDArray[np.intp] = tree.nearest(table.geometry.to_numpy()) if len(table) else np.empty(0, dtype=np.intp)
    return found


def _refuse_large(lines: NDArray[Any]) -> None:
    """Refuse candidates of more points than can be signed."""
    count = int(shapely.get_num_coordinates(lines).sum())
    if count > _MOST_POINTS:
        raise TooLargeError(
            f"candidates of {count} points", expected=f"at most {_MOST_POINTS}", do="leave some out, or simplify them"
        )


def _named(text: str, parties: Iterable[str]) -> list[str]:
    """Those of the parties that a text names."""
    return [party for party in parties if f"{_AND}{party}{_AND}" in f"{_AND}{text}{_AND}"]


def _by_party(areas: pd.DataFrame, parties: list[str]) -> pd.DataFrame:
    """Areas of claims, of contested ground and of gaps, each by party."""
    kinds = {"claim": 0, "contested": 1, "gap": 2}
    keys = [
        (kinds.get(what, len(kinds)), [parties.index(party) for party in _named(name, parties)], k)
        for k, (what, name) in enumerate(zip(areas["what"], areas["name"].astype(str), strict=True))
    ]
    return areas.iloc[[key[-1] for key in sorted(keys)]]
