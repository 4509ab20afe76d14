"""Pictures of a page as WebP, within the bytes that there are for them."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gridmap.errors import InputError

#: What is tried to keep within the bytes, before a picture is made smaller; 100 loses nothing.
_QUALITIES = (100, 85, 70, 55)
#: Pictures of fewer pixels are tried without loss: it costs little, and lines of old maps stay sharp.
_LOSSLESS_PIXELS = 400_000
#: How much smaller a picture is tried next.
_SHRINK = 0.75


def encoded(pixels: NDArray[np.uint8], most_bytes: int) -> tuple[bytes, float]:
    """Return a picture as WebP within so many bytes, and how many times its pixels are larger than those given.

    Parameters
    ----------
    pixels
        Red, green, blue and mask; shape (height, width, 4).
    most_bytes
        What it may take.

    Raises
    ------
    InputError
        If not even a pixel fits.

    Examples
    --------
    >>> encoded(np.zeros((4, 8, 4), dtype=np.uint8), 1_000)[1]
    1.0
    """
    whole = picture = Image.fromarray(pixels)
    while True:
        for quality in _QUALITIES:
            if quality == 100 and picture.width * picture.height > _LOSSLESS_PIXELS:  # noqa: PLR2004 - without loss
                continue
            written = _webp(picture, quality)
            if len(written) <= most_bytes:
                return written, whole.width / picture.width
        size = [int(side * _SHRINK) for side in picture.size]
        if not all(size):
            raise InputError(f"a picture within {most_bytes} bytes", expected="room for a picture")
        picture = whole.resize((size[0], size[1]), Image.Resampling.BOX)


def _webp(picture: Image.Image, quality: int) -> bytes:
    """A picture as WebP, 100 without loss."""
    file = io.BytesIO()
    picture.save(file, "WEBP", lossless=quality == 100, quality=min(quality, 90), method=4)  # noqa: PLR2004 - as above
    return file.getvalue()
