"""The pictures of the README: the maps that the notebooks end with, as a browser shows them.

    python tools/picture.py [redraw_grids] [camera_coverage] [patrol_coverage] [settle_a_boundary]

Writes ``docs/NAME.png`` with a palette of at most 255 colours: a third of the bytes, and no reader sees the difference.
"""

from __future__ import annotations

import base64
import json
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import folium
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import sync_playwright

from gridmap import maps

ROOT = Path(__file__).parents[1]
WIDTH, HEIGHT = 1000, 460
#: A page shows a picture no larger than this.
MOST_BYTES = 50_000
#: Numbers of colours that are tried.
COLOURS = (255, 96, 48)
_CHROMIUM = "/usr/bin/chromium"
_PIXELS = """async (png) => {
  const picture = new Image();
  picture.src = "data:image/png;base64," + png;
  await picture.decode();
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  const bytes = canvas.getImageData(0, 0, picture.width, picture.height).data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}"""


def main() -> None:
    """Run each notebook, look at its map, and write what is seen."""
    for name in sys.argv[1:] or _MAPS:
        names = _notebook(ROOT / "notebooks" / f"{name}.ipynb")
        seen = _seen(_MAPS[name](names))
        # a map of many shades takes fewer colours before it takes fewer pixels
        png = next(filter(_small, (_encoded(*_palette(seen, colours)) for colours in COLOURS)), b"")
        if not png:
            raise SystemExit(f"{name}: more than {MOST_BYTES} bytes: make the picture smaller")
        (ROOT / "docs" / f"{name}.png").write_bytes(png)


def _small(png: bytes) -> bool:
    """Whether a picture is small enough."""
    return len(png) <= MOST_BYTES


def _notebook(path: Path) -> dict[str, Any]:
    """Return the names that a notebook leaves behind."""
    names: dict[str, Any] = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)  # noqa: S102 - our own
    return names


def _plans(names: dict[str, Any]) -> folium.Map:
    """Return the old and the new plan side by side."""
    layers = {"streets": names["streets"], "buildings": names["houses"], "places": names["places"]}
    days = {"on": names["day"], "old_on": names["before"].on}
    return maps.grids(names["final"], old=names["areas"], title="Sample district", lang="en", **layers, **days)


def _cameras(names: dict[str, Any]) -> folium.Map:
    """Return what cameras see in one community on the later day."""
    areas = names["areas"]
    one = areas[areas["code"].str.startswith("320613005002")]
    layers = {"areas": one, "streets": names["streets"], "buildings": names["buildings"]}
    return maps.cameras(names["days"]["seen"], **layers, title="Sample district", lang="en")


def _patrols(names: dict[str, Any]) -> folium.Map:
    """Return how long ago the streets were walked at the end of the month, and the round that is owed."""
    return maps.patrols(names["new"], **names["layers"], by="age", title="Sample district", lang="en")


def _disputes(names: dict[str, Any]) -> folium.Map:
    """Return both claims over the old map and the parcels of today, with what each proposed line gives."""
    page: folium.Map = names["page"]
    return page


#: Who draws what a notebook leaves behind.
_MAPS: dict[str, Callable[[dict[str, Any]], folium.Map]] = {
    "redraw_grids": _plans,
    "camera_coverage": _cameras,
    "patrol_coverage": _patrols,
    "settle_a_boundary": _disputes,
}


def _seen(page: folium.Map) -> NDArray[np.uint8]:
    """Return the pixels of a map in a browser: rows, columns, red green blue."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        maps.write_page(page, Path(folder, "map.html"))
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        tab.goto(Path(folder, "map.html").as_uri())
        tab.wait_for_selector("body[data-ready]")
        png = base64.b64encode(tab.screenshot()).decode()
        # the map's own page may not decode pictures: its policy forbids it
        blank = browser.new_page()
        pixels = np.frombuffer(base64.b64decode(blank.evaluate(_PIXELS, png)), dtype=np.uint8)
        browser.close()
    return pixels.reshape(HEIGHT, WIDTH, 4)[:, :, :3]


def _palette(pixels: NDArray[np.uint8], most: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the most frequent colours, in steps of 8, and for each pixel the nearest of them.

    Vivid ones count more: they are the thin lines that a map is about, greys the shades beside its letters.
    """
    coarse = (pixels & 0xF8) | (pixels >> 5)
    colours, which, times = np.unique(coarse.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    vivid = np.ptp(colours, axis=1).astype(int)
    chosen = colours[np.argsort(-times * (16 + vivid) ** 2)[:most]]
    away = ((colours[:, None].astype(int) - chosen[None].astype(int)) ** 2).sum(axis=2)
    return chosen, away.argmin(axis=1).astype(np.uint8)[which.ravel()].reshape(pixels.shape[:2])


def _encoded(palette: NDArray[np.uint8], rows: NDArray[np.uint8]) -> bytes:
    """Return a PNG of indexed colours (ISO/IEC 15948)."""
    height, width = rows.shape
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


if __name__ == "__main__":
    main()
