"""Epochs on the comparison page: dated parcels taken apart by their days, and what became of each between any two."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from gridmap import maps
from gridmap.disputes.dates import SourceDates, parse_edtf
from gridmap.errors import InputError
from gridmap.maps import dispute_epochs
from tests.dispute_scene import X, Y, compared, land, written

pytestmark = pytest.mark.usefixtures("built_page")


def fields(**ends):
    """Parcels 100 m high, each from one easting to another, by identifier."""
    shapes = [box(X + west, Y, X + east, Y + 100) for west, east in ends.values()]
    return gpd.GeoDataFrame({"id": list(ends)}, geometry=shapes, crs=4549)


def dated(*days, **columns):
    """One parcel for each two days on which it came into force and went out of it."""
    since, until = zip(*days, strict=True)
    parcels = gpd.GeoDataFrame(geometry=[box(X, Y, X + 50, Y + 50)] * len(days), crs=4549)
    return parcels.assign(id=[str(n) for n in range(len(days))], valid_from=since, valid_to=until, **columns)


FIRST, SECOND = date(2010, 1, 1), date(2021, 3, 1)
#: A field of 80 m is divided, and the one beside it gets 5 m of its neighbour.
OLD = fields(a=(-20, 60), b=(60, 80), c=(80, 120))
NEW = fields(d=(-20, 20), e=(20, 60), b=(60, 85), c=(85, 120))


def changes(*epochs):
    return written(maps.dispute_map(compared(), sources=[land(table, day) for table, day in epochs]))["changes"]


def told(change):
    return {(event["kind"], *event["old"], *event["new"]): event["m2"] for event in change["events"]}


def test_dated_parcels_are_an_epoch_for_each_span_without_a_change():
    found = maps.dated_epochs(dated((None, FIRST), (FIRST, SECOND), (FIRST, None)))
    # the day on which a parcel ends is the first of those that follow
    assert [(one.dates.capture.text, list(one.parcels["id"])) for one in found] == [
        ("../2009-12-31", ["0"]),
        ("2010-01-01/2021-02-28", ["1", "2"]),
        ("2021-03-01/..", ["2"]),
    ]
    assert found[1].dates.capture.at(date(2021, 2, 28)) == "certain"
    assert found[1].dates.capture.at(SECOND) == "no"


def test_days_may_come_as_text_or_moments():
    table = dated((None, "2010-01-01"), ("2010-01-01T00:00:00", None))
    assert [list(one.parcels["id"]) for one in maps.dated_epochs(table)] == [["0"], ["1"]]
    with pytest.raises(InputError, match="valid_from"):
        maps.dated_epochs(dated(("long ago", None)))


def test_a_time_without_any_parcel_is_no_epoch():
    found = maps.dated_epochs(dated((None, FIRST), (SECOND, None)), lang="en")
    assert [one.title for one in found] == ["Parcels until 2009-12-31", "Parcels from 2021-03-01"]


def test_parcels_without_days_are_one_epoch_without_a_date():
    [one] = maps.dated_epochs(fields(a=(0, 10)), title="1998")
    assert (one.title, one.dates) == ("1998", SourceDates())


def test_of_many_epochs_the_last_are_shown():
    days = [date(1990 + year, 1, 1) for year in range(12)]
    found = maps.dated_epochs(dated(*zip(days, [*days[1:], None], strict=True)))
    assert [list(one.parcels["id"]) for one in found] == [[str(n)] for n in range(12 - dispute_epochs.MOST_EPOCHS, 12)]


def test_parcels_that_were_split_or_adjusted_are_told_with_their_areas():
    [change] = changes((OLD, "1998"), (NEW, "2021"))
    assert (change["old"], change["new"]) == (0, 1)
    # 80 m x 100 m in two halves; 20 m became 25 m, 40 m became 35 m
    assert told(change) == {
        ("split", "a", "d", "e"): [8000, 8000],
        ("adjusted", "b", "b"): [2000, 2500],
        ("adjusted", "c", "c"): [4000, 3500],
    }


def test_parcels_that_appear_and_vanish_are_told():
    [change] = changes((fields(a=(0, 40)), "1998"), (fields(z=(60, 100)), "2021"))
    assert told(change) == {("abolished", "a"): [4000, 0], ("created", "z"): [0, 4000]}


def test_parcels_that_stay_are_no_change():
    [change] = changes((OLD, "1998"), (OLD, "2021"))
    assert change["events"] == []


def test_epochs_are_compared_in_the_order_of_their_days_each_with_all_later_ones():
    found = changes((fields(c=(0, 40), d=(40, 80)), "2021"), (fields(a=(0, 80)), "1953~"), (fields(b=(0, 80)), "1998"))
    assert [(one["old"], one["new"], *told(one)) for one in found] == [
        (1, 2, ("renamed", "a", "b")),
        (1, 0, ("split", "a", "c", "d")),
        (2, 0, ("split", "b", "c", "d")),
    ]


def test_what_always_was_is_before_what_has_a_beginning():
    [change] = changes((fields(b=(0, 80)), "2021/.."), (fields(a=(0, 80)), "../2021-06"))
    assert (change["old"], change["new"], *told(change)) == (1, 0, ("renamed", "a", "b"))


def test_epochs_of_which_one_has_no_date_are_compared_as_they_are_given():
    found = changes((fields(b=(0, 80)), "2021"), (fields(a=(0, 80)), None))
    assert [told(one) for one in found] == [{("renamed", "b", "a"): [8000, 8000]}]


def test_what_became_of_parcels_elsewhere_is_left_out():
    far = fields(far=(5000, 5100))
    [change] = changes((pd.concat([OLD, far]), "1998"), (OLD, "2021"))
    assert change["events"] == []


def test_epochs_that_cannot_be_compared_are_shown_and_the_reason_is_said():
    twice = OLD.assign(id="a")
    page = written(maps.dispute_map(compared(), sources=[land(twice, "1998"), land(NEW, "2021")], lang="en"))
    assert (len(page["sources"]), page["changes"]) == (2, [])
    assert any(note.startswith("Epochs of parcels could not be compared: ") for note in page["notes"])


def test_a_source_that_is_not_refused_stands_on_the_timeline_with_the_reason():
    far = land(fields(far=(9000, 9100)), "1998", title="far off")
    [said] = written(maps.dispute_map(compared(), sources=[far], refuse=False))["sources"]
    assert (said["title"].startswith("far off ("), "parcels" in said, said["capture"]["text"]) == (True, False, "1998")


def test_the_day_that_a_source_shows_is_told_beside_its_dates():
    only_released = land(OLD, dates=SourceDates(release=parse_edtf("2021")))
    doubtful = land(OLD, "1953?")
    one, other = written(maps.dispute_map(compared(), sources=[only_released, doubtful]))["sources"]
    assert (one["shown"]["years"][0], int(one["shown"]["years"][1]), one["shown"]["doubtful"]) == (None, 2021, False)
    assert other["shown"]["doubtful"]
