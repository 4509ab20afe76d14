"""``gridmap cases``: the case file of a land dispute, from the first claim to the agreement."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gridmap.cli.opening import actor, open_record
from gridmap.cli.options import AsJson, Columns, Crs, mapped
from gridmap.cli.telling import json_text

app = typer.Typer(no_args_is_help=True, help="Case files of land disputes: claims, evidence, agreement.")

Code = Annotated[str, typer.Argument(help="The case's code, such as 2026-0007.")]
Seen = Annotated[int | None, typer.Option("--version", help="The version that you saw: refused if it changed since.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day.")]
_Evidence = Annotated[int | None, typer.Option("--evidence", help="Number of the evidence that it rests on.")]


@app.command("list")
def cases_list(
    status: Annotated[str | None, typer.Option(help="open, agreed, closed or withdrawn.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the cases by code."""
    from dataclasses import asdict

    from gridmap.store.cases_heads import list_cases

    with open_record() as engine, engine.connect() as connection:
        held = sorted(list_cases(connection, status=status).heads, key=lambda head: head.code)
    if as_json:
        typer.echo(json_text([asdict(head) for head in held]))
        return
    for head in held:
        typer.echo(f"{head.code}  {head.status:9}  version {head.version}  {head.name}")


@app.command("open")
def cases_open(
    name: Annotated[str, typer.Argument(help="What the case is called; no persons.")],
    code: Annotated[str | None, typer.Option(help="Its code; without one, the next of the year.")] = None,
    note: Annotated[str, typer.Option(help="What its mediator should know.")] = "",
    epsg: Annotated[int | None, typer.Option(help="The zone in which it is measured; else that of its place.")] = None,
) -> None:
    """Open a case and print its code."""
    from gridmap.service import cases
    from gridmap.store.cases_given import NewCase

    with open_record() as engine:
        typer.echo(cases.open_case(engine, NewCase(name=name, code=code, note=note, epsg=epsg), actor=actor()).code)


@app.command("add-claim")
def cases_add_claim(
    code: Code,
    files: Annotated[list[Path], typer.Argument(help="Claims in whatever file the office gave.")],
    party: Annotated[str | None, typer.Option(help="Label of the party; else the file's column, or its name.")] = None,
    date: Annotated[str | None, typer.Option(help="Date of the source (EDTF: 1953~, 195X, 2004-06-01).")] = None,
    accuracy: Annotated[float | None, typer.Option(help="Standard error of a point, in metres.")] = None,
    evidence: _Evidence = None,
    version: Seen = None,
    crs: Crs = None,
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Add the claims in files to a case, all or none."""
    from gridmap.service import cases
    from gridmap.service.tables import columns_of

    given = {"party": party, "date": date, "accuracy_m": accuracy, "evidence": evidence}
    said = {name: value for name, value in given.items() if value is not None}
    columns = columns_of("claims", mapped(column))
    with open_record() as engine:
        added = cases.put_claims(
            engine, code, files, actor=actor(), version=version, crs=crs, columns=columns, said=said
        )
    _show_added("claim", added, as_json=as_json)


@app.command("add-candidate")
def cases_add_candidate(
    code: Code,
    file: Annotated[Path | None, typer.Argument(help="Lines proposed to settle.")] = None,
    share: Annotated[
        float | None, typer.Option(min=0, max=1, help="Solve a line that gives the first party this share.")
    ] = None,
    version: Seen = None,
    crs: Crs = None,
    as_json: AsJson = False,
) -> None:
    """Add the lines in a file as candidates, or one that is solved for a share of the disputed ground."""
    from gridmap.errors import InputError
    from gridmap.service import cases

    if (file is None) == (share is None):
        raise InputError("a candidate needs a file or a share", expected="one of both")
    with open_record() as engine:
        if file is not None:
            added = cases.put_candidates(engine, code, file, actor=actor(), version=version, crs=crs, source=file.name)
        else:
            added = cases.put_solved(engine, code, share or 0.0, actor=actor(), version=version)
    _show_added("candidate", added, as_json=as_json)


@app.command("add-evidence")
def cases_add_evidence(
    code: Code,
    file: Annotated[Path, typer.Argument(help="The file; its SHA-256 joins the chain.")],
    kind: Annotated[str, typer.Option(help="What it is: map, certificate, photo, ...")] = "document",
    party: Annotated[str | None, typer.Option(help="Label of the party that hands it in.")] = None,
    statement: Annotated[str | None, typer.Option(help="What it is to show of the land.")] = None,
    captured: Annotated[str | None, typer.Option(help="When it was surveyed or taken (EDTF).")] = None,
    released: Annotated[str | None, typer.Option(help="When it was published (EDTF).")] = None,
    scanned: Annotated[str | None, typer.Option(help="When it was scanned (EDTF).")] = None,
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


@app.command("show")
def cases_show(code: Code, on: Day = None, as_json: AsJson = False) -> None:
    """Show what a case holds; with --on, what of it is certainly or possibly of that day."""
    from gridmap.service import cases
    from gridmap.service.cases_told import report, said

    with open_record() as engine:
        case = cases.get_case(engine, code)
    told = report(case, on.date() if on else None)
    typer.echo(json_text(told) if as_json else "\n".join(said(told)))


@app.command("verify")
def cases_verify(code: Code, as_json: AsJson = False) -> None:
    """Check every row and file of a case against the chain of hashes; status 1 if one was altered."""
    from dataclasses import asdict

    from gridmap.service import cases

    with open_record() as engine:
        found = cases.verify_case(engine, code)
    if as_json:
        typer.echo(json_text(asdict(found)))
    else:
        lines = [fault.message for fault in found.faults] or [f"{found.rows} rows, all as they were written"]
        typer.echo("\n".join([*lines, *(f"{part}  {head}" for part, head in found.heads.items())]))
    if found.faults:
        raise typer.Exit(1)


@app.command("agree")
def cases_agree(
    code: Code,
    candidate: Annotated[str, typer.Argument(help="The candidate that becomes the border.")],
    effective: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day of the new border.")],
    agreed_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Day of the signatures.")],
    party: Annotated[list[str] | None, typer.Option(help="Label of a party that signs; repeat.")] = None,
    terms: Annotated[str, typer.Option(help="What else was agreed about the land.")] = "",
    sheet: Annotated[Path | None, typer.Option(help="The sheet that was signed: its SHA-256 is kept.")] = None,
    parcel: Annotated[list[str] | None, typer.Option(help="Identifier of a party's parcel: PARTY=ID; repeat.")] = None,
    version: Seen = None,
    as_json: AsJson = False,
) -> None:
    """Make a candidate the border from a day on: new dated parcels, and what became of those before."""
    import hashlib

    from gridmap.service import cases
    from gridmap.service.cases_told import agreed_report
    from gridmap.store.cases_agreeing import Signing

    signing = Signing(
        candidate=candidate,
        agreed_on=agreed_on.date(),
        effective=effective.date(),
        parties=tuple(party or ()),
        terms=terms,
        sheet_sha256=hashlib.sha256(sheet.read_bytes()).hexdigest() if sheet else None,
    )
    with open_record() as engine:
        agreed = cases.agree(engine, code, signing, actor=actor(), version=version, ids=_pairs(parcel or []))
    told = agreed_report(agreed)
    if as_json:
        typer.echo(json_text(told))
        return
    typer.echo(f"agreement {told['number']} of case {code}")
    for row in told["parcels"]:
        typer.echo(f"parcel {row['id']}  {row['party']}  {row['area_m2']:,.2f} m2")
    for row in told["lineage"]:
        typer.echo(f"{row['old'] or '-'} -> {row['new'] or '-'}  {row['kind']}  {row['area_m2']:,.2f} m2")
    if told["undecided_m2"]:
        typer.echo(f"{told['undecided_m2']:,.2f} m2 of disputed ground stay undecided")


@app.command("export")
def cases_export(code: Code, folder: Annotated[Path, typer.Argument(help="A folder that is not there yet.")]) -> None:
    """Write a case into one folder, with all evidence."""
    from gridmap.service.cases_folder import export_case

    with open_record() as engine:
        export_case(engine, code, folder, actor=actor())
    typer.echo(f"case {code} written to {folder}", err=True)


@app.command("import")
def cases_import(folder: Annotated[Path, typer.Argument(help="What `gridmap cases export` wrote.")]) -> None:
    """Take a case from a folder: identical to the last bit, or refused."""
    from gridmap.service.cases_folder import import_case

    with open_record() as engine:
        done = import_case(engine, folder, actor=actor())
    found = f"{done.rows} rows, {done.files} files of evidence"
    typer.echo(f"case {done.code}: {found}" + ("" if done.new else "; the record holds the very same, nothing changed"))


def _pairs(given: list[str]) -> dict[str, str]:
    """``PARTY=ID`` pairs as a mapping."""
    from gridmap.errors import InputError

    pairs = [pair.rpartition("=") for pair in given]
    if not all(party and name for party, _, name in pairs):
        raise InputError(f"--parcel {' '.join(given)}", expected="PARTY=ID, such as 甲方=320613001001GB00001")
    return {party: name for party, _, name in pairs}


def _show_added(what: str, added: Any, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json_text({"numbers": added.numbers, "warnings": added.warnings}))
        return
    typer.echo(f"{what} " + ", ".join(map(str, added.numbers)))
    for row in added.warnings:
        typer.echo(f"note: {row['message']}; {row['message_zh']}", err=True)
