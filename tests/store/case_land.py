"""Two neighbours who disagree about ten metres, in round numbers."""

from __future__ import annotations

import shapely

from gridmap.store import cases
from gridmap.store.cases_evidence import add_evidence
from gridmap.store.cases_given import NewCandidate, NewCase, NewClaim, NewEvidence, NewSource

#: A corner on the central meridian of zone 40 (120 degrees east), where a metre on the map is one on the ground.
EAST, NORTH = 500_000, 3_545_000


def ground(west, south, east, north):
    return shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def line(*points):
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in points])


#: 甲方 claims 60 m, 乙方 50 m of the 100 m between them: 10 m x 50 m are contested.
CLAIMS = (
    NewClaim(party="甲方", shape=ground(0, 0, 60, 50), crs=4549, accuracy_m=0.05, date="1953~", source="1953年土地证"),
    NewClaim(party="乙方", shape=ground(50, 0, 100, 50), crs=4549, accuracy_m=0.05, evidence=1, reading={"x": 1e-7}),
)
#: At 53 m: 甲方 gets 3 m x 50 m of the contested ground, 乙方 7 m x 50 m.
CANDIDATE = NewCandidate(id="D1", shape=line((53, -10), (53, 60)), crs=4549, params={"share": 0.3, "big": 1e22})
MAP = NewSource(title="1953 map", kind="map", captured="1953", released="1955", evidence=1, points=[{"pixel": 1.5}])
FILE = NewEvidence(
    file="土地证 1953.txt", party="乙方", statement="东至大路", captured="1953~", media_type="text/plain"
)


def opened(connection, **options):
    return cases.add_case(connection, NewCase(**{"name": "南河边界", **options}), actor="desk").code


def filled(connection, **options):
    """A case with one row of each part but agreements."""
    code = opened(connection, **options)
    add_evidence(connection, code, FILE, "四至: 东至大路".encode(), actor="desk")
    cases.add_claims(connection, code, CLAIMS, actor="desk")
    cases.add_candidates(connection, code, [CANDIDATE], actor="desk")
    cases.add_sources(connection, code, [MAP], actor="desk")
    return code
