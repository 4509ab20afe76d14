"""The notebooks run from the first cell to the last, and show what they say."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pypdfium2
import pytest
import shapely

from gridmap import coverage, maps

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def _run(path):
    """Run the code cells one after the other, as Jupyter does, and return the names they leave behind."""
    names = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{path.name}, {cell['id']}", "exec"), names)  # noqa: S102 - our own
    return names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_its_outputs(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


@pytest.mark.usefixtures("built_page")
def test_the_notebook_on_which_grid_shows_what_it_says():
    names = _run(Path(__file__).parents[1] / "notebooks" / "which_grid.ipynb")
    assert names["answer"]["status"] == "found"
    assert names["found"]["status"].eq("found").all()
    truth = names["tables"]["truth_addresses"]
    assert names["moved"]["now"].tolist() == truth["community"].tolist()
    assert names["moved"]["before"].tolist() == truth["grid_before"].str[:12].tolist()
    assert (truth["community"] != truth["grid_before"].str[:12]).any()


@pytest.fixture(scope="module")
def redrawn(built_page):  # noqa: ARG001 - maps carry a part of it
    """What the notebook on redrawing grids leaves behind."""
    return _run(Path(__file__).parents[1] / "notebooks" / "redraw_grids.ipynb")


def test_the_notebook_on_redrawing_grids_shows_what_it_says(redrawn):
    names = redrawn
    least, greatest = names["norm"]
    assert names["standing"]["households"].between(least, greatest).sum() < len(names["standing"])
    assert names["mended"].grids["households"].between(least, greatest).all()
    assert names["warm_share"] < 0.05 < names["scratch_share"]
    assert not set(names["after"]["rule"]) & {"gap", "overlap", "outside", "nesting", "cut_building", "multi_part"}
    assert names["norms"]["after"]["grid", "households"] == 0


def test_the_notebook_on_redrawing_grids_tells_right_who_changes_grid(redrawn):
    names = redrawn
    houses, final = names["houses"], names["final"]
    assert final.loc[final["level"] == "grid", "households"].sum() == houses["households"].sum()
    # by hand: which grid holds a point inside the house, before and after
    points = houses.set_index("id").representative_point()
    held = {when: _holders(points, table) for when, table in {"old": names["areas"], "new": final}.items()}
    moved = names["sheet"]["buildings"].set_index("id")
    assert (held["new"][moved.index] == moved["new"]).mean() > 0.95
    assert (names["answers"]["day before"] != names["answers"]["on the day"]).all()


def _holders(points, areas):
    """The grid that holds each point, by a spatial join."""
    grids = areas.loc[areas["level"] == "grid", ["code", "geometry"]]
    return gpd.GeoDataFrame(geometry=points).sjoin(grids, predicate="within")["code"]


@pytest.fixture(scope="module")
def seen(built_page):  # noqa: ARG001 - maps carry a part of it
    """What the notebook on what cameras see leaves behind."""
    return _run(Path(__file__).parents[1] / "notebooks" / "camera_coverage.ipynb")


def test_the_notebook_on_cameras_tells_shares_that_the_drawn_ground_bears_out(seen):
    ground, district = seen["ground"].to_crs(4549), seen["areas"].query("level == 'district'").to_crs(4549)
    whole = district.geometry.union_all()
    union = ground[ground["certainty"] == "nominal"].geometry.union_all().intersection(whole)
    told = seen["by_level"].query("level == 'district'")["share"].sum()
    assert told == pytest.approx(union.area / whole.area, rel=1e-3)
    assert seen["seen_m2"] < seen["seeming_m2"]


def test_the_notebook_on_cameras_counts_nobodys_guess(seen):
    unknown = seen["cameras"].query("kind == 'fixed' and heading_deg.isna()")["id"]
    possible = seen["ground"].query("certainty == 'possible'")["camera"]
    assert set(unknown) == set(possible)
    assert not set(unknown) & set(seen["ground"].query("certainty == 'nominal'")["camera"])


def test_the_notebook_on_cameras_loses_without_a_camera_what_it_said(seen):
    assert seen["lost_m"] == pytest.approx(seen["losses"]["lost_m"].iloc[0], abs=1e-6)
    assert seen["lost_m"] > 0


def test_the_notebook_on_cameras_gains_with_five_more_what_was_proposed(seen):
    everyone = coverage.Counting(offline=True)
    along = coverage.streets(seen["stretches"], seen["looked"].views, seen["ways"], seen["both"], counting=everyone)
    found = along.loc[along["band"].isin(["recognise", "find"]), "seen_m"].sum()
    assert len(seen["proposed"].poles) == 5
    assert found == pytest.approx(seen["proposed"].seen_m, rel=1e-6)


def test_the_notebook_on_cameras_compares_two_days_with_what_came_and_what_went(seen):
    changed, data = seen["changed"].set_index("code"), seen["days"]
    finest = changed.loc[seen["areas"].query("level == 'grid'")["code"]]
    assert finest["lost_m"].sum() == pytest.approx(seen["lost_m"], rel=1e-3)
    assert {*data["old"].cameras["id"]} - {*data["seen"].cameras["id"]} == {seen["first"]}
    assert len(data["seen"].cameras) == len(data["old"].cameras) + 4


@pytest.fixture(scope="module")
def patrolled(built_page):  # noqa: ARG001 - maps carry a part of it
    """What the notebook on what patrols walked leaves behind."""
    return _run(Path(__file__).parents[1] / "notebooks" / "patrol_coverage.ipynb")


def test_the_notebook_on_patrols_holds_one_post_for_its_datum_and_copies_for_nothing(patrolled):
    assert patrolled["first"].held["post"].tolist() == [patrolled["strange"]]
    assert patrolled["judged"].held.empty
    # one of four posts carries two devices: all of the second is taken away, and nothing else for that
    steps = patrolled["judged"].waterfall.set_index("step")["fixes"]
    assert steps["duplicates"] == len(patrolled["copies"])


def test_the_notebook_on_patrols_credits_what_was_walked_and_hardly_anything_else(patrolled):
    assert patrolled["recall"] > 0.9
    assert patrolled["false"] < 0.005


def test_the_notebook_on_patrols_knows_nothing_of_a_post_without_a_record(patrolled):
    book, silent = patrolled["book"], patrolled["silent"]
    last = book.visits.start[book.posts[book.visits.post] == silent].max()
    assert last < patrolled["broken"].timestamp()
    assert patrolled["owed"]["overdue"].fillna(False).sum() > 0
    assert patrolled["made"].collected <= patrolled["made"].collected_bound * (1 + 1e-9)


def test_the_notebook_on_patrols_shows_metres_that_a_count_of_metres_bears_out(patrolled):
    credited = patrolled["claimed"]
    streets = {(street, metre) for _, _, street, metre in credited}
    whole = patrolled["whole"].set_index("shift")
    assert len(streets) == pytest.approx(whole.loc["all", "walked_m"], rel=0.01)
    assert "gm-shift" in maps.page_html(patrolled["page"])


@pytest.fixture(scope="module")
def settled(built_page):  # noqa: ARG001 - maps carry a part of it
    """What the notebook on settling a boundary leaves behind."""
    return _run(Path(__file__).parents[1] / "notebooks" / "settle_a_boundary.ipynb")


def test_the_notebook_on_a_boundary_reads_both_files_as_they_were_drawn(settled):
    drawn = settled["given"].to_crs(4549).geometry.normalize()
    read = settled["claims"].geometry.normalize()
    # a millimetre of rounding in the files
    assert drawn.geom_equals_exact(read, tolerance=0.0011, align=False).all()
    assert (settled["one"].axis_order, settled["other"].axis_order) == ("north_east", "east_north")


def test_the_notebook_on_a_boundary_refuses_a_faulty_file_with_every_code_and_line(settled):
    faults = settled["faults"][["code", "line"]].to_numpy().tolist()
    assert faults == [["E_NUMBER", 16], ["E_POINT_COLUMNS", 18], ["E_MIXED_ZONE", 20]]


def test_the_notebook_on_a_boundary_books_what_an_overlay_of_the_drawn_ground_gives(settled):
    one, other = settled["given"].to_crs(4549).geometry
    contested, line = one.intersection(other), settled["truth"].to_crs(4549).geometry.iloc[0]
    halves = shapely.ops.split(contested, line).geoms
    gains = settled["found"].ledger.query("candidate == 'D1'")["gain_m2"]
    assert sorted(gains) == pytest.approx(sorted(half.area for half in halves), abs=0.1)


def test_the_notebook_on_a_boundary_leaves_out_the_corner_that_was_looked_up_wrongly(settled):
    assert settled["points"]["name"][settled["wrong"]].tolist() == ["P7"]
    assert settled["spoilt"].leave_one_out_m > 5 * settled["old_map"].leave_one_out_m
    assert settled["former"].hausdorff_distance(settled["truth_line"]) < 10


def test_the_notebook_on_a_boundary_says_what_an_old_map_cannot_decide(settled):
    assert settled["verdicts"]["verdict"].tolist() == ["beyond", "beyond"]
    assert settled["undecided"]["verdict"].tolist() == ["cannot_decide", "cannot_decide"]


def test_the_notebook_on_a_boundary_ends_with_a_sheet_and_a_page_that_name_the_evidence(settled):
    with pypdfium2.PdfDocument(settled["pdf"]) as pdf:
        text = "".join(pdf[page].get_textpage().get_text_range() for page in range(len(pdf)))
    assert all(told[:12] in text for told in settled["evidence"]["sha256"])
    assert all(f"{north:.3f}" in text for north in settled["table"]["x_north"])
    page = maps.page_html(settled["page"])
    assert all(source.title in page for source in settled["sources"])
