"""``gridmap cases add-claim``, ``add-candidate``, ``add-evidence``, ``add-source``: what a case is filled with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gridmap.cli.opening import actor, open_record
from gridmap.cli.options import AsJson, Columns, Crs, mapped
from gridmap.cli.parcels_read import CommonPoints, Within
from gridmap.cli.telling import json_text
from gridmap.errors import InputError

if TYPE_CHECKING:
    from gridmap.service.cases import Added

Code = Annotated[str, typer.Argument(help="The case's code, such as 2026-0007.")]
Seen = Annotated[int | None, typer.Option("--version", help="The version that you saw: refused if it changed since.")]
Evidence = Annotated[int | None, typer.Option("--evidence", help="Number of the evidence that holds what it rests on.")]
Captured = Annotated[str | None, typer.Option(help="When it was surveyed or taken (EDTF: 1953~, 195X, 2004-06-01).")]
Released = Annotated[str | None, typer.Option(help="When it was published (EDTF).")]
Scanned = Annotated[str | None, typer.Option(help="When it was scanned (EDTF).")]


def cases_add_claim(
    code: Code,
    files: Annotated[list[Path], typer.Argument(help="Claims in whatever file the office gave.")],
    party: Annotated[str | None, typer.Option(help="Label of the party; else the file's column, or its name.")] = None,
    source: Annotated[
        str | None, typer.Option(help="Where it comes from; else the file's column, or its name.")
    ] = None,
    date: Annotated[str | None, typer.Option(help="Date of the source (EDTF: 1953~, 195X, 2004-06-01).")] = None,
    accuracy: Annotated[float | None, typer.Option(help="Standard error of a point, in metres.")] = None,
    evidence: Evidence = None,
    within: Within = None,
    common_points: CommonPoints = None,
    version: Seen = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Add the claims in files to a case, all or none."""
    from gridmap import formats
    from gridmap.service import cases
    from gridmap.service.tables import columns_of

    given = {"party": party, "source": source, "date": date, "accuracy_m": accuracy, "evidence": evidence}
    hints = cases.Hints(
        crs=crs,
        columns=columns_of("claims", mapped(column)),
        within=None if within is None else formats.read(within),
        common_points=None if common_points is None else formats.read(common_points),
    )
    said = {name: value for name, value in given.items() if value is not None}
    with open_record() as engine:
        added = cases.put_claims(engine, code, files, actor=actor(), version=version, hints=hints, said=said)
    _show_added("claim", added, as_json=as_json)


def cases_add_candidate(
    code: Code,
    file: Annotated[Path | None, typer.Argument(help="Lines proposed to settle.")] = None,
    share: Annotated[
        float | None, typer.Option(min=0, max=1, help="Solve a line that gives a party this share of disputed ground.")
    ] = None,
    party: Annotated[
        str | None, typer.Option(help="The party that gets the share; else the first by its label.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What the line is called; several are numbered.")] = None,
    version: Seen = None,
    crs: Crs = None,
    as_json: AsJson = False,
) -> None:
    """Add the lines in a file as candidates, or one that is solved for a share of the disputed ground."""
    from gridmap.service import cases

    if (file is None) == (share is None):
        raise InputError("a candidate needs a file or a share", expected="one of both")
    with open_record() as engine:
        if file is not None:
            added = cases.put_candidates(
                engine, code, file, actor=actor(), version=version, crs=crs, source=file.name, name=name
            )
        else:
            wanted = cases.Wanted(share=share or 0.0, party=party, name=name)
            added = cases.put_solved(engine, code, wanted, actor=actor(), version=version)
    _show_added("candidate", added, as_json=as_json)


def cases_add_evidence(
    code: Code,
    file: Annotated[Path, typer.Argument(help="The file: it is kept as it is, and its SHA-256 joins the chain.")],
    kind: Annotated[str, typer.Option(help="What it is: map, picture, survey, parcels, document, ...")] = "document",
    party: Annotated[str | None, typer.Option(help="Label of the party that hands it in.")] = None,
    statement: Annotated[str | None, typer.Option(help="What it is to show of the land; no persons.")] = None,
    captured: Captured = None,
    released: Released = None,
    scanned: Scanned = None,
    version: Seen = None,
) -> None:
    """Add a file to the evidence of a case and print its number."""
    import mimetypes

    from gridmap.service import cases
    from gridmap.store.cases_given import NewEvidence

    new = NewEvidence(
        file=file.name,
        kind=kind,
        media_type=mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        party=party,
        statement=statement,
        captured=captured,
        released=released,
        scanned=scanned,
    )
    with open_record() as engine:
        typer.echo(str(cases.put_evidence(engine, code, file, new, actor=actor(), version=version)))


def cases_add_source(
    code: Code,
    title: Annotated[str, typer.Argument(help="What it is called, such as 1953年土地证附图.")],
    kind: Annotated[
        Literal["map", "picture", "survey", "parcels", "document"], typer.Option(help="What it is.")
    ] = "map",
    captured: Captured = None,
    released: Released = None,
    scanned: Scanned = None,
    evidence: Evidence = None,
    georeference: Annotated[
        Path | None, typer.Option(help="What `gridmap parcels georeference --json` printed of it.")
    ] = None,
    accuracy: Annotated[float | None, typer.Option(help="Standard error of a point in it, in metres.")] = None,
    epsg: Annotated[int | None, typer.Option(help="EPSG code of its system.")] = None,
    version: Seen = None,
) -> None:
    """Add a map, picture or survey that the page of the case shows, with its dates and its error; print its number."""
    from gridmap.store.cases import add_sources
    from gridmap.store.cases_given import NewSource

    new = NewSource(
        title=title,
        kind=kind,
        captured=captured,
        released=released,
        scanned=scanned,
        evidence=evidence,
        accuracy_m=accuracy,
        epsg=epsg,
        **({} if georeference is None else _georeferenced(georeference)),
    )
    with open_record() as engine, engine.begin() as connection:
        typer.echo(str(add_sources(connection, code, [new], actor=actor(), version=version)[0]))


def _georeferenced(path: Path) -> dict[str, Any]:
    """Method, error and control points of a picture, as they were printed."""
    import json

    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {name: told[name] for name in ("method", "leave_one_out_m", "points")}
    except (ValueError, KeyError, TypeError) as error:
        given = f"{path.name} tells of no georeferenced picture"
        raise InputError(given, expected="what `gridmap parcels georeference --json` prints") from error


def _show_added(what: str, added: Added, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json_text({"numbers": added.numbers, "warnings": added.warnings, "readings": added.readings}))
        return
    typer.echo(f"{what} " + ", ".join(map(str, added.numbers)))
    for reading in added.readings:
        names = ("format", "epsg", "axis_order", "unit", "encoding")
        decided = [str(reading[name]) for name in names if reading.get(name) is not None]
        typer.echo(f"read: {reading['file']}: {', '.join(decided)}", err=True)
    for row in added.warnings:
        typer.echo("note: " + "; ".join(dict.fromkeys((row["message"], row["message_zh"]))), err=True)
