"""``gridmap parcels compare``: what is contested, and what each candidate gives and takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap.cli.options import AsJson, Columns, Crs, mapped
from gridmap.cli.telling import json_text, progress

if TYPE_CHECKING:
    from gridmap.disputes import Comparison

Claims = Annotated[
    list[Path],
    typer.Option("--claims", help="Polygons or lines that parties claim: one file with party, or one a party; repeat."),
]
Candidates = Annotated[Path | None, typer.Option(help="Lines that are proposed to settle.")]
Buildings = Annotated[Path | None, typer.Option(help="Buildings, told where they lie in the contested ground.")]
Things = Annotated[Path | None, typer.Option(help="Trees, wells, graves, paths: points, lines, polygons with kind.")]
StatusQuo = Annotated[str | None, typer.Option(help="The candidate that is the line as it stands now.")]
Out = Annotated[Path, typer.Option(help="The file that is written: .gpkg with all layers; others hold the first.")]


def parcels_compare(
    claims: Claims,
    out: Out,
    candidates: Candidates = None,
    buildings: Buildings = None,
    objects: Things = None,
    status_quo: StatusQuo = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Tell what parties' claims have in common, and what each candidate gives and takes, to the square millimetre.

    Layers: claims, contested (claimed by several), gaps (between claims, claimed by nobody), ledger (gain and loss of
    each party by candidate), lines (how far apart the parties' lines lie, and whether surveys could tell), objects.
    """
    from gridmap import formats
    from gridmap.disputes import compare
    from gridmap.service import disputes
    from gridmap.service.grids import read_layer, write_grids
    from gridmap.service.tables import columns_of

    formats.refuse_unwritable(out)
    columns = mapped(column)
    read = disputes.read_claims(claims, crs=crs, columns=columns_of("claims", columns))
    lines = None
    if candidates is not None:
        lines = disputes.read_lines(candidates, crs=crs, columns=columns_of("candidates", columns))
    built = None if buildings is None else read_layer(buildings, "buildings", crs=crs, columns=columns, mend=True)
    things = None if objects is None else formats.read(objects, crs=crs)
    with progress("compare"):
        compared = compare(read.table, lines, built, objects=things, status_quo=status_quo)
    write_grids(disputes.layers(compared), out)
    typer.echo(json_text(disputes.report(compared)) if as_json else said(compared))


def said(compared: Comparison) -> str:
    """The comparison as lines for a screen."""
    return "\n".join(f"{row['what']} {row['name']}: {row['planar_m2']:,.2f} m2" for row in _rows(compared.areas))


def _rows(table: Any) -> list[dict[str, Any]]:
    return list(table.to_dict("records"))
