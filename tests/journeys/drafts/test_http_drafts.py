"""Drafts over HTTP: edited, compared, checked and published."""

from __future__ import annotations

import io
import itertools
import json
import threading
import time

import geopandas as gpd
import httpx
import numpy as np
import openpyxl
import pytest
import shapely

from gridmap import formats, samples, store
from gridmap.api import create_app
from gridmap.atlas import Atlas
from gridmap.territory import today
from tests.journeys.drafting import FOUR, MERGE, MOVE, ONE, THREE, TOMORROW, TWO, bearer, drafted, edited, load, told
from tests.pace import pace_s

#: Milliseconds within which 95 of 100 edits are answered, on a machine that does nothing else.
EDIT_MS = 50
#: The same in paces, where the machine is slow: the best of five rounds takes two and a half to three and a half.
EDIT_PACES = 4


def test_a_draft_holds_the_areas_in_force_with_their_figures(service):
    answer = service.get(drafted(service)).json()
    first = answer["features"][0]
    assert [feature["id"] for feature in answer["features"]] == [ONE, TWO, THREE, FOUR]
    assert (first["properties"]["name"], first["properties"]["parent"]) == ("一网格", "320613001001")
    assert first["geometry"]["coordinates"][0][0] in [[120.0, 32.0], [120.01, 32.0], [120.01, 32.01], [120.0, 32.01]]
    assert [area["code"] for area in answer["upper"]] == ["320613", "320613001", "320613001001"]
    assert answer["features"][1]["properties"]["households"] == 120


def test_an_edit_is_answered_with_what_changed(service):
    answer = edited(service, drafted(service), 0).json()
    assert (answer["version"], answer["removed"], answer["upper"]) == (1, [], None)
    assert [feature["id"] for feature in answer["changed"]["features"]] == [ONE, TWO, THREE, FOUR]
    assert [answer["figures"][ONE][when]["households"] for when in ("before", "after")] == [0, 120]
    assert (answer["can_undo"], answer["can_redo"]) == (True, False)
    assert {"households"} <= {finding["properties"]["rule"] for finding in answer["findings"]["features"]}


@pytest.mark.parametrize(
    ("language", "said"),
    {
        "zh-CN": "一网格、四网格没有共同的界线。请把它们之间的也选上。",
        "en": "一网格 and 四网格 have no border in common. Select those between them too.",
    }.items(),
)
def test_a_refusal_is_told_in_the_language_asked_for_with_the_names_of_areas(service, language, said):
    apart = {"op": "merge", "codes": [ONE, FOUR], "into": ONE}
    service.headers["Accept-Language"] = language
    refused = edited(service, drafted(service), 0, apart)
    assert (told(refused), refused.json()["detail"]) == ((409, "not_neighbours"), said)


@pytest.mark.parametrize(
    ("language", "said"),
    {
        "zh": ("四网格只有 0 户，低于标准下限 150 户", "与相邻网格合并，或从那里划入楼栋"),
        "en": (
            "四网格 has 0 households, the norm is at least 150 households",
            "merge it with a neighbour, or take buildings",
        ),
    }.items(),
)
def test_findings_are_told_in_the_language_asked_for_too(service, language, said):
    service.headers["Accept-Language"] = language
    found = service.get(f"{drafted(service)}/findings").json()["features"]
    (four,) = [one["properties"] for one in found if one["properties"]["codes"] == [FOUR]][:1]
    assert four["message"] == said[0]
    assert four["mend"].startswith(said[1])


def test_vertices_are_sent_with_all_their_digits(service):
    to = [120.0123456789012, 32.0098765432109]
    answer = edited(service, drafted(service), 0, {**MOVE, "to": to}).json()
    assert [to in of["geometry"]["coordinates"][0] for of in answer["changed"]["features"]] == [True] * 4


def test_undo_and_redo_answer_as_an_edit_does(service):
    plan = drafted(service, MOVE)
    undone = service.post(f"{plan}/undo", json={"version": 1}).json()
    assert (undone["version"], undone["figures"][ONE]["after"]["households"], undone["can_redo"]) == (2, 0, True)
    again = service.post(f"{plan}/redo", json={"version": 2}).json()
    assert (again["version"], again["figures"][ONE]["after"]["households"], again["can_redo"]) == (3, 120, False)
    assert told(service.post(f"{plan}/redo", json={"version": 3})) == (409, "nothing_to_redo")


def test_a_stale_edit_is_told_what_stands_and_what_changed(service):
    plan = drafted(service, {"op": "rename", "code": FOUR, "name": "新"})
    refused = edited(service, plan, 0)
    assert told(refused) == (409, "stale_version")
    assert (refused.json()["version"], refused.json()["changed"]) == (1, [FOUR])


def test_an_edit_elsewhere_is_taken_where_the_client_says_so(service):
    plan = drafted(service, {"op": "rename", "code": FOUR, "name": "新"})
    assert edited(service, plan, 0, MERGE, rebase=True).json()["version"] == 2
    assert told(edited(service, plan, 0, {"op": "rename", "code": FOUR, "name": "二"}, rebase=True))[0] == 409


def test_two_clients_who_race_are_each_told_the_truth(service):
    plan, taken = drafted(service), []

    def work(name):
        version = 0
        with httpx.Client(base_url=service.base_url, headers=service.headers, timeout=30) as client:
            for number in range(8):
                response = edited(client, plan, version, {"op": "rename", "code": ONE, "name": f"{name}{number}"})
                while response.status_code == 409:
                    operation = {"op": "rename", "code": ONE, "name": f"{name}{number}"}
                    response = edited(client, plan, response.json()["version"], operation)
                version = response.json()["version"]
                taken.append((version, f"{name}{number}"))

    clients = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for client in clients:
        client.start()
    for client in clients:
        client.join(60)
    edits = service.get(f"{plan}/edits").json()["edits"]
    assert [(edit["number"], edit["operation"]["name"]) for edit in edits] == sorted(taken)
    assert len(taken) == 16


def test_an_operation_that_would_tear_the_partition_is_refused_with_its_reason(service):
    plan = drafted(service)
    refused = edited(service, plan, 0, {**MOVE, "to": [120.03, 32.03]})
    assert refused.status_code in {400, 409}
    assert service.get(plan).json()["plan"]["version"] == 0


BORDER_MOVES = [
    {"op": "move_vertex", "at": [120.0, 32.0], "to": [119.999, 32.0]},
    {"op": "insert_vertex", "at": [120.005, 32.0], "to": [120.005, 31.999]},
    {"op": "delete_vertex", "at": [120.0, 32.0]},
]


@pytest.mark.parametrize("operation", BORDER_MOVES, ids=lambda operation: operation["op"])
def test_a_draft_does_not_move_the_border_of_the_territory(service, operation):
    plan = drafted(service)
    assert edited(service, plan, 0, {**operation, "outer": False}).status_code in {400, 409}
    refused = edited(service, plan, 0, {**operation, "outer": True})
    assert (refused.status_code, "outer border" in refused.text) == (400, True)
    assert service.get(plan).json()["plan"]["version"] == 0


def test_two_drafts_stand_side_by_side_and_compare(service):
    one, other = drafted(service, MERGE, name="merged"), drafted(service, MOVE, name="moved")
    changes = service.get(f"{one}/compare", params={"with": other.rsplit("/", 1)[-1]}).json()["changes"]
    assert {(change["old"], change["new"]) for change in changes} >= {(ONE, ONE), (TWO, ONE)}
    assert {plan["name"] for plan in service.get("/api/plans").json()["plans"]} == {"merged", "moved"}


def test_without_another_draft_the_areas_it_was_made_from_are_compared(service):
    changes = service.get(f"{drafted(service, MERGE)}/compare").json()["changes"]
    pairs = {(change["old"], change["new"], change["kind"]) for change in changes if change["level"] == "grid"}
    assert {(ONE, ONE, "merge"), (TWO, ONE, "merge"), (THREE, THREE, "unchanged")} <= pairs


def test_plans_are_listed_by_status(service):
    first = drafted(service, name="kept")
    service.post(f"{drafted(service, name='put away')}/withdraw", json={"version": 0})
    named = {
        status: [plan["name"] for plan in service.get("/api/plans", params={"status": status}).json()["plans"]]
        for status in ("draft", "published", "withdrawn")
    }
    assert (named, first) == ({"draft": ["kept"], "published": [], "withdrawn": ["put away"]}, "/api/plans/1")


def test_a_drawn_set_in_the_body_becomes_a_draft(service, four_grids):
    drawn = json.loads(four_grids[four_grids["level"] == "grid"].drop(columns="parent").to_json())
    plan = drafted(service, areas=drawn)
    assert {feature["properties"]["parent"] for feature in service.get(plan).json()["features"]} == {"320613001001"}


@pytest.mark.parametrize(
    ("ending", "kind"),
    [(".geojson", "application/geo+json"), (".gpkg", "application/geopackage+sqlite3")],
    ids=["GeoJSON", "GeoPackage"],
)
def test_a_drawn_set_in_a_file_becomes_a_draft(service, four_grids, tmp_path, ending, kind):
    drawn = four_grids[four_grids["level"] == "grid"].assign(parent="320613001001", kind="special")
    formats.write({"areas": drawn}, tmp_path / f"drawn{ending}")
    body = (tmp_path / f"drawn{ending}").read_bytes()
    made = service.post("/api/plans", params={"name": "drawn"}, content=body, headers={"Content-Type": kind})
    assert (made.status_code, made.json()["areas"]) == (201, 4)
    assert service.get(made.headers["location"]).json()["features"][0]["properties"]["kind"] == "special"


def test_a_copy_of_a_draft_is_a_draft(service):
    plan = drafted(service, MERGE)
    copied = drafted(service, name="b", copy_of=1)
    assert len(service.get(copied).json()["features"]) == len(service.get(plan).json()["features"]) == 3


def test_a_plan_is_published_read_and_withdrawn(service):
    plan = drafted(service, MERGE)
    done = service.post(f"{plan}/publish", json={"version": 1, "effective": TOMORROW}).json()
    assert (done["plan"]["status"], done["plan"]["effective"], done["lineage"]["merge"]) == ("published", TOMORROW, 2)
    assert len(service.get("/api/areas", params={"level": "grid", "on": TOMORROW}).json()["features"]) == 3
    withdrawn = service.post(f"{plan}/withdraw", json={"version": 1})
    assert (withdrawn.status_code, withdrawn.json()["status"]) == (200, "withdrawn")
    assert told(edited(service, plan, 1)) == (409, "not_a_draft")


def counted_again(record, households):
    """Load the one house anew, with other households."""
    house = gpd.GeoDataFrame(
        {"id": ["1"], "households": [households]},
        geometry=[shapely.box(120.0104, 32.0049, 120.0106, 32.0051)],
        crs=4490,
    )
    with record.begin() as connection:
        store.load(connection, "buildings", house, source=store.Source(file="x"), actor="test", effective=today())


def households_of(service, plan, code):
    """Households of an area as they are now, and the tag of the answer."""
    answer = service.get(plan)
    (found,) = [one["properties"]["households"] for one in answer.json()["features"] if one["id"] == code]
    return found, answer.headers["etag"]


def test_buildings_that_are_loaded_again_count_in_every_draft_at_once(service, filled):
    plan = drafted(service, {"op": "rename", "code": FOUR, "name": "新"})
    before, tag = households_of(service, plan, TWO)
    counted_again(filled, 240)
    assert service.get(plan, headers={"If-None-Match": tag}).status_code == 200
    after, other = households_of(service, plan, TWO)
    assert (before, after, tag == other) == (120, 240, False)
    assert service.get(plan, headers={"If-None-Match": other}).status_code == 304


def test_what_is_undone_comes_back_with_the_buildings_of_now(service, filled):
    plan = drafted(service, MERGE)
    counted_again(filled, 240)
    undone = service.post(f"{plan}/undo", json={"version": 1}).json()
    assert undone["figures"][TWO]["after"]["households"] == 240
    assert households_of(service, plan, TWO)[0] == 240


def test_a_publish_of_a_drifted_base_names_what_changed(service, filled):
    plan = drafted(service, MERGE)
    load_again = {"code": [FOUR], "name": ["新四"], "level": ["grid"], "parent": ["320613001001"]}
    table = gpd.GeoDataFrame(load_again, geometry=[shapely.box(120.01, 32.01, 120.02, 32.02)], crs=4490)
    with filled.begin() as connection:
        store.load(connection, "areas", table, source=store.Source(file="x"), actor="test", effective=today())
    refused = service.post(f"{plan}/publish", json={"version": 1, "effective": TOMORROW})
    assert told(refused) == (409, "base_changed")
    assert refused.json()["changed"] == [FOUR]
    assert service.post(f"{plan}/rebase", json={"version": 1, "on": TOMORROW}).json()["version"] == 2
    assert service.post(f"{plan}/publish", json={"version": 2, "effective": TOMORROW}).status_code == 200


def test_the_change_sheet_is_json_or_a_workbook(service):
    plan = drafted(service, MERGE)
    service.post(f"{plan}/publish", json={"version": 1, "effective": TOMORROW})
    sheets = service.get(f"{plan}/changes").json()["sheets"]
    book = service.get(f"{plan}/changes", params={"format": "xlsx"})
    assert "attachment" in book.headers["content-disposition"]
    names = openpyxl.load_workbook(io.BytesIO(book.content)).sheetnames
    assert set(names) == set(sheets)
    assert {"areas", "buildings", "inform", "codes"} <= set(sheets)
    assert [row["id"] for row in sheets["buildings"]] == ["1"]


def test_findings_say_where_and_whether_they_block(service, four_grids):
    grids = four_grids[four_grids["level"] == "grid"].assign(parent="320613001001")
    shapes = grids.geometry.to_numpy().copy()
    shapes[0] = shapely.box(120.0, 32.0, 120.0095, 32.01)
    plan = drafted(service, areas=json.loads(grids.set_geometry(shapes).set_crs(4490).to_json()))
    found = service.get(f"{plan}/findings").json()["features"]
    gaps = [finding for finding in found if finding["properties"]["rule"] in {"gap", "outside"}]
    assert gaps[0]["properties"]["blocks"] is True
    assert shapely.geometry.shape(gaps[0]["geometry"]).intersects(shapely.Point(120.0097, 32.005))
    refused = service.post(f"{plan}/publish", json={"version": 0, "effective": TOMORROW})
    assert told(refused) == (409, "blocked")


def test_a_client_that_holds_a_version_is_not_sent_it_again(service):
    plan = drafted(service)
    tag = service.get(plan).headers["etag"]
    assert service.get(plan, headers={"If-None-Match": tag}).status_code == 304
    edited(service, plan, 0)
    assert service.get(plan, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.alone
@pytest.mark.slow
def test_an_edit_of_a_territory_of_10_000_buildings_is_answered_while_the_hand_moves(record, serving):
    town = samples.town(seed=0, buildings=10_000)
    for layer in ("areas", "buildings"):
        load(record, layer, town[layer])
    with serving(create_app(Atlas.of_record(record), engine=record)) as service:
        service.headers.update(bearer(record, "grid-admin"))
        plan = drafted(service)
        places = corners(service.get(plan).json()["features"])
        # other work on the machine takes from this one's caches: the best of five rounds is judged
        rounds = [
            (1000 * pace_s(), [spent_on(service, plan, corner) for corner in places[start::5]]) for start in range(5)
        ]
    assert min(len(spent) for _, spent in rounds) >= 20
    assert min(np.percentile(spent, 95) / max(EDIT_MS, EDIT_PACES * slow) for slow, spent in rounds) < 1


def corners(features):
    """A corner of every third grid that lies inside the territory, and its neighbour on the ring; each corner once."""
    rings = [feature["geometry"]["coordinates"][0] for feature in features]
    border = shapely.boundary(shapely.coverage_union_all([shapely.Polygon(ring) for ring in rings]))
    inside = [
        [pair for pair in itertools.pairwise(ring) if shapely.distance(border, shapely.Point(pair[0])) > 0]
        for ring in rings[::3]
    ]
    return list({tuple(some[0][0]): some[0] for some in inside if some}.values())


def spent_on(service, plan, corner):
    """Milliseconds of the processor that moving a corner by a tenth of an edge takes, client and service together."""
    (x, y), (x1, y1) = corner
    to = [x + (x1 - x) / 10, y + (y1 - y) / 10]
    version = int(service.get(f"{plan}/edits", params={"since": 10**6}).json()["version"])
    began = time.process_time()
    operation = {"op": "move_vertex", "at": [x, y], "to": to, "across": True}
    assert edited(service, plan, version, operation).status_code == 200
    return (time.process_time() - began) * 1000
