"""Coverage: the share of streets, ground and places that cameras see (never GEOS's "polygonal coverage")."""

from __future__ import annotations

from gridmap.coverage.areas import areas
from gridmap.coverage.blind import blind
from gridmap.coverage.counting import Counting, counted, counted_views
from gridmap.coverage.cuts import Cuts, cuts, street_shares
from gridmap.coverage.days import compare
from gridmap.coverage.depth import area_depth, depth
from gridmap.coverage.ground import Ground, ground
from gridmap.coverage.live import Change, Sees, Standing, replaced, stand, stands
from gridmap.coverage.losses import lost_without, street_of_cameras
from gridmap.coverage.places import places_seen
from gridmap.coverage.rates import Targets, rates
from gridmap.coverage.streets import streets

__all__ = [
    "Change",
    "Counting",
    "Cuts",
    "Ground",
    "Sees",
    "Standing",
    "Targets",
    "area_depth",
    "areas",
    "blind",
    "compare",
    "counted",
    "counted_views",
    "cuts",
    "depth",
    "ground",
    "lost_without",
    "places_seen",
    "rates",
    "replaced",
    "stand",
    "stands",
    "street_of_cameras",
    "street_shares",
    "streets",
]
