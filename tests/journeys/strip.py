"""Two villages of 100 m of common border that claim the same two metres of ground: 200 m2, 0.3 mu."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from sqlalchemy import text

from gridmap import store
from tests.parcel_files import HEAD

#: The south-western corner in zone 40, metres; it lies in the four grids of the conftest.
EAST, NORTH = 40_500_900.0, 3_543_000.0
SOUTH_VILLAGE, NORTH_VILLAGE = "南河村", "北河村"
#: What each claims, from how far north of the corner to how far.
CLAIMED = {SOUTH_VILLAGE: (0, 10), NORTH_VILLAGE: (8, 20)}


def ground(low, high):
    """A rectangle 100 m wide, metres."""
    return shapely.box(EAST, NORTH + low, EAST + 100, NORTH + high)


def line(at):
    """A line across, so far north of the corner."""
    return shapely.LineString([(EAST, NORTH + at), (EAST + 100, NORTH + at)])


def exchange(low, high):
    """A rectangle as surveyors hand it in: north before east, in GB 18030."""
    corners = [(low, 0), (low, 100), (high, 100), (high, 0), (low, 0)]
    points = [
        f"J{number},1,{NORTH + up:.3f},{EAST + right:.3f}"
        for number, (up, right) in zip((1, 2, 3, 4, 1), corners, strict=True)
    ]
    area = (high - low) / 100
    parcel = f"5,{area:.4f},DK001,地块,面,,,0702,@"
    head = [f"{key}={value}" for key, value in HEAD.items()]
    return "\r\n".join(["[属性描述]", *head, "[地块坐标]", parcel, *points, ""]).encode("gb18030")


def geojson(shape, **members):
    """A shape in degrees as a file."""
    degrees = gpd.GeoSeries([shape], crs=4528).to_crs(4490)[0]
    feature = {"type": "Feature", "properties": members, "geometry": shapely.geometry.mapping(degrees)}
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    return json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}).encode()


def picture(folder, away):
    """A grey GeoTIFF of the strip, or of ground so many metres farther east."""
    where = rasterio.Affine(1, 0, EAST + away - 20, 0, -1, NORTH + 40)
    path = folder / f"{away}.tif"
    shape = {"driver": "GTiff", "width": 140, "height": 60, "count": 1, "dtype": "uint8"}
    with rasterio.open(path, "w", crs="EPSG:4528", transform=where, **shape) as file:
        file.write(np.full((1, 60, 140), 128, dtype=np.uint8))
    return path.read_bytes()


def sent(client, path, content, **said):
    """The answer to a file that is sent."""
    query = urlencode({name: value for name, value in said.items() if value is not None})
    return client.post(f"{path}?{query}", content=content, headers={"Content-Type": "application/octet-stream"})


def opened_case(client, name="南北河村界线"):
    """The address of a new case."""
    made = client.post("/api/cases", json={"name": name})
    assert made.status_code == 201, made.text
    return made.headers["location"]


def filled(client):
    """A case with both claims, one from a TXT and one from GeoJSON, and the line half way."""
    case = opened_case(client)
    south = {"file": "南河村.txt", "party": SOUTH_VILLAGE, "accuracy_m": 0.05, "date": "1985~"}
    north = {"file": "claim.geojson", "accuracy_m": 0.05}
    answers = [
        sent(client, f"{case}/claims", exchange(*CLAIMED[SOUTH_VILLAGE]), version=0, **south),
        sent(
            client,
            f"{case}/claims",
            geojson(ground(*CLAIMED[NORTH_VILLAGE]), party=NORTH_VILLAGE),
            version=1,
            **north,
        ),
        sent(client, f"{case}/candidates", geojson(line(9), id="half way"), version=2, file="line.geojson"),
    ]
    assert [answer.status_code for answer in answers] == [201] * 3, [answer.text for answer in answers]
    return case


def looks(record, code):
    """Who looked at which evidence of a case, by the audit trail."""
    query = text("SELECT actor, role, detail FROM audit WHERE action = 'look at evidence' ORDER BY audit_id")
    with record.connect() as connection:
        assert store.verify_audit(connection).broken_at is None
        found = [tuple(row) for row in connection.execute(query)]
    return [(actor, role, detail["number"]) for actor, role, detail in found if detail["case"] == code]
