"""What is known of each camera, what is taken for granted where a table is silent, and what is refused as nonsense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS, Proj

from gridmap import crs as crs_
from gridmap import frames
from gridmap.visibility import optics

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Octants in the order of the compass, with their middles clockwise from true north.
OCTANTS = {"N": 0.0, "NE": 45.0, "E": 90.0, "SE": 135.0, "S": 180.0, "SW": 225.0, "W": 270.0, "NW": 315.0}
#: How far a heading may be from the middle of its octant.
OCTANT_ACCURACY_DEG = 22.5
#: A flat picture spans less than this.
FLAT_DEG = 180.0
#: The axis of a camera that looks straight down, below the horizon.
DOWN_DEG = 90.0
#: A whole turn.
ALL_ROUND_DEG = 360.0


@dataclass(frozen=True, kw_only=True)
class Assumed:
    """What is taken for granted where a table is silent, and the limits of sense."""

    #: metres above ground: street cameras hang on poles and walls at 3.5 to 7 m, above reach and below the lamps
    height_m: float = 6.0
    #: horizontal angle of a fixed camera: a 2.8 to 4 mm lens, the usual one in streets, spans 70 to 105 degrees
    hfov_deg: float = 90.0
    #: horizontal angle of a turning camera at its widest: 4.5 to 6 mm before a 1/2.8 inch sensor
    ptz_hfov_deg: float = 60.0
    #: whole angle of a fisheye lens
    lens_deg: float = 180.0
    #: pixels across: 1080p, the least that counts as high definition
    width_px: int = 1920
    #: height of the picture over its width
    aspect: float = 9 / 16
    #: the range ends where a metre takes up fewer pixels than this: "monitor", the lowest level of IEC 62676-4:2014 ...
    range_px_per_m: float = 12.5
    #: ... and no further than this: what a tele lens resolves beyond, trees and traffic hide
    range_most_m: float = 150.0
    #: reach of infrared or white light whose reach is not stated: usual makes state 30 to 50 m
    night_m: float = 30.0
    #: a height above this is in centimetres or above the sea: lookouts on towers stand at up to 200 m
    highest_m: float = 200.0
    #: a sensor narrower than this is a format in inches: 1/4 inch is 3.6 mm wide
    least_sensor_mm: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known or assumed of each camera, one row per camera of the table."""

    #: metric system of ``xy``
    crs: CRS
    #: identifiers
    ids: npt.NDArray[Any]
    #: east and north, metres
    xy: Floats
    #: fixed, ptz or fisheye
    kind: npt.NDArray[Any]
    #: metres above ground
    height_m: Floats
    #: counter-clockwise from grid east, radians; NaN where no heading is known
    heading: Floats
    #: how far the heading may be off, radians
    accuracy: Floats
    #: horizontal angle of view, or of a fisheye's lens, degrees
    hfov_deg: Floats
    #: vertical angle of view, degrees
    vfov_deg: Floats
    #: below the horizon, degrees; NaN where it is not known
    tilt_deg: Floats
    #: focal length in pixels, or pixels per radian of a fisheye
    focal_px: Floats
    #: metres
    range_m: Floats
    #: angle through which a turning camera turns, radians
    turn: Floats
    #: optical zoom
    zoom: Floats
    #: whether the camera is not refused
    usable: Mask
    #: camera, column, what
    assumed: pd.DataFrame
    #: camera, code, message
    refused: pd.DataFrame


class Ledger:
    """What was taken for granted, or refused, so far: which cameras, a word, a sentence."""

    def __init__(self, ids: npt.NDArray[Any]) -> None:
        self.ids = ids
        self.entries: list[tuple[Mask, str, str]] = []

    def note(self, rows: Mask, word: str, what: str) -> None:
        """Write down one thing of some cameras."""
        self.entries.append((rows, word, what))

    def fill(self, values: Floats, default: Any, word: str, what: str) -> Floats:
        """Return the values with what is missing taken for granted, and write that down."""
        missing = np.isnan(values)
        self.note(missing, word, what)
        return np.where(missing, default, values)

    @property
    def rows(self) -> Mask:
        """Which cameras stand in it."""
        found = np.zeros(len(self.ids), dtype=bool)
        for rows, _, _ in self.entries:
            found |= rows
        return found

    def table(self, word: str, what: str) -> pd.DataFrame:
        """Return a row per camera and thing, by camera."""
        rows = [np.flatnonzero(found) for found, _, _ in self.entries]
        counts = [len(found) for found in rows]
        every = np.concatenate([np.zeros(0, dtype=np.int64), *rows])
        order = np.argsort(every, kind="stable")
        texts = [
            np.repeat(np.array([entry[place] for entry in self.entries], dtype=object), counts)[order]
            for place in (1, 2)
        ]
        return pd.DataFrame({"camera": self.ids[every[order]], word: texts[0], what: texts[1]}, dtype="str")


class Cells:
    """Cells of a table by column, missing where the table lacks the column."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table

    def numbers(self, name: str) -> Floats:
        """Numbers, NaN where missing."""
        if name not in self.table:
            return np.full(len(self.table), np.nan)
        return self.table[name].to_numpy(dtype=float, na_value=np.nan)

    def words(self, name: str) -> npt.NDArray[Any]:
        """Texts, empty where missing."""
        if name not in self.table:
            return np.full(len(self.table), "", dtype=object)
        return self.table[name].astype(object).fillna("").to_numpy()


def known(cameras: pd.DataFrame, limits: Assumed, *, target_m: tuple[float, float], night: bool) -> Known:
    """Return what is known of each camera, with what had to be taken for granted and what is refused.

    Parameters
    ----------
    cameras
        Table of cameras in any CRS.
    limits
        What is taken for granted.
    target_m
        Lower and upper end of the segment that must be seen wholly.
    night
        Whether it is dark.

    Returns
    -------
    Known
        One row per camera.

    Raises
    ------
    TableError
        If the table breaks the promise of ``frames.CAMERAS``.
    CrsError
        If its coordinates cannot be measured in.
    """
    table = frames.conform(cameras, "cameras", source="cameras", keep_extra=True)
    cells, ids = Cells(table), table["id"].to_numpy(object)
    taken, refused = Ledger(ids), Ledger(ids)
    place = _placed(table, refused)
    kind = table["kind"].to_numpy(object)
    found = _lens(cells, kind, limits, taken)
    what = f"it hangs {limits.height_m:g} m above ground"
    found["height_m"] = taken.fill(cells.numbers("height_m"), limits.height_m, "height_m", what)
    found["tilt_deg"] = _tilt(cells.numbers("tilt_deg"), kind, taken)
    found["range_m"] = _range(cells.numbers("range_m"), found["focal_px"], limits, taken)
    _refuse_nonsense(found, kind, target_m, limits, refused)
    if night:
        found["range_m"] = _at_night(cells, found["range_m"], limits, taken, refused)
    heading, accuracy = _heading(cells, kind, place, taken)
    return Known(
        crs=place.crs,
        ids=ids,
        xy=shapely.get_coordinates(place.to_numpy()),
        kind=kind,
        heading=heading,
        accuracy=accuracy,
        turn=np.radians(np.nan_to_num(cells.numbers("turn_deg"), nan=360.0)),
        zoom=np.nan_to_num(cells.numbers("zoom"), nan=1.0),
        usable=~refused.rows,
        assumed=taken.table("column", "what"),
        refused=refused.table("code", "message"),
        **found,
    )


def _placed(table: gpd.GeoDataFrame, refused: Ledger) -> gpd.GeoSeries:
    """Return the places in the metric system of most of them; those at 0, 0 degrees are nowhere."""
    place = table.geometry
    nowhere = np.zeros(len(table), dtype=bool)
    if place.crs is not None and place.crs.is_geographic:
        nowhere = (shapely.get_coordinates(place.to_numpy()) == 0).all(axis=1)
    message = "longitude and latitude are 0, 0, which is what devices say that know no place; state where it is"
    refused.note(nowhere, "null_island", message)
    if nowhere.any() and not nowhere.all():
        # one camera in the Gulf of Guinea would move the zone that all are measured in
        place = place.where(~nowhere, place[~nowhere].iloc[0])
    if not len(place) or (place.crs is not None and crs_.is_metric(place.crs)):
        return place
    return crs_.to_metric(place.to_frame("geometry")).geometry


def _first(*values: Floats) -> Floats:
    """Return the first of several values that is known, row by row."""
    found = values[0]
    for more in values[1:]:
        found = np.where(np.isnan(found), more, found)
    return found


def _lens(cells: Cells, kind: npt.NDArray[Any], limits: Assumed, taken: Ledger) -> dict[str, Floats]:
    """Return angles of view and focal lengths: what the maker states of the middle of the picture before its angle."""
    number, round_ = cells.numbers, kind == "fisheye"
    focal_mm, pixel_um, tall = number("focal_mm"), number("pixel_um"), number("height_px")
    sensor = _first(number("sensor_mm"), number("pixel_um") * number("width_px") / 1000)
    hfov = np.where(round_, _lens_angle(cells), _first(number("hfov_deg"), optics.hfov_deg(focal_mm, sensor)))
    default = np.select([round_, kind == "ptz"], [limits.lens_deg, limits.ptz_hfov_deg], limits.hfov_deg)
    hfov = _filled_angles(hfov, default, taken)
    stated = _first(optics.focal_px_of_detection(number("dori_detect_m")), optics.focal_px_of_pixel(focal_mm, pixel_um))
    width = number("width_px")
    taken.note(np.isnan(width) & np.isnan(stated), "width_px", f"its picture is {limits.width_px} pixels wide")
    width = np.where(np.isnan(width), limits.width_px, width)
    circle = np.fmin(width, tall)
    flat = _first(stated, optics.focal_px_of_sensor(width, focal_mm, sensor), optics.focal_px(width, _flat(hfov)))
    focal = np.where(round_, _first(stated, optics.fisheye_px_per_rad(circle, hfov)), flat)
    unknown = np.isnan(number("vfov_deg")) & ~round_ & ~np.isnan(number("tilt_deg")) & np.isnan(tall)
    taken.note(unknown, "vfov_deg", f"its picture is {limits.aspect:.4g} times as high as wide")
    aspect = np.where(np.isnan(tall), limits.aspect, tall / width)
    vfov = _first(number("vfov_deg"), optics.vfov_deg(_flat(hfov), aspect))
    return {"hfov_deg": hfov, "vfov_deg": vfov, "focal_px": focal}


def _flat(hfov: Floats) -> Floats:
    """Return angles of view with those that no flat picture spans replaced, so that they can be reckoned with."""
    return np.where((hfov > 0) & (hfov < FLAT_DEG), hfov, 1.0)


def _lens_angle(cells: Cells) -> Floats:
    """Return the whole angle of a fisheye lens: of 360 degrees all round, the lens spans the other angle."""
    across, upright = cells.numbers("hfov_deg"), cells.numbers("vfov_deg")
    return np.where(across == ALL_ROUND_DEG, upright, _first(across, upright))


def _filled_angles(hfov: Floats, default: Floats, taken: Ledger) -> Floats:
    """Return angles of view with what is missing taken for granted."""
    missing = np.isnan(hfov)
    for angle in np.unique(default[missing]).tolist():
        taken.note(missing & (default == angle), "hfov_deg", f"it spans {angle:g} degrees across")
    return np.where(missing, default, hfov)


def _tilt(tilt: Floats, kind: npt.NDArray[Any], taken: Ledger) -> Floats:
    """Return tilts: a fisheye looks straight down where nothing is said; others stay unknown."""
    missing, round_ = np.isnan(tilt), kind == "fisheye"
    taken.note(missing & round_, "tilt_deg", "it looks straight down")
    what = "its axis is level: no dead zone is reckoned, nor an end where the picture's top meets the ground"
    taken.note(missing & ~round_, "tilt_deg", what)
    return np.where(missing & round_, DOWN_DEG, tilt)


def _range(range_m: Floats, focal: Floats, limits: Assumed, taken: Ledger) -> Floats:
    """Return ranges: where nothing is said, as far as the picture resolves anything."""
    resolved = np.minimum(focal / limits.range_px_per_m, limits.range_most_m)
    what = (
        f"its range ends where a metre takes up fewer than {limits.range_px_per_m:g} pixels,"
        f" at {limits.range_most_m:g} m at the latest"
    )
    return taken.fill(range_m, resolved, "range_m", what)


def _at_night(cells: Cells, range_m: Floats, limits: Assumed, taken: Ledger, refused: Ledger) -> Floats:
    """Return ranges in the dark: as far as the camera's own light reaches, or as by day under street lamps."""
    light, lit, own = cells.words("light"), cells.words("lit") == "yes", cells.numbers("night_m")
    dark = ~lit & (((light == "none") & ~(own > 0)) | (own == 0))
    message = "it has no light of its own and is not said to stand under street lamps: it sees nothing at night"
    refused.note(dark, "dark", message)
    unknown = np.isnan(own) & ~lit & ~dark
    taken.note(unknown, "night_m", f"its own light reaches {limits.night_m:g} m")
    return np.where(lit, range_m, np.minimum(range_m, np.where(unknown | dark, limits.night_m, own)))


def _heading(cells: Cells, kind: npt.NDArray[Any], place: gpd.GeoSeries, taken: Ledger) -> tuple[Floats, Floats]:
    """Return headings on the grid and how far they may be off, radians."""
    true, stated = cells.numbers("heading_deg"), cells.numbers("heading_accuracy_deg")
    octant = np.array([OCTANTS.get(word, np.nan) for word in cells.words("octant")], dtype=float)
    coarse = np.isnan(true) & ~np.isnan(octant)
    off = np.where(coarse, np.fmax(stated, OCTANT_ACCURACY_DEG), np.nan_to_num(stated))
    found = _first(true, octant)
    taken.note(coarse, "heading_deg", "it looks at the middle of its octant, give or take 22.5 degrees")
    blind = np.isnan(found) & (kind != "fisheye")
    taken.note(blind, "heading_deg", "nothing: its heading is not known, so all ground around it is possible only")
    return np.radians(90 - (found - convergence_deg(place))), np.radians(off)


def convergence_deg(place: gpd.GeoSeries) -> Floats:
    """Return how far grid north lies east of true north at places in a projected system.

    A heading from true north less this is a heading on the grid. On a transverse Mercator grid it is close to the
    difference of longitude from the central meridian times the sine of the latitude.

    Parameters
    ----------
    place
        Points in a projected CRS.

    Returns
    -------
    numpy.ndarray of float64
        Degrees.

    Raises
    ------
    None

    Examples
    --------
    >>> place = gpd.GeoSeries([shapely.Point(581_634.58, 3_543_287.58)], crs=4549)
    >>> round(float(convergence_deg(place)[0]), 3)
    0.458
    """
    if not len(place):
        return np.zeros(0)
    grid = Proj(place.crs)
    x, y = shapely.get_coordinates(place.to_numpy()).T
    lon, lat = grid(x, y, inverse=True)
    return np.asarray(grid.get_factors(lon, lat).meridian_convergence, dtype=float)


def _refuse_nonsense(
    found: dict[str, Floats], kind: npt.NDArray[Any], target_m: tuple[float, float], limits: Assumed, refused: Ledger
) -> None:
    """Write down what cannot be: each reason with its own code."""
    height, tilt, flat = found["height_m"], found["tilt_deg"], kind != "fisheye"
    low, high = target_m
    hfov, vfov = found["hfov_deg"], found["vfov_deg"]
    for rows, code, message in (
        (
            height <= high,
            "below_target",
            f"it hangs no higher than the {high:g} m of what is to be seen; state the height in metres above ground",
        ),
        (
            height > limits.highest_m,
            "height_unit",
            f"its height is above {limits.highest_m:g} m; state metres above ground, not centimetres nor above the sea",
        ),
        (hfov <= 0, "bad_fov", "its angle of view is 0; state hfov_deg, or leave it out where it is not known"),
        (
            flat & (hfov >= FLAT_DEG),
            "not_flat",
            "a flat picture spans less than 180 degrees; say kind fisheye, or state the angle of the lens",
        ),
        (flat & (vfov <= 0), "bad_vfov", "its vertical angle of view is 0; state vfov_deg, or leave it out"),
        (flat & (vfov >= FLAT_DEG), "bad_vfov", "a flat picture spans less than 180 degrees upright; state vfov_deg"),
        (found["range_m"] <= 0, "no_range", "its range is 0; state range_m, or leave it out where it is not known"),
        (
            flat & (tilt + vfov / 2 <= 0),
            "looks_at_sky",
            "the lower edge of its picture is not below the horizon: it sees the sky alone; tilt_deg counts downwards",
        ),
    ):
        refused.note(rows, code, message)
    near, far = optics.near_m(height - low, tilt, vfov), optics.far_m(height - high, tilt, vfov)
    message = "its picture ends, or its range, before the dead zone at its foot does: it sees nobody from head to foot"
    refused.note(flat & ~refused.rows & (near >= np.minimum(far, found["range_m"])), "dead_zone_only", message)
