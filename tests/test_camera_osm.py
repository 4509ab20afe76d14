"""Cameras out of tags of OpenStreetMap: what is read, what is left out, and what is said."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from gridmap.visibility.cameras.views import CERTAINTIES, views
from gridmap.visibility.reading import osm_tags


def nodes(*tags):
    """Nodes of OpenStreetMap with these tags, every one a camera."""
    rows = [{"osm_id": str(row + 1), "man_made": "surveillance", **found} for row, found in enumerate(tags)]
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=[shapely.Point(24.94, 60.17)] * len(rows), crs=4326)


def tagged(**tags):
    """The one camera of a node with these tags (``:`` written as ``__``), as a dict of what is known of it."""
    found, _ = osm_tags.cameras(nodes({name.replace("__", ":"): value for name, value in tags.items()}))
    return found.iloc[0].dropna().to_dict()


def remarks(**tags):
    """Codes of what is said of a node."""
    _, notes = osm_tags.cameras(nodes({name.replace("__", ":"): value for name, value in tags.items()}))
    return notes["code"].tolist()


@pytest.mark.parametrize(
    ("text", "heading", "span", "accuracy"),
    [
        ("90", 90, None, 0),
        ("0", 0, None, 0),
        ("360", 0, None, 0),
        ("123.5°", 123.5, None, 0),
        ("E", 90, None, 22.5),
        ("nw", 315, None, 22.5),
        ("SSE", 157.5, None, 11.25),
        ("south-west", 225, None, 22.5),
        ("239-284", 261.5, 45, 0),
        ("350-10", 0, 20, 0),
        ("10-350", 180, 340, 0),
        ("N-E", 45, 90, 22.5),
        ("N-100", 50, 100, 22.5),
    ],
)
def test_a_direction_is_a_number_a_point_or_a_clockwise_range(text, heading, span, accuracy):
    (look,) = osm_tags.looks(text)
    assert (look.heading_deg, look.span_deg, look.accuracy_deg) == (heading, span, accuracy)


@pytest.mark.parametrize("text", ["-90", "400", "forward", "both", "90-90", "0-360", "10-20-30", "N;upwards", ""])
def test_a_direction_that_cannot_be_read_gives_no_heading_and_says_so(text):
    assert osm_tags.looks(text) == []
    assert "heading_deg" not in tagged(camera__type="fixed", camera__direction=text)
    assert remarks(camera__type="fixed", camera__direction=text) == (["unknown"] if text else [])


def test_a_list_of_directions_is_as_many_cameras_on_one_pole():
    found, notes = osm_tags.cameras(nodes({"camera:direction": "N;120;350-10", "camera:type": "fixed"}))
    assert found["id"].tolist() == ["1/1", "1/2", "1/3"]
    assert found["heading_deg"].tolist() == [0, 120, 0]
    assert notes["code"].tolist() == ["assumed", "assumed"]


def test_the_range_of_a_fixed_camera_is_its_angle_of_view_and_of_a_turning_one_where_it_turns():
    fixed = tagged(camera__type="fixed", camera__direction="239-284")
    turning = tagged(camera__type="panning", camera__direction="239-284")
    assert (fixed["kind"], fixed["heading_deg"], fixed["hfov_deg"]) == ("fixed", 261.5, 45)
    assert (turning["kind"], turning["turn_deg"], "hfov_deg" in turning) == ("ptz", 45, False)


def test_a_range_that_no_flat_picture_spans_is_one_that_the_camera_turns_through():
    found = tagged(camera__type="fixed", camera__direction="10-350")
    assert (found["kind"], found["turn_deg"]) == ("ptz", 340)


@pytest.mark.parametrize(
    ("tags", "tilt"),
    [
        ({"camera__angle": "15"}, 15),
        ({"camera__tilt": "-15"}, 15),
        ({"camera__tilt": "-90"}, 90),
        ({"camera__tilt": "10"}, -10),
        ({"camera__tilt": "0"}, 0),
    ],
)
def test_angle_counts_downwards_and_tilt_upwards(tags, tilt):
    assert tagged(camera__type="fixed", **tags)["tilt_deg"] == tilt


@pytest.mark.parametrize("tags", [{"camera__angle": "-15"}, {"camera__tilt": "-120"}, {"camera__tilt": "down"}])
def test_a_tilt_that_cannot_be_read_is_not_known_and_says_so(tags):
    assert "tilt_deg" not in tagged(camera__type="fixed", **tags)
    assert remarks(camera__type="fixed", **tags) == ["unknown"]


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("8", 8),
        ("10 FT", 3.048),
        ("8 m", 8),
        ("8,5", 8.5),
        ("350 cm", 3.5),
        ("10 ft", 3.048),
        ("10'", 3.048),
        ("10'6\"", 3.2004),
    ],
)
def test_heights_are_metres_unless_they_state_feet(text, metres):
    assert tagged(camera__type="fixed", height=text)["height_m"] == pytest.approx(metres)


def test_an_estimated_height_is_taken_and_said_to_be_one():
    assert tagged(camera__type="fixed", est_height="5")["height_m"] == 5
    assert remarks(camera__type="fixed", est_height="5") == ["assumed"]


def test_a_plain_direction_is_read_where_the_cameras_own_is_missing():
    assert tagged(camera__type="fixed", direction="90")["heading_deg"] == 90


@pytest.mark.parametrize("sort", ["camera", "Camera", "ALPR", "anpr"])
def test_cameras_that_read_plates_are_cameras_however_the_tag_is_written(sort):
    assert tagged(camera__type="fixed", surveillance__type=sort)["kind"] == "fixed"


@pytest.mark.parametrize("text", ["2nd floor", "-3", "high", "3-5"])
def test_a_height_that_cannot_be_read_is_not_known_and_says_so(text):
    assert "height_m" not in tagged(camera__type="fixed", height=text)
    assert remarks(camera__type="fixed", height=text) == ["unknown"]


@pytest.mark.parametrize(
    ("tags", "kind", "said"),
    [
        ({"camera__type": "fixed"}, "fixed", []),
        ({"camera__type": "panning"}, "ptz", []),
        ({"camera__type": "dome"}, "ptz", []),
        ({"camera__type": "bulb"}, "fixed", ["unknown"]),
        ({"revolving": "yes"}, "ptz", ["assumed"]),
        ({}, "fixed", ["assumed"]),
    ],
)
def test_types_of_cameras_are_kinds(tags, kind, said):
    assert tagged(**tags)["kind"] == kind
    assert remarks(**tags) == said


@pytest.mark.parametrize(
    "tags",
    [{"surveillance": "indoor"}, {"indoor": "yes"}, {"surveillance:type": "guard"}],
    ids=["indoor", "indoor=yes", "guard"],
)
def test_rooms_and_guards_are_left_out_with_a_reason(tags):
    found, notes = osm_tags.cameras(nodes(tags, {"surveillance": "public", "camera:type": "fixed"}))
    assert found["id"].tolist() == ["2"]
    assert notes[["camera", "code"]].to_numpy().tolist() == [["1", "left_out"]]


def test_tags_are_found_in_the_pairs_of_gdal_too():
    table = gpd.GeoDataFrame(
        {"osm_id": ["7"], "other_tags": ['"man_made"=>"surveillance","camera:direction"=>"90","note"=>"a \\"b\\", c"']},
        geometry=[shapely.Point(24.94, 60.17)],
        crs=4326,
    )
    assert osm_tags.is_surveillance(table)
    assert osm_tags.cameras(table)[0]["heading_deg"].tolist() == [90]


def test_what_is_no_camera_is_passed_over():
    table = nodes({}, {"man_made": "mast"})
    assert osm_tags.cameras(table)[0]["id"].tolist() == ["1"]
    assert not osm_tags.is_surveillance(table[table["man_made"] == "mast"])


def test_the_cameras_of_helsinki_are_all_read_and_none_gets_a_heading(shared_data):
    table = pyogrio.read_dataframe(shared_data("helsinki_osm/Helsinki.osm.pbf"), layer="points")
    found, notes = osm_tags.cameras(table)
    assert (len(found), int((found["kind"] == "ptz").sum()), int(found["height_m"].notna().sum())) == (221, 40, 7)
    seen = views(found)
    assert {CERTAINTIES[grade] for grade in seen.certainty} == {"possible"}
    assert (len(seen), len(seen.refused), set(notes["code"])) == (221, 0, {"assumed"})
