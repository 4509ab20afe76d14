"""Aliases in the record: dated, never overwritten, audited, followed by whoever keeps a copy."""

from __future__ import annotations

import threading
from datetime import date

import geopandas as gpd
import psycopg
import pytest
import shapely
from sqlalchemy import text

from gridmap import store
from gridmap.errors import ConflictError, InputError, NotFoundError, TableError
from gridmap.store import Actor, aliases, backup

SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)
SOURCE = store.Source(file="layer.geojson")


def add(connection, alias="老纺织厂", means="工农路10号", effective=SPRING, actor="desk"):
    return aliases.add(connection, alias, means, actor=actor, effective=effective)


def held(connection, on):
    table = aliases.read(connection, on=on)
    return dict(zip(table["alias"], table["means"], strict=True))


def told(record):
    with record.connect() as connection:
        rows = connection.execute(text("SELECT actor, role, action, detail->>'alias' FROM audit ORDER BY audit_id"))
        return [tuple(row) for row in rows]


def test_an_alias_holds_from_its_day_on(record):
    with record.begin() as connection:
        add(connection)
        assert [held(connection, day) for day in (date(2026, 2, 28), SPRING)] == [{}, {"老纺织厂": "工农路10号"}]


def test_what_is_read_tells_meaning_days_and_who_added_it(record):
    with record.begin() as connection:
        add(connection)
        table = aliases.read(connection, on=SUMMER)
    assert list(table) == ["alias", "means", "valid_from", "valid_to", "added_by"]
    assert table.to_numpy().tolist() == [["老纺织厂", "工农路10号", SPRING, None, "desk"]]


def test_no_aliases_are_a_table_of_the_same_columns(record):
    with record.connect() as connection:
        table = aliases.read(connection)
    assert (len(table), list(table)) == (0, ["alias", "means", "valid_from", "valid_to", "added_by"])


def test_a_withdrawn_alias_still_answers_for_the_days_before(record):
    with record.begin() as connection:
        add(connection)
        ended = aliases.withdraw(connection, "老纺织厂", actor="desk", effective=SUMMER)
        days = [held(connection, day) for day in (date(2026, 5, 31), SUMMER)]
    assert (ended.means, ended.valid_from, ended.valid_to) == ("工农路10号", SPRING, SUMMER)
    assert days == [{"老纺织厂": "工农路10号"}, {}]


def test_an_alias_withdrawn_on_its_first_day_never_held(record):
    with record.begin() as connection:
        add(connection)
        aliases.withdraw(connection, "老纺织厂", actor="desk", effective=SPRING)
        assert len(aliases.read(connection)) == 0


def test_a_withdrawn_alias_may_be_given_another_meaning(record):
    with record.begin() as connection:
        add(connection)
        aliases.withdraw(connection, "老纺织厂", actor="desk", effective=SUMMER)
        add(connection, means="工农路12号", effective=SUMMER)
        meanings = [held(connection, day)["老纺织厂"] for day in (SPRING, SUMMER)]
    assert meanings == ["工农路10号", "工农路12号"]


def test_what_ended_before_stays_as_it_was_when_its_successor_is_withdrawn(record):
    with record.begin() as connection:
        add(connection)
        aliases.withdraw(connection, "老纺织厂", actor="desk", effective=SUMMER)
        add(connection, means="工农路12号", effective=SUMMER)
        aliases.withdraw(connection, "老纺织厂", actor="desk", effective=AUTUMN)
        table = aliases.read(connection)
    assert table[["valid_from", "valid_to"]].to_numpy().tolist() == [[SPRING, SUMMER], [SUMMER, AUTUMN]]


def test_aliases_are_read_in_the_order_of_their_letters(record):
    with record.begin() as connection:
        for alias in ("b厂", "c厂", "a厂"):
            add(connection, alias)
        assert aliases.read(connection)["alias"].tolist() == ["a厂", "b厂", "c厂"]


@pytest.mark.parametrize("again", ["老纺织厂", " 老纺织厂　", "老紡織廠", "老纺-织厂"], ids=str)
def test_an_alias_in_use_is_refused_in_whatever_way_it_is_written(record, again):
    with record.connect() as connection:
        add(connection)
        with pytest.raises(ConflictError, match="in the record already for some of these days"):
            add(connection, alias=again, means="工农路12号")


def test_an_alias_that_begins_later_is_not_overtaken(record):
    with record.connect() as connection:
        add(connection, effective=SUMMER)
        with pytest.raises(ConflictError):
            add(connection, effective=SPRING)


@pytest.mark.parametrize("written", ["老紡織廠", "老纺织厂", "老 纺织厂"])
def test_an_alias_is_withdrawn_in_whatever_way_it_is_written(record, written):
    with record.begin() as connection:
        add(connection)
        aliases.withdraw(connection, written, actor="desk", effective=SUMMER)
        assert held(connection, SUMMER) == {}


def test_an_alias_is_withdrawn_by_its_very_letters_when_writing_is_compared_otherwise_than_then(record):
    with record.begin() as connection:
        add(connection)
        connection.execute(text("UPDATE aliases SET key = 'as it was compared long ago'"))
        aliases.withdraw(connection, "老纺织厂", actor="desk", effective=SUMMER)
        assert held(connection, SUMMER) == {}


@pytest.mark.parametrize("alias", ["新纺织厂", "", "\0", "a" * 10_000], ids=["unknown", "empty", "nul", "long"])
def test_an_alias_that_is_not_there_cannot_be_withdrawn(record, alias):
    with record.connect() as connection:
        add(connection)
        with pytest.raises(NotFoundError, match="no alias"):
            aliases.withdraw(connection, alias, actor="desk", effective=SUMMER)


def test_an_alias_that_ended_cannot_be_withdrawn_again(record):
    with record.connect() as connection:
        add(connection)
        aliases.withdraw(connection, "老纺织厂", actor="desk", effective=SUMMER)
        with pytest.raises(NotFoundError):
            aliases.withdraw(connection, "老纺织厂", actor="desk", effective=AUTUMN)


BAD = {
    "empty": ("", "工农路10号"),
    "blank": ("  ", "工农路10号"),
    "nothing but marks": ("——", "工农路10号"),
    "no meaning": ("老纺织厂", ""),
    "too long": ("厂" * 201, "工农路10号"),
    # one character that stands for the four of 株式会社
    "too long when written out": ("㍿" * 51, "工农路10号"),
    "itself": ("工农路10号", "工农路１０号"),
    "a mobile number": ("老王家13912345678", "工农路10号"),
    "an identity number": ("老纺织厂", "工农路10号320602199001011234"),
}


@pytest.mark.parametrize(("alias", "means"), BAD.values(), ids=BAD)
def test_an_alias_that_is_no_use_is_refused(record, alias, means):
    with record.connect() as connection, pytest.raises(InputError) as refused:
        add(connection, alias, means)
    assert "13912345678" not in str(refused.value)
    assert "320602199001011234" not in str(refused.value)


def test_two_hundred_characters_are_kept(record):
    with record.begin() as connection:
        assert add(connection, "厂" * 200).alias == "厂" * 200


def test_characters_that_cannot_be_printed_are_left_out(record):
    with record.begin() as connection:
        added = add(connection, "老\u200b纺\x00织\x07厂\ufeff\n")
        assert (added.alias, held(connection, SPRING)) == ("老纺织厂", {"老纺织厂": "工农路10号"})


@pytest.mark.parametrize("hostile", ["'; DROP TABLE aliases; --", "<script>alert(1)</script>", "100%s 号", "🏠老厂"])
def test_a_hostile_alias_is_a_text_like_any_other(record, hostile):
    with record.begin() as connection:
        add(connection, hostile)
        assert held(connection, SPRING) == {hostile: "工农路10号"}


def test_every_change_leaves_an_audit_row_under_the_name_and_role_of_who_made_it(record):
    office = Actor(name="grid office", role="grid-admin")
    with record.begin() as connection:
        add(connection, actor=office)
        aliases.withdraw(connection, "老纺织厂", actor=office, effective=SUMMER)
        assert store.verify_audit(connection).broken_at is None
    by = ("grid office", "grid-admin")
    assert told(record) == [(*by, "add alias", "老纺织厂"), (*by, "withdraw alias", "老纺织厂")]


def test_what_is_refused_leaves_no_trace(record):
    with record.begin() as connection:
        add(connection)
    with pytest.raises(ConflictError), record.begin() as connection:
        add(connection, means="工农路12号")
    with record.connect() as connection:
        assert (len(aliases.read(connection)), store.revision(connection), len(told(record))) == (1, 1, 1)


def test_each_change_of_an_alias_counts_as_a_revision_and_is_told(record, record_url):
    with psycopg.connect(record_url.replace("+psycopg", ""), autocommit=True) as listener:
        listener.execute("LISTEN gridmap_changed")
        with record.begin() as connection:
            add(connection)
        with record.begin() as connection:
            aliases.withdraw(connection, "老纺织厂", actor="desk", effective=SUMMER)
        assert [notice.payload for notice in listener.notifies(timeout=5, stop_after=2)] == ["1", "2"]


@pytest.mark.parametrize(
    ("layer", "shape"),
    [("buildings", shapely.box(120, 31, 120.001, 31.001)), ("streets", shapely.LineString([(120, 31), (120.01, 31)]))],
)
def test_a_change_of_buildings_or_streets_counts_too(record, layer, shape):
    table = gpd.GeoDataFrame({"id": ["1"]}, geometry=[shape], crs=4490)
    with record.begin() as connection:
        store.load(connection, layer, table, source=SOURCE, actor="desk", effective=SPRING)
    with record.connect() as connection:
        assert store.revision(connection) == 1


def lines(*pairs):
    return [aliases.Line(number=number, alias=alias, means=means) for number, (alias, means) in enumerate(pairs, 2)]


def load(connection, *pairs, effective=SPRING):
    return aliases.load(connection, lines(*pairs), file="aliases.csv", actor="desk", effective=effective)


def test_a_file_of_aliases_is_added_with_one_audit_row(record):
    with record.begin() as connection:
        report = load(connection, ("老纺织厂", "工农路10号"), ("大桥头", "人民路5号"))
        assert held(connection, SPRING) == {"老纺织厂": "工农路10号", "大桥头": "人民路5号"}
    assert (report.added, report.unchanged) == (2, 0)
    assert [row[2] for row in told(record)] == ["load aliases"]


def test_what_a_file_repeats_is_left_alone(record):
    with record.begin() as connection:
        load(connection, ("老纺织厂", "工农路10号"))
        report = load(connection, ("老纺织厂", "工农路10号"), ("大桥头", "人民路5号"), effective=SUMMER)
        assert (report.added, report.unchanged) == (1, 1)
        assert aliases.read(connection, on=SPRING)["alias"].tolist() == ["老纺织厂"]


def test_an_alias_that_will_end_is_not_taken_for_one_that_goes_on(record):
    with record.connect() as connection:
        add(connection)
        aliases.withdraw(connection, "老纺织厂", actor="desk", effective=AUTUMN)
        with pytest.raises(TableError, match="line 2"):
            load(connection, ("老纺织厂", "工农路10号"))


def test_an_alias_that_begins_later_is_not_taken_for_one_that_holds(record):
    with record.connect() as connection:
        add(connection, effective=SUMMER)
        with pytest.raises(TableError, match="line 2"):
            load(connection, ("老纺织厂", "工农路10号"), effective=SPRING)


def test_a_file_gives_all_its_faults_at_once_by_line_and_adds_nothing(record):
    pairs = [
        ("大桥头", "人民路5号"),
        ("", "人民路5号"),
        ("老纺织厂", "工农路12号"),
        ("大桥头", "人民路7号"),
        (None, None),
    ]
    with record.begin() as connection:
        add(connection)
        with pytest.raises(TableError) as refused:
            load(connection, *pairs)
        assert len(aliases.read(connection)) == 1
    assert [fault.line for fault in refused.value.faults] == [3, 4, 5, 6]


def test_of_two_administrators_who_add_the_same_alias_at_once_one_is_refused(record):
    at_once, outcomes = threading.Barrier(2), []

    def work(means):
        at_once.wait(10)
        try:
            with record.begin() as connection:
                outcomes.append(add(connection, means=means).means)
        except ConflictError as error:
            outcomes.append(type(error))

    writers = [threading.Thread(target=work, args=(means,)) for means in ("工农路10号", "工农路12号")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(20)
    assert sorted(map(str, outcomes)).count(str(ConflictError)) == 1
    assert len(told(record)) == 1


def test_a_record_of_the_first_version_keeps_all_it_holds_when_it_is_brought_up(record_url):
    store.migrate(record_url, target="base")
    store.migrate(record_url, target="0001")
    kept = "INSERT INTO api_keys (name, role, prefix, secret_sha256) VALUES ('desk', 'viewer', 'gm_', '\\x00')"
    with psycopg.connect(record_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(kept)
        store.migrate(record_url)
        assert connection.execute("SELECT name FROM api_keys").fetchall() == [("desk",)]
        assert connection.execute("SELECT count(*) FROM aliases").fetchone() == (0,)


def test_a_backup_holds_the_aliases(record, record_url, tmp_path):
    with record.begin() as connection:
        add(connection)
    backup.backup(record_url, tmp_path / "record.backup")
    with record.begin() as connection:
        connection.execute(text("DELETE FROM aliases"))
    record.dispose()
    backup.restore(record_url, tmp_path / "record.backup")
    with record.connect() as connection:
        assert held(connection, SPRING) == {"老纺织厂": "工农路10号"}
