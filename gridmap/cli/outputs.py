"""What every command keeps: a file that it reads is not one that it writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from gridmap.errors import InputError

#: Parameters of all commands that name files to write; all other files are read.
WRITTEN = frozenset({"out", "page", "map_", "sheet", "clean", "by_hand", "report"})


class Command(TyperCommand):
    """A command that refuses to write over what it reads: the file that an office handed in is evidence."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command, unless a file would be read and written."""
        written = list(_files(ctx, written=True))
        for read, source in _files(ctx, written=False):
            for option, target in written:
                if _same(source, target):
                    raise InputError(f"{option} {target} is read as {read}", do="give the result another name")
        return super().invoke(ctx)


def keep_inputs(app: typer.Typer) -> None:
    """Make all commands of an application, and of its groups, refuse to write over what they read."""
    for command in app.registered_commands:
        command.cls = Command
    for group in app.registered_groups:
        if group.typer_instance is not None:
            keep_inputs(group.typer_instance)


def _files(ctx: Any, *, written: bool) -> Iterator[tuple[str, Path]]:
    """The files that the command was given, each with the name of its option."""
    for parameter in ctx.command.params:
        if (parameter.name in WRITTEN) == written:
            name = parameter.opts[0] if parameter.opts[0].startswith("-") else parameter.opts[0].upper()
            value = ctx.params.get(parameter.name or "")
            several = value if isinstance(value, list | tuple) else [value]
            yield from ((name, each) for each in several if isinstance(each, Path))


def _same(source: Path, target: Path) -> bool:
    """Whether two names are of one file; one that is not there yet is nobody's source."""
    return source.exists() and target.exists() and source.samefile(target)
