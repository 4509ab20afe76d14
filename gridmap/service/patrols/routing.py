"""Rounds and the posts that are nearest, on tables of files or of the record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import formats
from gridmap.drafts import draft
from gridmap.errors import InputError, NotFoundError
from gridmap.network import Round, Shift, gpx, inspection_round, overdue_round
from gridmap.service.camera_layers import plain
from gridmap.service.grids import write_grids
from gridmap.service.patrols.matching import lines_of

#: Names under which a table of what is owed may state the street, and what it is owed, the first that is there.
_STREET = ("street", "id", "街道编号", "道路编号")
_WEIGHT = ("weight", "debt_m", "overdue_m")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which round is asked for."""

    #: longitude and latitude of the station
    start: tuple[float, float]
    #: how long it may take; None for a round of inspection
    minutes: float | None = None
    #: every street, or these
    whole: bool = False
    required: tuple[str, ...] | None = None
    #: street, weight: what is owed; None: every street its metres
    owed: pd.DataFrame | None = None
    #: when it begins, and how the crew gets along
    begins: str = "08:00"
    mode: str = "foot"


def routed(streets: gpd.GeoDataFrame, wanted: Wanted, *, checkpoints: gpd.GeoDataFrame | None = None) -> Round:
    """Return a round: of a shift within its minutes, or of inspection, the shortest one.

    Parameters
    ----------
    streets
        ``id`` and lines, any CRS.
    wanted
        Which round.
    checkpoints
        Points to sign in at during a shift.

    Raises
    ------
    InputError
        If minutes and a round of inspection are both asked for, or neither; as `gridmap.network.inspection_round` and
        `gridmap.network.overdue_round` besides.
    NotFoundError
        If a street is unknown.
    """
    inspects = wanted.whole or wanted.required is not None
    if inspects == (wanted.minutes is not None):
        given = "a time limit and a round of inspection" if inspects else "no time limit, and no round of inspection"
        raise InputError(given, expected="--minutes N, or --all, or --required FILE")
    if inspects:
        return inspection_round(streets, wanted.start, required=wanted.required, mode=wanted.mode)
    owed = _all_alike(streets) if wanted.owed is None else wanted.owed
    shift = Shift(begins=wanted.begins, mode=wanted.mode)
    return overdue_round(streets, wanted.start, wanted.minutes or 0.0, overdue=owed, signins=checkpoints, shift=shift)


def read_owed(path: Path) -> pd.DataFrame:
    """Return what is owed: street, and weight where the file states it; streets that are owed nothing left out.

    Parameters
    ----------
    path
        What ``gridmap patrols coverage`` wrote, or a table with ``street`` (or ``id``) and ``weight`` (or ``debt_m``).

    Raises
    ------
    NotFoundError, FormatError
        As `gridmap.formats.read`.
    InputError
        If it names no street, or nothing is owed.
    """
    table = _table(path)
    found = owed_of(table.assign(street=_column(table, _STREET, path)))
    if found.empty:
        raise InputError(
            f"{path.name} names no street that is owed a visit", do="plan with --all, or without --overdue"
        )
    return found


def owed_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return what is owed: street, and weight where the table states it; streets that are owed nothing left out.

    Raises
    ------
    Nothing
        Nothing need be owed.
    """
    named = table["street" if "street" in table else "id"]
    found = pd.DataFrame({"street": named.astype(str).to_numpy()})
    weight = next((name for name in _WEIGHT if name in table), None)
    if weight is None:
        return found
    found["weight"] = pd.to_numeric(table[weight], errors="coerce").fillna(0.0).to_numpy()
    return found[found["weight"] > 0].reset_index(drop=True)


def read_required(path: Path) -> tuple[str, ...]:
    """Return the ids of streets in a table.

    Raises
    ------
    NotFoundError, FormatError
        As `gridmap.formats.read`.
    InputError
        If it has no column of ids.
    """
    return tuple(dict.fromkeys(_column(_table(path), _STREET, path).dropna().astype(str)))


def write_round(made: Round, streets: gpd.GeoDataFrame, path: Path) -> None:
    """Write a round: a ``.gpx`` for a phone, else its layers.

    Raises
    ------
    InputError
        If the round is empty, the ending is unknown, or the folder does not exist.
    """
    if path.suffix.lower() == ".gpx":
        with draft(path) as fresh:
            fresh.write_bytes(gpx(made, name=path.stem))
        return
    write_grids(round_layers(made, streets), path)


def round_layers(made: Round, streets: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the layers of a round: route (its line and figures), stops (its stretches in order), signins.

    Raises
    ------
    CrsError
        If the streets state no CRS.
    """
    figures = {name: [value] for name, value in report(made).items() if not isinstance(value, list | dict)}
    stops = lines_of(made.stops.assign(stop=np.arange(1, len(made.stops) + 1)), streets)
    layers = {"route": gpd.GeoDataFrame(figures, geometry=[made.line], crs=made.crs), "stops": stops}
    return layers | ({"signins": made.signins} if len(made.signins) else {})


def report(made: Round) -> dict[str, Any]:
    """Return what a round comes to, as JSON takes it.

    Raises
    ------
    Nothing
        Any round comes to something.
    """
    told = {name: getattr(made, name) for name in ("length_m", "required_m", "bound_m", "gap", "minutes")}
    told |= {name: getattr(made, name) for name in ("collected", "possible", "collected_bound", "habit")}
    known = {name: round(float(value), 3) for name, value in told.items() if value is not None and np.isfinite(value)}
    return {**known, "unreachable": list(made.unreachable)}


def round_rows(made: Round) -> dict[str, Any]:
    """Return a round as JSON takes it: what it comes to, its stops and sign-ins."""
    return {**report(made), "stops": plain(made.stops), "signins": plain(made.signins)}


def _all_alike(streets: gpd.GeoDataFrame) -> pd.DataFrame:
    """Every street, owed its metres."""
    ways = streets[streets["barrier"].isna()] if "barrier" in streets else streets
    return pd.DataFrame({"street": ways["id"].to_numpy()})


def _table(path: Path) -> gpd.GeoDataFrame:
    """A table without a promise: of several layers or sheets that of the streets."""
    try:
        return formats.read(path, sublayer="streets")
    except NotFoundError:
        return formats.read(path)


def _column(table: pd.DataFrame, names: tuple[str, ...], path: Path) -> pd.Series[Any]:
    """The first of some columns that a table has."""
    name = next((each for each in names if each in table), None)
    if name is None:
        raise InputError(f"{path.name} has no column street", expected=f"one of {', '.join(names)}")
    return table[name]
