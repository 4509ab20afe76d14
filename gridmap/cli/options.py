"""Options that several commands take, and what they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from gridmap.errors import InputError

On = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day asked about; today if left out.")
]
Effective = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of force; today if left out.")]
Crs = Annotated[str | None, typer.Option("--crs", help="CRS of a file that states none: EPSG code, GCJ-02 or BD-09.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="ours=theirs; of one file of several, layer.ours=theirs (cameras.id=...); repeat."),
]
Encoding = Annotated[str | None, typer.Option(help="Text encoding of a file that is read wrongly.")]
Sublayer = Annotated[str | None, typer.Option(help="Layer inside a file that holds several.")]
Mend = Annotated[bool, typer.Option("--mend", help="Mend invalid rings and report the area each mend changes.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")]
File = Annotated[Path, typer.Argument(help="A file.")]

#: Files that columns can be stated for and that are none of the record's layers.
_NO_FRAMES = ("aliases", "must_see", "tracks")


def mapped(pairs: list[str] | None) -> dict[str, str]:
    """``ours=theirs`` and ``layer.ours=theirs`` pairs as a mapping."""
    mapping = {}
    for pair in pairs or []:
        ours, equals, theirs = pair.partition("=")
        if not (ours and equals and theirs):
            raise InputError(f"--column {pair}", expected="ours=theirs, such as code=编码")
        mapping[ours.strip()] = theirs.strip()
    _refuse_strange_layers(mapping)
    return mapping


def _refuse_strange_layers(mapping: Mapping[str, str]) -> None:
    """Refuse a column stated for a layer that there is not: it would be passed over in silence."""
    named = {ours.partition(".")[0] for ours in mapping if "." in ours}
    if not named:
        return
    from gridmap.frames import FRAMES

    layers = (*FRAMES, *_NO_FRAMES)
    if strange := sorted(named - {*layers}):
        raise InputError(f"--column {strange[0]}.", expected="one of " + ", ".join(f"{layer}." for layer in layers))


def the_day(moment: datetime | None) -> date:
    """The day given, else today."""
    from gridmap.territory import today

    return moment.date() if moment else today()
