"""The territory of every day, swapped as a whole."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from gridmap.atlas import Atlas, Snapshot
from gridmap.errors import NotFoundError, RecordError
from gridmap.territory import today

SPLIT = date(2020, 1, 1)


def _areas(code):
    return gpd.GeoDataFrame({"code": [code], "geometry": [box(120, 32, 121, 33)]}, crs=4490)


class _Record:
    """A record with one area that changes its code on a day; ``version`` grows by hand."""

    def __init__(self):
        self.version, self.after, self.reads = 1, "new", 0

    def read(self, on):
        self.reads += 1
        code, first, until = ("old", None, SPLIT) if on < SPLIT else (self.after, SPLIT, None)
        return Snapshot(version=self.version, first=first, until=until, areas=_areas(code), addresses=None)


@pytest.fixture
def record():
    return _Record()


@pytest.fixture
def atlas(record):
    return Atlas(record.read, lambda: record.version)


def _code(territory):
    return territory.locate(120.5, 32.5)["area"]


def test_a_past_day_is_answered_by_the_areas_of_that_day(atlas):
    assert _code(atlas.territory(date(2019, 12, 31))) == "old"
    assert _code(atlas.territory(SPLIT)) == "new"


def test_the_answer_carries_the_day_that_was_asked(atlas):
    assert [atlas.territory(date(2021, 5, day)).on.day for day in (1, 2)] == [1, 2]


def test_days_of_one_span_are_read_once(atlas, record):
    for day in range(1, 29):
        atlas.territory(date(2021, 5, day))
    assert record.reads == 1


def test_without_a_day_today_is_meant(atlas):
    assert atlas.territory().on == today()


def test_a_refresh_without_a_change_does_nothing(atlas):
    atlas.refresh()
    held = atlas.territory()
    assert not atlas.refresh()
    assert atlas.territory() is held


def test_after_a_change_new_questions_get_the_new_version_and_old_holders_keep_theirs(atlas, record):
    atlas.refresh()
    held = atlas.territory()
    record.version, record.after = 2, "newer"
    assert atlas.refresh()
    assert (_code(held), held.version) == ("new", 1)
    assert (_code(atlas.territory()), atlas.territory().version) == ("newer", 2)


def test_a_change_also_renews_past_days(atlas, record):
    atlas.territory(date(2019, 1, 1))
    record.version = 2
    atlas.refresh()
    assert atlas.territory(date(2019, 1, 1)).version == 2


def test_a_record_that_goes_away_leaves_the_answers_as_they_were(atlas, record):
    atlas.refresh()

    def gone(_):
        raise RecordError("the record is away")

    record.version, atlas._read = 2, gone
    with pytest.raises(RecordError):
        atlas.refresh()
    assert _code(atlas.territory()) == "new"


def test_an_empty_record_says_that_nothing_is_in_force():
    nothing = _areas("x").iloc[:0]
    with pytest.raises(NotFoundError, match="no area is in force"):
        Atlas.of_tables(nothing).territory()


def test_an_empty_record_is_no_fault_until_it_is_asked():
    nothing = _areas("x").iloc[:0]
    atlas = Atlas(lambda _: Snapshot(version=1, first=None, until=None, areas=nothing, addresses=None), lambda: 1)
    assert [atlas.refresh(), atlas.refresh()] == [True, False]
    assert atlas.held() is None


def test_tables_without_dates_are_in_force_on_every_day():
    atlas = Atlas.of_tables(_areas("a"))
    assert _code(atlas.territory(date(1949, 10, 1))) == _code(atlas.territory()) == "a"


def test_tables_with_dates_are_in_force_on_theirs():
    both = pd.concat([_areas("old").assign(valid_to=SPLIT), _areas("new").assign(valid_from=SPLIT)], ignore_index=True)
    atlas = Atlas.of_tables(both.astype({"valid_from": object, "valid_to": object}))
    days = [date(2019, 12, 31), SPLIT, date(2024, 2, 29)]
    assert [_code(atlas.territory(day)) for day in days] == ["old", "new", "new"]


def test_the_day_of_a_change_begins_the_span_that_follows():
    both = pd.concat([_areas("old").assign(valid_to=SPLIT), _areas("new").assign(valid_from=SPLIT)], ignore_index=True)
    atlas = Atlas.of_tables(both.astype({"valid_from": object, "valid_to": object}))
    first, later = (atlas.territory(day).index for day in (SPLIT, date(2020, 1, 2)))
    assert first is later
