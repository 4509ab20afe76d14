"""An old map whose paper waves, its control points, and pictures to lay on the ground."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

METHODS = ["order1", "order2", "order3", "tps"]


def true_place(pixels: Numbers) -> Numbers:
    """Where pixels of a sheet of 800 x 600 lie, whose paper waves by 4 to 6 m."""
    u, v = pixels[:, 0] / 800, pixels[:, 1] / 600
    east = 520000 + pixels[:, 0] * 0.5 + 6 * np.sin(2 * np.pi * v) + 4 * u * v
    return np.stack([east, 3352000 - pixels[:, 1] * 0.5 + 5 * np.sin(2 * np.pi * u)], axis=1)


PIXELS = np.array([[x, y] for y in np.linspace(30, 570, 5) for x in np.linspace(40, 760, 5)])
PLACES = true_place(PIXELS)


def table(pixels: Numbers, places: Numbers) -> pd.DataFrame:
    """Control points as a caller gives them."""
    return pd.DataFrame(np.hstack([pixels, places]), columns=["pixel", "line", "x", "y"])


POINTS = table(PIXELS, PLACES)


def picture(path: Path, pixels: NDArray[Any], **options: Any) -> Path:
    """A picture without a place, as its ending says; pixels of shape (bands, height, width)."""
    size = {"count": pixels.shape[0], "height": pixels.shape[1], "width": pixels.shape[2]}
    driver = {".png": "PNG", ".jpg": "JPEG", ".tif": "GTiff"}[path.suffix]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(path, "w", driver=driver, dtype=pixels.dtype, **size, **options) as file:
            file.write(pixels)
    return path


def coordinates(path: Path, size: tuple[int, int] = (800, 600)) -> Path:
    """A picture whose two bands hold the pixel and the line of their own middles."""
    line, pixel = np.indices((size[1], size[0])) + 0.5
    return picture(path, np.stack([pixel, line]).astype("float32"))
