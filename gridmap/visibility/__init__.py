"""Ground that cameras see behind buildings, band by band, and where to put the next one."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridmap.visibility.bands import DORI_2014, OODPCVS_2025, Profile
    from gridmap.visibility.pieces import Pieces, areas, polygons
    from gridmap.visibility.placing import place
    from gridmap.visibility.scenes import Scene, scene
    from gridmap.visibility.seeing import Sight, seen, viewsheds, visible
    from gridmap.visibility.views import Views

#: Names of the parts that only those pay for who use them, and where they stand.
_PARTS = {
    "DORI_2014": "gridmap.visibility.bands",
    "OODPCVS_2025": "gridmap.visibility.bands",
    "Pieces": "gridmap.visibility.pieces",
    "Profile": "gridmap.visibility.bands",
    "Scene": "gridmap.visibility.scenes",
    "Sight": "gridmap.visibility.seeing",
    "Views": "gridmap.visibility.views",
    "areas": "gridmap.visibility.pieces",
    "place": "gridmap.visibility.placing",
    "polygons": "gridmap.visibility.pieces",
    "scene": "gridmap.visibility.scenes",
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
