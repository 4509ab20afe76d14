"""What is known or taken for granted of lenses, tilts, ranges and light."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.visibility.cameras import fisheyes, optics
from gridmap.visibility.cameras.assuming import Assumed, Cells, Ledger

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: A flat picture spans less than this.
FLAT_DEG = 180.0
#: The axis of a camera that looks straight down, below the horizon.
DOWN_DEG = 90.0
#: A whole turn.
ALL_ROUND_DEG = 360.0


def lenses(cells: Cells, kind: npt.NDArray[Any], limits: Assumed, taken: Ledger) -> dict[str, Floats]:
    """Return angles of view and focal lengths: what the maker states of the middle of the picture before its angle."""
    round_, tall = kind == "fisheye", cells.numbers("height_px")
    hfov = _across(cells, kind, limits, taken)
    stated = first_known(
        optics.focal_px_of_detection(cells.positive("dori_detect_m")),
        optics.focal_px_of_pixel(cells.positive("focal_mm"), cells.positive("pixel_um")),
    )
    width = cells.numbers("width_px")
    taken.note(np.isnan(width) & np.isnan(stated), "width_px", f"its picture is {limits.width_px} pixels wide")
    width = np.where(np.isnan(width), limits.width_px, width)
    by_sensor = optics.focal_px_of_sensor(width, cells.positive("focal_mm"), _sensor_mm(cells))
    flat = first_known(stated, by_sensor, optics.focal_px(width, _reckonable(hfov)))
    # the circle of a fisheye fits into the picture
    round_picture = fisheyes.px_per_rad(np.fmin(width, tall), np.where(hfov > 0, hfov, 1.0))
    vfov = _upright(cells, round_, hfov, np.where(np.isnan(tall), limits.aspect, tall / width), taken)
    return {"hfov_deg": hfov, "vfov_deg": vfov, "focal_px": np.where(round_, first_known(stated, round_picture), flat)}


def _across(cells: Cells, kind: npt.NDArray[Any], limits: Assumed, taken: Ledger) -> Floats:
    """Return horizontal angles of view, of fisheyes the angle of the lens."""
    round_, focal_mm = kind == "fisheye", cells.positive("focal_mm")
    flat = first_known(cells.numbers("hfov_deg"), optics.hfov_deg(focal_mm, _sensor_mm(cells)))
    hfov = np.where(round_, _lens_angle(cells), flat)
    default = np.select([round_, kind == "ptz"], [limits.lens_deg, limits.ptz_hfov_deg], limits.hfov_deg)
    missing = np.isnan(hfov)
    for angle in np.unique(default[missing]).tolist():
        taken.note(missing & (default == angle), "hfov_deg", f"it spans {angle:g} degrees across")
    return np.where(missing, default, hfov)


def _upright(cells: Cells, round_: Mask, hfov: Floats, aspect: Floats, taken: Ledger) -> Floats:
    """Return vertical angles of view: they matter where the tilt is known."""
    stated = cells.numbers("vfov_deg")
    unknown = np.isnan(stated) & ~round_ & ~np.isnan(cells.numbers("tilt_deg")) & np.isnan(cells.numbers("height_px"))
    for share in np.unique(aspect[unknown]).tolist():
        taken.note(unknown & (aspect == share), "vfov_deg", f"its picture is {share:.4g} times as high as wide")
    return first_known(stated, optics.vfov_deg(_reckonable(hfov), aspect))


def _sensor_mm(cells: Cells) -> Floats:
    """Return widths of sensors: stated, or pixels times their size."""
    return first_known(cells.positive("sensor_mm"), cells.positive("pixel_um") * cells.numbers("width_px") / 1000)


def first_known(*values: Floats) -> Floats:
    """Return the first of several values that is known, row by row."""
    found = values[0]
    for more in values[1:]:
        found = np.where(np.isnan(found), more, found)
    return found


def _reckonable(hfov: Floats) -> Floats:
    """Return angles of view with those that no flat picture spans replaced, so that they can be reckoned with."""
    return np.where((hfov > 0) & (hfov < FLAT_DEG), hfov, 1.0)


def _lens_angle(cells: Cells) -> Floats:
    """Return the whole angle of a fisheye lens: of 360 degrees all round, the lens spans the other angle."""
    across, upright = cells.numbers("hfov_deg"), cells.numbers("vfov_deg")
    return np.where(across == ALL_ROUND_DEG, upright, first_known(across, upright))


def tilts(tilt: Floats, kind: npt.NDArray[Any], taken: Ledger) -> Floats:
    """Return tilts: a fisheye looks straight down where nothing is said; others stay unknown."""
    missing, round_ = np.isnan(tilt), kind == "fisheye"
    taken.note(missing & round_, "tilt_deg", "it looks straight down")
    what = "its axis is level: no dead zone is reckoned, nor an end where the picture's top meets the ground"
    taken.note(missing & ~round_, "tilt_deg", what)
    taken.note(round_ & (tilt < DOWN_DEG / 2), "tilt_deg", "it looks all round, though its axis is nearer to level")
    return np.where(missing & round_, DOWN_DEG, tilt)


def ranges(range_m: Floats, focal: Floats, limits: Assumed, taken: Ledger) -> Floats:
    """Return ranges: where nothing is said, as far as the picture resolves anything."""
    resolved = np.minimum(focal / limits.range_px_per_m, limits.range_most_m)
    what = (
        f"its range ends where a metre takes up fewer than {limits.range_px_per_m:g} pixels,"
        f" at {limits.range_most_m:g} m at the latest"
    )
    return taken.fill(range_m, resolved, "range_m", what)


def ranges_at_night(cells: Cells, range_m: Floats, limits: Assumed, taken: Ledger, refused: Ledger) -> Floats:
    """Return ranges in the dark: as far as the camera's own light reaches, or as by day under street lamps."""
    light, lit, own = cells.words("light"), cells.words("lit") == "yes", cells.numbers("night_m")
    dark = ~lit & (((light == "none") & ~(own > 0)) | (own == 0))
    message = "it has no light of its own and is not said to stand under street lamps: it sees nothing at night"
    refused.note(dark, "dark", message)
    unknown = np.isnan(own) & ~lit & ~dark
    taken.note(unknown, "night_m", f"its own light reaches {limits.night_m:g} m")
    return np.where(lit, range_m, np.minimum(range_m, np.where(unknown | dark, limits.night_m, own)))
