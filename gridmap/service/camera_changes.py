"""Cameras moved, turned, added and taken away: what they would be, and what the record then holds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Engine

from gridmap import frames, store
from gridmap.errors import ConflictError, InputError, NotFoundError, StaleError
from gridmap.frames import FRAMES
from gridmap.store import Actor
from gridmap.store.ending import end, lock
from gridmap.store.schema import SRID

#: What a change may say of a camera beside its id: its promised columns but the days, which its own day of force gives.
SAID = frozenset({*FRAMES["cameras"].names, "lon", "lat"} - {"id", "valid_from", "valid_to"})

#: How a new camera is unless it is said.
_NEW = {"status": "online"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of cameras."""

    #: by id, what is said of it; of a camera of the record, the rest stays as it is
    set: Mapping[str, Mapping[str, Any]]
    #: ids of those that are taken away
    remove: Sequence[str] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """All cameras that it concerns, in order."""
        return tuple(sorted({*self.set, *self.remove}))


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A camera as the record holds it after a change."""

    #: revision that holds it
    version: int
    #: its row as a table of one row, of none where it was ended
    camera: gpd.GeoDataFrame


def changed(cameras: gpd.GeoDataFrame, change: Change, *, on: date) -> gpd.GeoDataFrame:
    """Return the cameras that a change sets, as they then are, in the order of their ids.

    Parameters
    ----------
    cameras
        Those in force, in EPSG:4490.
    change
        What becomes of them.
    on
        The day on which they are in force, for messages.

    Returns
    -------
    GeoDataFrame
        As `gridmap.frames` promises, in EPSG:4490; only the cameras that are set.

    Raises
    ------
    NotFoundError
        If a camera that is to be taken away is not in force.
    TableError
        If one would not be a camera: every fault of every one of them.
    InputError
        If something is said that no camera has, or a new one has no place.
    """
    # one by one, thousands of texts of a column of Arrow's cost more than the edit
    named = cameras.loc[cameras["id"].isin(list(change.ids)), "id"]
    rows = {name: cameras.index.get_loc(label) for label, name in named.items()}
    if gone := sorted(set(change.remove) - rows.keys()):
        raise NotFoundError(
            f"camera {', '.join(gone[:5])} is not in force on {on}",
            do="see /api/cameras",
            code="no_camera",
            values={"camera": gone, "day": on},
        )
    said = [_said(cameras, rows.get(name), name, change.set[name]) for name in sorted(change.set)]
    if not said:
        return cameras.iloc[:0]
    table = pd.DataFrame(said)
    points = shapely.points(table.pop("lon").astype(float), table.pop("lat").astype(float))
    return frames.conform(gpd.GeoDataFrame(table, geometry=points, crs=SRID), "cameras", source="the change")


def tag(camera: gpd.GeoDataFrame) -> str | None:
    """Return what tells one state of a camera from another; None where it is not in force.

    Parameters
    ----------
    camera
        A table of at most one row, as `gridmap.store.read` returns it.

    Raises
    ------
    Nothing
        A camera that is not in force has no tag.
    """
    if camera.empty:
        return None
    cells = pd.DataFrame(camera.drop(columns="geometry")).iloc[0].astype(object)
    told = repr([None if pd.isna(cell) else cell for cell in cells]).encode() + camera.geometry.iloc[0].wkb
    return hashlib.sha256(told).hexdigest()[:16]


def save(
    engine: Engine, name: str, said: Mapping[str, Any], *, seen: str | None, effective: date, actor: Actor
) -> Saved:
    """Write into the record what a camera is from a day on, and return it.

    Parameters
    ----------
    engine
        The record.
    name
        The camera's id.
    said
        What is said of it; the rest stays as it is.
    seen
        The `tag` of the row that the change was made from; None: there was none.
    effective
        First day on which it is so; the row before holds for the days before.
    actor
        Who changes it, for the audit.

    Raises
    ------
    StaleError
        If the camera is not as it was seen.
    InputError, TableError
        As `changed`.
    ConflictError
        If the record knows the camera for later days already.
    RecordError
        If the server went away; then nothing was changed.
    """
    with engine.begin() as connection:
        lock(connection, "cameras")
        held = store.read(connection, "cameras", on=effective, codes=[name])
        _refuse_stale(held, name, seen)
        after = changed(held, Change(set={name: said}), on=effective)
        ends = held["valid_to"].iloc[0] if len(held) else None
        store.load(
            connection,
            "cameras",
            after.assign(valid_from=None, valid_to=ends),
            source=store.Source(file=f"camera {name}"),
            actor=actor,
            effective=effective,
        )
        camera = store.read(connection, "cameras", on=effective, codes=[name])
        return Saved(version=store.revision(connection), camera=camera)


def take_away(engine: Engine, name: str, *, seen: str, effective: date, actor: Actor) -> Saved:
    """End a camera in the record, so that it is none from a day on.

    Raises
    ------
    StaleError
        If the camera is not as it was seen.
    NotFoundError, ConflictError, RecordError
        As `gridmap.store.ending.end`.
    """
    with engine.begin() as connection:
        lock(connection, "cameras")
        held = store.read(connection, "cameras", on=effective, codes=[name])
        if len(held):
            _refuse_stale(held, name, seen)
        end(connection, "cameras", [name], actor=actor, effective=effective)
        return Saved(version=store.revision(connection), camera=held.iloc[:0])


def _refuse_stale(held: gpd.GeoDataFrame, name: str, seen: str | None) -> None:
    """Refuse a change that was made from another state than the one that stands."""
    if tag(held) == seen:
        return
    if held.empty:
        raise ConflictError(
            f"no camera {name} is in force on that day",
            do="send it as a new one, without `seen`",
            code="camera_gone",
            values={"camera": name},
        )
    raise StaleError(
        f"others changed camera {name}, or it was there already",
        version=None,
        changed=[name],
        code="stale_camera",
        values={"camera": name},
        do="look at it again, and change it from there",
    )


def _said(cameras: gpd.GeoDataFrame, row: int | None, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """One camera with all its columns: what is said, over what the record holds of it."""
    if unknown := sorted(said.keys() - SAID):
        raise InputError(
            f"camera {name}: {', '.join(unknown)[:80]}",
            expected=f"any of {', '.join(sorted(SAID))}",
            code="camera_says_other",
            values={"camera": name, "words": unknown},
        )
    base: dict[str, Any] = dict(_NEW)
    if row is not None:
        held = cameras.iloc[row]
        base = {column: held[column] for column in FRAMES["cameras"].names if column not in {"valid_from", "valid_to"}}
        base |= {"lon": held.geometry.x, "lat": held.geometry.y}
    whole = {**base, **said, "id": name}
    if whole.get("kind") is None:
        # a list without kinds is read as one of fixed cameras; who writes a single one knows
        raise InputError(
            f"camera {name} is of no kind",
            expected="kind: fixed, ptz or fisheye",
            code="camera_without_kind",
            values={"camera": name},
        )
    if not all(_is_number(whole.get(axis)) for axis in ("lon", "lat")):
        raise InputError(
            f"camera {name} has no place",
            expected="lon and lat in degrees",
            code="camera_without_place",
            values={"camera": name},
        )
    return whole


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
