"""What is nonsense in what a table says of a camera: each reason with its own code, all at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from gridmap.visibility.cameras import optics
from gridmap.visibility.cameras.assuming import Assumed, Cells, Ledger
from gridmap.visibility.cameras.lenses import DOWN_DEG, FLAT_DEG

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def refuse_lenses(cells: Cells, limits: Assumed, refused: Ledger) -> None:
    """Write down lenses and sensors that cannot be."""
    for column in ("focal_mm", "sensor_mm", "pixel_um", "dori_detect_m"):
        message = f"its {column} is 0; state it, or leave it out where it is not known"
        refused.note(cells.numbers(column) == 0, "bad_lens", message)
    sensor = cells.numbers("sensor_mm")
    message = (
        f"its sensor is less than {limits.least_sensor_mm:g} mm wide, so sensor_mm holds a format in inches; "
        "state the width in millimetres: 5.6 for 1/2.8 inch, 4.8 for 1/3 inch"
    )
    refused.note((sensor > 0) & (sensor < limits.least_sensor_mm), "sensor_in_inches", message)


def refuse_nonsense(
    found: Mapping[str, Floats], flat: Mask, target_m: tuple[float, float], limits: Assumed, refused: Ledger
) -> None:
    """Write down heights, angles and ranges that cannot be, of flat pictures (``flat``) and fisheyes."""
    height, hfov, vfov = found["height_m"], found["hfov_deg"], found["vfov_deg"]
    note = refused.note
    message = (
        f"it hangs no higher than the {target_m[1]:g} m of what is to be seen; state the height in metres above ground"
    )
    note(height <= target_m[1], "below_target", message)
    message = f"it hangs above {limits.highest_m:g} m; state metres above ground, not centimetres nor above the sea"
    note(height > limits.highest_m, "height_unit", message)
    note(hfov <= 0, "bad_fov", "its angle of view is 0; state hfov_deg, or leave it out where it is not known")
    message = "a flat picture spans less than 180 degrees; say kind fisheye, or state the angle of the lens"
    note(flat & (hfov >= FLAT_DEG), "not_flat", message)
    message = "its vertical angle of view is not between 0 and 180 degrees; state vfov_deg, or leave it out"
    note(flat & ((vfov <= 0) | (vfov >= FLAT_DEG)), "bad_vfov", message)
    message = "its range is 0; state range_m, or leave it out where it is not known"
    note(found["range_m"] <= 0, "no_range", message)
    message = "the lower edge of its picture is not below the horizon: it sees the sky alone; tilt_deg counts downwards"
    note(flat & (found["tilt_deg"] + vfov / 2 <= 0), "looks_at_sky", message)


def note_ends(
    found: Mapping[str, Floats], flat: Mask, target_m: tuple[float, float], taken: Ledger, refused: Ledger
) -> None:
    """Write down where tilted pictures end before their range does, behind the foot, or before they begin."""
    height, tilt, vfov = found["height_m"], found["tilt_deg"], found["vfov_deg"]
    near, far = optics.near_m(height - target_m[0], tilt, vfov), optics.far_m(height - target_m[1], tilt, vfov)
    usable = flat & ~refused.rows
    message = "its picture or its range ends before the dead zone at its foot does: it sees nobody from head to foot"
    refused.note(usable & (near >= np.minimum(far, found["range_m"])), "dead_zone_only", message)
    what = "it sees no further than the upper edge of its picture meets the ground, which is before its range ends"
    taken.note(usable & (near < far) & (far < found["range_m"]), "range_m", what)
    what = "it looks past straight down: ground behind its foot is not counted"
    taken.note(usable & (tilt + vfov / 2 > DOWN_DEG), "tilt_deg", what)
