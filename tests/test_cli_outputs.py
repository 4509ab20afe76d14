"""A file that a command reads is never one that it writes."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import typer

from gridmap import cli
from gridmap.cli.outputs import WRITTEN, Command

#: Words by which the help of an option says that its file is written.
_WRITES = ("written", "write", "as one self-contained page", "as a sheet", "the page", "draw a self-contained")


def _commands(app: typer.Typer) -> Iterator[typer.models.CommandInfo]:
    """All commands of an application and of its groups."""
    yield from app.registered_commands
    for group in app.registered_groups:
        yield from _commands(group.typer_instance)


@pytest.mark.parametrize("words", [("--out",), ("--out", "--areas")], ids=["twice", "by another name"])
def test_a_file_that_is_read_is_not_written_over(tmp_path, monkeypatch, capsys, words) -> None:
    file = tmp_path / "grids.geojson"
    file.write_text('{"type": "FeatureCollection", "features": []}')
    again = file if len(words) == 1 else tmp_path / "link.geojson"
    if again is not file:
        again.symlink_to(file)
    monkeypatch.setattr(sys, "argv", ["gridmap", "grids", "check", "--areas", str(file), "--out", str(again)])

    with pytest.raises(SystemExit) as end:
        cli.main()

    assert end.value.code == 2
    assert f"--out {again} is read as --areas; give the result another name" in capsys.readouterr().err
    assert file.read_text() == '{"type": "FeatureCollection", "features": []}'


def test_all_commands_keep_what_they_read() -> None:
    assert {info.cls for info in _commands(cli.app)} == {Command}


def test_each_file_that_is_written_by_its_help_is_known_to_be_written() -> None:
    asked = [
        (
            name,
            (repr(kind.annotation) + str(getattr(kind.annotation, "__metadata__", [SimpleNamespace(help="")])[0].help)),
        )
        for info in _commands(cli.app)
        for name, kind in inspect.signature(info.callback, eval_str=True).parameters.items()
    ]
    written = {name for name, said in asked if "Path" in said and any(word in said.lower() for word in _WRITES)}
    assert written <= WRITTEN
    assert {"out", "sheet", "map_", "page", "clean"} <= written
