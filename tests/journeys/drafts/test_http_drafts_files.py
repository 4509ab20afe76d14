"""Drafts as files over HTTP: uploaded with every fault listed, downloaded again; and the buildings of a view."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridmap import formats
from gridmap.api import create_app
from gridmap.atlas import Atlas
from gridmap.service import plans, plans_buildings
from gridmap.service.plans_drafts import Drafts
from tests.journeys.drafting import MERGE, MOVE, ONE, TOMORROW, TWO, bearer, drafted, edited


def drawn(tmp_path, shapes, codes, ending=".gpkg"):
    """The bytes of a file as `gridmap grids draw` writes one: the grids, and which building is in which."""
    grids = gpd.GeoDataFrame({"code": codes, "level": "grid", "kind": "special"}, geometry=shapes, crs=4490)
    layers = {"grids": grids, "assignment": pd.DataFrame({"building": ["1"], "grid": codes[:1]})}
    path = tmp_path / f"drawn{ending}"
    formats.write(layers if ending == ".gpkg" else grids, path)
    return path.read_bytes()


HALVES = [shapely.box(120.0, 32.0, 120.01, 32.02), shapely.box(120.01, 32.0, 120.02, 32.02)]
GPKG = {"Content-Type": "application/geopackage+sqlite3"}


def uploaded(service, body, **more):
    return service.post("/api/plans", params={"name": "drawn"}, content=body, headers=GPKG | more)


def test_grids_that_were_drawn_are_uploaded_as_they_were_written(service, tmp_path):
    made = uploaded(service, drawn(tmp_path, HALVES, ["G1", "G2"]))
    assert made.status_code == 201, made.text
    areas = [one["properties"] for one in service.get(made.headers["location"]).json()["features"]]
    assert [(area["code"], area["parent"], area["kind"], area["households"]) for area in areas] == [
        ("G1", "320613001001", "special", 0),
        ("G2", "320613001001", "special", 120),
    ]


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh", "代码与另一个区域重复"), ("en", "code 'G1' is that of feature 1 already for days that both are in force")],
)
def test_every_fault_of_an_uploaded_file_is_listed_in_the_language_asked_for(service, tmp_path, language, said):
    crossed = shapely.Polygon([(120, 32), (120.01, 32.01), (120.01, 32), (120, 32.01)])
    refused = uploaded(
        service, drawn(tmp_path, [*HALVES, crossed], ["G1", "G1", "G3"]), **{"Accept-Language": language}
    )
    faults = {fault["feature"]: fault for fault in refused.json()["faults"]}
    assert (refused.status_code, sorted(faults), service.get("/api/plans").json()["plans"]) == (400, [2, 3], [])
    assert (faults[2]["message"], faults[3]["code"]) == (said, "invalid_ring")


def test_a_drawn_set_is_published_into_a_record_that_holds_no_areas_yet(record, serving, tmp_path):
    whole = shapely.box(120.0, 32.0, 120.02, 32.02)
    codes = {"code": ["320613001001", "G1", "G2"], "level": ["community", "grid", "grid"]}
    areas = gpd.GeoDataFrame(codes, geometry=[whole, *HALVES], crs=4490)
    formats.write({"areas": areas.assign(parent=[None, "320613001001", "320613001001"])}, tmp_path / "first.gpkg")
    with serving(create_app(Atlas.of_record(record), engine=record, open_read=True)) as client:
        client.headers.update(bearer(record, "grid-admin"))
        plan = uploaded(client, (tmp_path / "first.gpkg").read_bytes()).headers["location"]
        kinds = {row["kind"] for row in client.get(f"{plan}/changes").json()["sheets"]["areas"]}
        done = client.post(f"{plan}/publish", json={"version": 0, "effective": TOMORROW}).json()
    assert (kinds, done["codes"]) == ({"created"}, {"G1": "320613001001001", "G2": "320613001001002"})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_grids_that_no_community_holds_cannot_be_coded_and_that_is_said(record, serving, tmp_path, language):
    with serving(create_app(Atlas.of_record(record), engine=record, open_read=True)) as client:
        client.headers.update(bearer(record, "grid-admin") | {"Accept-Language": language})
        plan = uploaded(client, drawn(tmp_path, HALVES, ["G1", "G2"])).headers["location"]
        refused = client.post(f"{plan}/publish", json={"version": 0, "effective": TOMORROW})
    assert (refused.status_code, [fault["code"] for fault in refused.json()["faults"]]) == (400, ["missing_parent"] * 2)
    assert {"zh": "没有所属区域", "en": "no parent"}[language] in refused.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"SQLite format 3\0 and no more", b"{}"], ids=["empty", "cut off", "json"])
def test_a_file_that_is_none_is_refused_in_words(service, body):
    refused = uploaded(service, body, **{"Accept-Language": "zh"})
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("文件")
    assert "gridmap-" not in refused.json()["detail"]


@pytest.mark.parametrize("kind", ["gpkg", "geojson"])
def test_a_draft_is_downloaded_and_uploaded_again_as_the_same(service, tmp_path, kind):
    plan = drafted(service, MOVE, MERGE)
    got = service.get(plan, params={"format": kind})
    path = tmp_path / f"got.{kind}"
    path.write_bytes(got.content)
    assert sorted(formats.read(path, layer="areas")["level"].unique()) == ["community", "district", "grid", "street"]
    media = {"Content-Type": got.headers["content-type"]}
    again = service.post("/api/plans", params={"name": "again"}, content=got.content, headers=media)
    assert again.status_code == 201, again.text
    old, new = (service.get(address).json() for address in (plan, again.headers["location"]))
    assert [old[part] for part in ("upper", "features")] == [new[part] for part in ("upper", "features")]


def buildings_in(service, plan, *box):
    answer = service.get(f"{plan}/buildings", params={"bbox": ",".join(map(str, box))}).json()
    return answer["count"], [one["properties"] for one in answer["features"]]


def test_buildings_of_a_box_tell_who_lives_there_and_what_a_border_cuts(service):
    plan = drafted(service)
    house = {"id": "1", "households": 120, "residents": None, "area": TWO, "cut": False}
    assert buildings_in(service, plan, 120.0, 32.0, 120.01, 32.01) == (0, [])
    assert buildings_in(service, plan, 120.01, 32.0, 120.02, 32.01) == (1, [house])
    # at 32.005 the border then runs at 120.0105, seven tenths through the house from 120.0104 to 120.0106
    assert edited(service, plan, 0, {**MOVE, "to": [120.0111, 32.0101]}).status_code == 200
    assert buildings_in(service, plan, 120.0, 32.0, 120.02, 32.02) == (1, [{**house, "area": ONE, "cut": True}])


def test_of_too_many_buildings_only_the_number_is_told(filled):
    drafts = Drafts(filled)
    plan = plans.draft_from_record(drafts, plans.Wanted(name="a"), actor="test")
    _, found = plans_buildings.within(drafts, plan.id, (120.0, 32.0, 120.02, 32.02), shown=0)
    assert (found.count, len(found.table)) == (1, 0)


@pytest.mark.parametrize("box", ["", "1,2,3", "west,south,east,north", "121,32,120,33"])
def test_a_box_that_is_none_is_refused(service, box):
    assert service.get(f"{drafted(service)}/buildings", params={"bbox": box}).status_code == 400
