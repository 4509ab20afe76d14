"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path
from types import SimpleNamespace

import pytest

from gridmap import drafts as drafts_module
from gridmap.drafts import draft, drafts
from gridmap.errors import InputError


def test_of_two_files_none_takes_its_place_until_both_are_whole(tmp_path: Path) -> None:
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    one.write_text("before")

    with pytest.raises(InputError, match="cannot be written"), drafts(one, other) as fresh:
        fresh[one].write_text("after")

    assert one.read_text() == "before"
    assert sorted(tmp_path.iterdir()) == [one]


def test_a_disk_without_room_is_told_with_the_file_that_was_asked_for(tmp_path: Path) -> None:
    told = r"a\.gpkg cannot be written: No space left on device"
    with pytest.raises(InputError, match=told), draft(tmp_path / "a.gpkg"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_library_that_does_not_say_that_the_disk_is_full_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts_module.shutil, "disk_usage", lambda _: SimpleNamespace(total=10**9, free=1000))

    with pytest.raises(InputError, match="No space left on device"), draft(tmp_path / "a.gpkg"):
        raise RuntimeError("no such table: gpkg_contents")


def test_a_fault_of_another_kind_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="a fault"), draft(tmp_path / "a.gpkg"):
        raise RuntimeError("a fault")


def test_a_file_that_could_not_be_read_meanwhile_is_not_told_as_one_that_could_not_be_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), draft(tmp_path / "a.txt"):
        (tmp_path / "source.txt").read_text()


@pytest.mark.parametrize(
    ("name", "code"), [("none/a.txt", "missing_folder"), ("folder", "is_folder")], ids=["no folder", "a folder"]
)
def test_a_place_that_no_file_can_take_is_refused_before_the_work(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(InputError) as refused, draft(tmp_path / name):
        pytest.fail("the work began")

    assert refused.value.code == code
