"""What would be seen if cameras were moved, turned, added or taken away: answered at once, and nothing is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.coverage.live import Change as Reckoned
from gridmap.coverage.live import Sees, replaced
from gridmap.crs import to_system
from gridmap.errors import NotFoundError
from gridmap.service.camera_changes import Change, changed
from gridmap.service.camera_shares import ANY, Seen, measured, measures
from gridmap.service.camera_watches import Watch, Watches, looked
from gridmap.store.schema import SRID
from gridmap.visibility.cameras.bands import BANDS
from gridmap.visibility.cameras.views import NOMINAL, Views
from gridmap.visibility.seeing import Sight, drawn

#: Smaller differences are rounding, metres or square metres.
LEAST = 1e-4

#: Columns of what is told of a change.
_SHARE = ("code", "level", "of", "cameras", "band", "seen_before", "seen_after", "share_before", "share_after")
_STREET = {"id": "id", "band": "band", "before_m": "seen_m_before", "seen_m": "seen_m_after"}
_VIEWSHED = ("camera", "band", "certainty", "area_m2", "geometry")
_ASSUMED = ("camera", "column", "what")
_REFUSED = ("camera", "code", "message")


@dataclass(frozen=True, kw_only=True)
class SeenByOne:
    """A camera and the ground that it sees."""

    #: revision of the record
    version: int
    #: its row
    camera: gpd.GeoDataFrame
    #: camera, band, certainty, area_m2, polygons in EPSG:4490
    viewsheds: gpd.GeoDataFrame
    #: column, what: what was taken for granted
    assumed: pd.DataFrame
    #: code, message: why it sees no ground
    refused: pd.DataFrame


def seen_by(watches: Watches, name: str, *, on: date) -> SeenByOne:
    """Return a camera of the record and what it sees on a day.

    Raises
    ------
    NotFoundError
        If no such camera is in force on that day, or no area is.
    RecordError
        If the record cannot be read.
    """
    watch = watches.at(on)
    camera = watch.recorded.cameras[watch.recorded.cameras["id"] == name]
    if camera.empty:
        raise NotFoundError(
            f"no camera {name} is in force on {on}",
            do="see /api/cameras",
            code="no_camera",
            values={"camera": name, "day": on},
        )
    asked, sight = looked(watch.ground, camera)
    return SeenByOne(
        version=watch.recorded.version,
        camera=camera,
        viewsheds=to_system(drawn(sight), SRID),
        assumed=asked.assumed[["column", "what"]],
        refused=refusals(asked, sight),
    )


def refusals(asked: Views, sight: Sight) -> pd.DataFrame:
    """Return which cameras see no ground, and why: camera, code, message.

    Raises
    ------
    Nothing
        All cameras may see some ground.
    """
    both = pd.concat([asked.refused, sight.standing.refused], ignore_index=True)
    return both[list(_REFUSED)]


@dataclass(frozen=True, kw_only=True)
class WouldBe:
    """What would be seen."""

    #: revision of the record that it is compared with
    version: int
    #: the day
    on: date
    #: id, kind (added, changed, removed): what becomes of each camera
    cameras: pd.DataFrame
    #: camera, band, certainty, area_m2, polygons in EPSG:4490: what the cameras that are set would see
    viewsheds: gpd.GeoDataFrame
    #: code, level, of, cameras, band, seen_before, seen_after, share_before, share_after: shares that would differ
    shares: pd.DataFrame
    #: id, band, seen_m_before, seen_m_after: streets that would be seen otherwise by cameras that work
    streets: pd.DataFrame
    #: camera, column, what: what was taken for granted
    assumed: pd.DataFrame
    #: camera, code, message: which would see no ground, and why
    refused: pd.DataFrame


def what_if(watches: Watches, change: Change, *, on: date) -> WouldBe:
    """Return what would be seen if cameras were others, beside what is; nothing is saved.

    Parameters
    ----------
    watches
        What cameras see by a record.
    change
        What becomes of cameras.
    on
        The day.

    Raises
    ------
    NotFoundError
        If a camera that is to go is not in force on that day, or no area is.
    InputError, TableError
        As `gridmap.service.camera_changes.changed`.
    RecordError
        If the record cannot be read.
    """
    watch = watches.at(on)
    cameras = changed(watch.recorded.cameras, change, on=on)
    rows = [cameras.iloc[[row]].reset_index(drop=True) for row in range(len(cameras))]
    looks = [looked(watch.ground, row) for row in rows]
    sees: dict[str, Sees | None] = dict.fromkeys(change.remove)
    for row, (_, sight) in zip(rows, looks, strict=True):
        sees[row["id"].iloc[0]] = Sees(camera=row, views=sight.views, pieces=sight.pieces)
    changes = _reckoned(watch, cameras, sees)
    return WouldBe(
        version=watch.recorded.version,
        on=on,
        cameras=_kinds(watch, change),
        viewsheds=gpd.GeoDataFrame(_joined([to_system(drawn(sight), SRID) for _, sight in looks], _VIEWSHED), crs=SRID),
        shares=_differing(watch, changes),
        streets=changes["online"].streets.rename(columns=_STREET)[list(_STREET.values())],
        assumed=_joined([asked.assumed for asked, _ in looks], _ASSUMED),
        refused=_joined([refusals(asked, sight) for asked, sight in looks], _REFUSED),
    )


def _kinds(watch: Watch, change: Change) -> pd.DataFrame:
    """What becomes of each camera."""
    ids = watch.recorded.cameras["id"]
    known = set(ids[ids.isin(list(change.ids))])
    kinds = {name: "changed" if name in known else "added" for name in change.set}
    kinds |= dict.fromkeys(change.remove, "removed")
    return pd.DataFrame({"id": change.ids, "kind": [kinds[name] for name in change.ids]})


def _reckoned(watch: Watch, cameras: gpd.GeoDataFrame, sees: Mapping[str, Sees | None]) -> dict[str, Reckoned]:
    """What changes by each way of counting; worked out once where all cameras work, before and after."""
    every, online = watch.standings["all"], watch.standings["online"]
    change = replaced(every, sees)
    alike = online.lines is every.lines and not (cameras["status"] == "offline").any()
    return {"online": change if alike else replaced(online, sees), "all": change}


def _differing(watch: Watch, changes: Mapping[str, Reckoned]) -> pd.DataFrame:
    """The shares of areas that differ, with what they were: all bands of such an area, and their sum."""
    areas = watch.recorded.areas[["code", "level"]]
    tables = [
        _beside(areas, before, after).assign(of=of, cameras=name)
        for name, change in changes.items()
        for of, before, after in _measures(watch, name, change)
    ]
    return _joined(tables, _SHARE)


def _measures(watch: Watch, name: str, change: Reckoned) -> Iterator[tuple[str, Seen, Seen]]:
    """What shares are of, before and after a change."""
    before, after = measured(watch, name), measures(change.after)
    return ((of, before[of], after[of]) for of in after)


def _beside(areas: pd.DataFrame, before: Seen, after: Seen) -> pd.DataFrame:
    """Nominal shares of the areas that differ, before and after."""
    whole = after[1]
    was, now = (np.column_stack([seen[:, NOMINAL], seen[:, NOMINAL].sum(axis=1)]) for seen, _ in (before, after))
    rows = np.flatnonzero((np.abs(now - was) > LEAST).any(axis=1))
    each = rows.repeat(was.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = {name: (seen[rows] / whole[rows, None]).ravel() for name, seen in (("before", was), ("after", now))}
    return pd.DataFrame(
        {
            "code": areas["code"].to_numpy(dtype=object)[each],
            "level": areas["level"].to_numpy(dtype=object)[each],
            "band": np.tile(np.array([*BANDS, ANY], dtype=object), len(rows)),
            "seen_before": was[rows].ravel(),
            "seen_after": now[rows].ravel(),
            "share_before": shares["before"],
            "share_after": shares["after"],
        }
    )


def _joined(tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Tables one after the other; those without rows say nothing of their columns' kinds."""
    filled = [table[list(columns)] for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(columns))
