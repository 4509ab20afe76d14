"""Ways along streets: who is first at an alert, what is reached in some minutes, rounds that visit given streets."""

from gridmap.network.modes import CAR, EBIKE, FOOT, MODES, Mode
from gridmap.network.nearest import Dispatch, nearest
from gridmap.network.posts import Posts, posts
from gridmap.network.rings import Rings, rings
from gridmap.network.rounds import Round, Shift, gpx, inspection_round, overdue_round
from gridmap.network.service_areas import Service, ServiceArea, service_area
from gridmap.network.straight import wrong_responders
from gridmap.network.ways import Ways, ways

__all__ = [
    "CAR",
    "EBIKE",
    "FOOT",
    "MODES",
    "Dispatch",
    "Mode",
    "Posts",
    "Rings",
    "Round",
    "Service",
    "ServiceArea",
    "Shift",
    "Ways",
    "gpx",
    "inspection_round",
    "nearest",
    "overdue_round",
    "posts",
    "rings",
    "service_area",
    "ways",
    "wrong_responders",
]
