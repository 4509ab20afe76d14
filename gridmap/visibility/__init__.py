"""Ground that cameras see behind buildings, band by band, and where to put the next one."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridmap.visibility.cameras.bands import DORI_2014, OODPCVS_2025, Profile
    from gridmap.visibility.cameras.views import Views
    from gridmap.visibility.placement.placing import place
    from gridmap.visibility.seeing import Sight, seen, viewsheds, visible
    from gridmap.visibility.sweep.pieces import Pieces, areas, polygons
    from gridmap.visibility.sweep.scenes import Scene, scene

#: Names of the parts that only those pay for who use them, and where they stand.
_PARTS = {
    "DORI_2014": "gridmap.visibility.cameras.bands",
    "OODPCVS_2025": "gridmap.visibility.cameras.bands",
    "Pieces": "gridmap.visibility.sweep.pieces",
    "Profile": "gridmap.visibility.cameras.bands",
    "Scene": "gridmap.visibility.sweep.scenes",
    "Sight": "gridmap.visibility.seeing",
    "Views": "gridmap.visibility.cameras.views",
    "areas": "gridmap.visibility.sweep.pieces",
    "place": "gridmap.visibility.placement.placing",
    "polygons": "gridmap.visibility.sweep.pieces",
    "scene": "gridmap.visibility.sweep.scenes",
    "seen": "gridmap.visibility.seeing",
    "viewsheds": "gridmap.visibility.seeing",
    "visible": "gridmap.visibility.seeing",
}

__all__ = [
    "DORI_2014",
    "OODPCVS_2025",
    "Pieces",
    "Profile",
    "Scene",
    "Sight",
    "Views",
    "areas",
    "place",
    "polygons",
    "scene",
    "seen",
    "viewsheds",
    "visible",
]


def __getattr__(name: str) -> Any:
    """Import a part when it is first asked for."""
    if name in _PARTS:
        return getattr(import_module(_PARTS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
