"""Tables in, self-contained web pages out: maps that load nothing, to be saved, mailed and opened anywhere.

from gridmap import maps
maps.write_page(maps.grids(areas, title="崇川区网格图"), "grids.html")
"""

from __future__ import annotations

from gridmap.maps.camera_contents import Seen
from gridmap.maps.camera_map import cameras
from gridmap.maps.dispute_epochs import dated_epochs
from gridmap.maps.dispute_page import dispute_map
from gridmap.maps.dispute_sources import Source
from gridmap.maps.grid_map import SHADES, grids
from gridmap.maps.page import page_html, write_page
from gridmap.maps.patrol_contents import Walked
from gridmap.maps.patrol_map import PATROL_SHADES, patrols

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
