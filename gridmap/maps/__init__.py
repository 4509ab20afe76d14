"""Tables in, self-contained web pages out: maps that load nothing, to be saved, mailed and opened anywhere.

from gridmap import maps
maps.write_page(maps.grids(areas, title="崇川区网格图"), "grids.html")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridmap.maps.camera_contents import Seen
    from gridmap.maps.camera_map import cameras
    from gridmap.maps.dispute_epochs import dated_epochs
    from gridmap.maps.dispute_page import dispute_map
    from gridmap.maps.dispute_sources import Source
    from gridmap.maps.grid_map import SHADES, grids
    from gridmap.maps.page import page_html, write_page
    from gridmap.maps.patrol_contents import Walked
    from gridmap.maps.patrol_map import PATROL_SHADES, patrols

#: Maps and where they are: each is loaded when it is asked for, so that none waits for what another draws with.
_PARTS = {
    "PATROL_SHADES": "gridmap.maps.patrol_map",
    "SHADES": "gridmap.maps.grid_map",
    "Seen": "gridmap.maps.camera_contents",
    "Source": "gridmap.maps.dispute_sources",
    "Walked": "gridmap.maps.patrol_contents",
    "cameras": "gridmap.maps.camera_map",
    "dated_epochs": "gridmap.maps.dispute_epochs",
    "dispute_map": "gridmap.maps.dispute_page",
    "grids": "gridmap.maps.grid_map",
    "page_html": "gridmap.maps.page",
    "patrols": "gridmap.maps.patrol_map",
    "write_page": "gridmap.maps.page",
}

__all__ = [
    "PATROL_SHADES",
    "SHADES",
    "Seen",
    "Source",
    "Walked",
    "cameras",
    "dated_epochs",
    "dispute_map",
    "grids",
    "page_html",
    "patrols",
    "write_page",
]


def __getattr__(name: str) -> Any:
    """Import a part when it is first asked for."""
    if name in _PARTS:
        return getattr(import_module(_PARTS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
