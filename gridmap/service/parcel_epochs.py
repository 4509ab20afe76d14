"""Two or more epochs of parcels from files: compared, chained, and said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap import formats, frames
from gridmap.disputes.lineage import EpochChange, LineageLimits, chain, compare_epochs, event_counts, moved_river
from gridmap.formats.parcels import is_survey, read_parcels
from gridmap.service.camera_layers import plain

#: Faults of a file of parcels that are findings, not reasons to refuse it.
TOLD_AS_FINDINGS = ("invalid_ring",)


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """What became of parcels, as tables and as a report."""

    #: epochs, findings, ledger, dropped; rivers where agreed lines were given
    layers: dict[str, pd.DataFrame]
    #: what stands in the answer beside the tables
    report: dict[str, Any]

    def answer(self) -> dict[str, Any]:
        """Return the report with every row of the lineage, which for many parcels takes longer than the rest of it."""
        return self.report | {"epochs": plain(self.layers["epochs"].drop(columns="geometry"))}


def surveyed(
    path: Path, *, crs: str | None = None, columns: Mapping[str, str] | None = None
) -> gpd.GeoDataFrame | None:
    """Return the parcels of a file of surveyors: exchange text, table of points, drawing; None for any other file.

    Parameters
    ----------
    path
        The file.
    crs
        The CRS of one that does not say.
    columns
        Ours to theirs.

    Raises
    ------
    FormatError, TableError, CrsError
        As `gridmap.formats.parcels.read_parcels`; TableError also where a line is open and no parcel.
    """
    if not is_survey(path):
        return None
    reading = read_parcels(path, crs=crs, columns=columns)
    table = frames.conform(reading.parcels, "parcels", source=path.name, tolerate=TOLD_AS_FINDINGS)
    table.attrs["reading"] = {"warnings": plain(reading.warnings)}
    return table


def river_lines(
    agreed: Path, river: Path, *, on: date, crs: str | None = None, columns: Mapping[str, str] | None = None
) -> gpd.GeoDataFrame:
    """Return how far a river lies off lines that were agreed along it, from files.

    Parameters
    ----------
    agreed
        Lines with ``id`` and ``date``.
    river
        The river as it is on the day, as lines or polygons.
    on
        The day.
    crs
        The CRS of a file that does not say.
    columns
        Ours to theirs, of the agreed lines.

    Raises
    ------
    NotFoundError, FormatError
        As `gridmap.formats.read`.
    TableError, InputError, CrsError
        As `gridmap.disputes.lineage.moved_river`.
    """
    lines = formats.read(agreed, crs=crs)
    theirs = {name: ours for ours, name in (columns or {}).items() if ours in ("id", "date")}
    return moved_river(lines.rename(columns=theirs), formats.read(river, crs=crs), on=on)


def lineage_of(
    tables: Sequence[gpd.GeoDataFrame], *, limits: LineageLimits, rivers: gpd.GeoDataFrame | None = None
) -> Lineage:
    """Return what became of the parcels of the first epoch by the last, each compared with the next.

    Parameters
    ----------
    tables
        Parcels of two or more epochs, in order of time.
    limits
        What counts as ground between two epochs.
    rivers
        What `river_lines` returned, to be told beside.

    Returns
    -------
    Lineage

    Raises
    ------
    TableError, CrsError, InputError
        As `gridmap.disputes.epochs`.
    """
    steps = [compare_epochs(old, new, limits=limits) for old, new in pairwise(tables)]
    found = steps[0].lineage if len(steps) == 1 else chain([step.lineage for step in steps])
    layers = {"epochs": found, **{name: _stacked(steps, name) for name in ("findings", "ledger", "dropped")}}
    report = _report(found, steps, layers)
    if rivers is not None:
        layers["rivers"], report["rivers"] = rivers, plain(rivers.drop(columns="geometry"))
    return Lineage(layers=layers, report=report)


def _stacked(steps: Sequence[EpochChange], name: str) -> pd.DataFrame:
    """Return one table of every step, below one another, with the number of the step where there are several."""
    tables: list[pd.DataFrame] = [getattr(step, name) for step in steps]
    if len(tables) == 1:
        return tables[0]
    told = [table.assign(step=number) for number, table in enumerate(tables, start=1)]
    stacked: pd.DataFrame = pd.concat(told, ignore_index=True)
    return stacked


def _report(found: gpd.GeoDataFrame, steps: Sequence[EpochChange], layers: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Return what is said beside the tables."""
    ledger, dropped = layers["ledger"], layers["dropped"]
    return {
        "events": event_counts(found),
        "kinds": {str(kind): int(count) for kind, count in found["kind"].value_counts(sort=False).items()},
        "noise_m": steps[0].limits.tolerance_m,
        "least_m2": steps[0].limits.least_m2,
        "dropped_m2": round(float(dropped["area_m2"].sum()), 4),
        "dropped": len(dropped),
        "worst_error_share": float((ledger["error_m2"].abs() / ledger["area_m2"]).max()),
        "findings": plain(layers["findings"].drop(columns="geometry")),
    }
