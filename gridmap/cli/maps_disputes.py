"""``gridmap maps disputes``: claims over any two of old maps, pictures and parcels, as one self-contained page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gridmap.cli import parcels_compare as comparing
from gridmap.cli.cameras import refuse_unwritable_page
from gridmap.cli.options import Columns, Crs, mapped
from gridmap.cli.parcels_map import write_map
from gridmap.cli.parcels_read import CommonPoints, Within
from gridmap.cli.telling import progress
from gridmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from gridmap.maps import Source

Pictures = Annotated[
    list[Path] | None,
    typer.Option("--picture", help="A georeferenced old map or picture (`gridmap parcels georeference`); repeat."),
]
Captured = Annotated[
    list[str] | None,
    typer.Option("--captured", help="When the picture was taken, the map surveyed: 1953~, 195X, ''; once a picture."),
]
Released = Annotated[
    list[str] | None, typer.Option("--released", help="When it was published, as --captured; once a picture.")
]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="What it is: map, picture, survey; once a picture, else picture.")
]
Old = Annotated[Path | None, typer.Option(help="Parcels of an earlier survey.")]
New = Annotated[Path | None, typer.Option(help="Parcels of a later survey.")]
OldDate = Annotated[str | None, typer.Option(help="When the earlier survey was made, as --captured.")]
NewDate = Annotated[str | None, typer.Option(help="When the later survey was made, as --captured.")]


def maps_disputes(
    claims: comparing.Claims,
    out: Annotated[Path, typer.Option(help="The page, .html.")],
    candidates: comparing.Candidates = None,
    buildings: comparing.Buildings = None,
    objects: comparing.Things = None,
    picture: Pictures = None,
    captured: Captured = None,
    released: Released = None,
    kind: Kinds = None,
    old: Old = None,
    new: New = None,
    old_date: OldDate = None,
    new_date: NewDate = None,
    status_quo: comparing.StatusQuo = None,
    share: comparing.Shares = None,
    bearing: comparing.Bearing = None,
    within: Within = None,
    accuracy: comparing.Accuracies = None,
    common_points: CommonPoints = None,
    title: Annotated[str, typer.Option(help="Title of the page.")] = "",
    lang: Annotated[Literal["zh", "en"], typer.Option(help="zh or en.")] = "zh",
    crs: Crs = None,
    column: Columns = None,
) -> None:
    """Draw claims, contested ground, candidates and their ledger over two sources, with a divider between them."""
    from gridmap import formats
    from gridmap.disputes import compare
    from gridmap.service import disputes
    from gridmap.service.grids import read_layer
    from gridmap.service.tables import columns_of

    refuse_unwritable_page(out)
    columns = mapped(column)
    sources = pictures(picture or [], captured=captured, released=released, kinds=kind)
    for key, path, day in (("old_parcels", old, old_date), ("new_parcels", new, new_date)):
        if path is not None:
            sources.append(_epoch(key, read_layer(path, "parcels", crs=crs, columns=columns, mend=True), day, lang))
    read = disputes.read_claims(
        claims,
        crs=crs,
        columns=columns_of("claims", columns),
        within=None if within is None else formats.read(within),
        common_points=None if common_points is None else formats.read(common_points),
        accuracy_m=comparing.accuracies(accuracy),
    )
    lines = None
    if candidates is not None:
        lines = disputes.read_lines(candidates, crs=crs, columns=columns_of("candidates", columns))
    built = None if buildings is None else read_layer(buildings, "buildings", crs=crs, columns=columns, mend=True)
    things = None if objects is None else formats.read(objects, crs=crs)
    with progress("compare"):
        compared = compare(
            read.table, lines, built, objects=things, status_quo=status_quo, shares=share or (), bearing_deg=bearing
        )
    write_map(compared, read, out, sources=sources, buildings=built, title=title, lang=lang)


def pictures(
    paths: Sequence[Path],
    *,
    captured: Sequence[str] | None = None,
    released: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
) -> list[Source]:
    """Return the pictures that files hold, each with what is stated of it in the same place.

    Raises
    ------
    InputError
        If as many are not stated as there are pictures, or a date is none.
    """
    from gridmap.disputes.dates import SourceDates
    from gridmap.maps import Source

    stated = {"--captured": captured, "--released": released, "--kind": kinds}
    for option, values in stated.items():
        if values and len(values) != len(paths):
            raise InputError(
                f"{len(values)} times {option} for {len(paths)} pictures",
                expected="once for each picture, in their order",
                do=f"{option} '' where nothing is known",
            )
    rows = zip(paths, *(values or [""] * len(paths) for values in stated.values()), strict=True)
    return [
        Source(
            title=path.stem,
            kind=kind or "picture",
            path=path,
            dates=SourceDates(capture=_day(taken), release=_day(out)),
        )
        for path, taken, out, kind in rows
    ]


def _epoch(key: str, parcels: gpd.GeoDataFrame, day: str | None, lang: str) -> Source:
    """Parcels of a survey."""
    from gridmap.disputes.dates import SourceDates
    from gridmap.maps import Source
    from gridmap.maps.dispute_words import DISPUTES

    dates = SourceDates(capture=_day(day or ""))
    return Source(title=DISPUTES.one(key, lang), kind="parcels", dates=dates, parcels=parcels)


def _day(text: str) -> Any:
    """A date as it is stated; None where nothing is."""
    from gridmap.disputes.dates import parse_edtf

    return parse_edtf(text) if text.strip() else None
