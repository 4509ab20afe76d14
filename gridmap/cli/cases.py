"""``gridmap cases``: the case file of a land dispute, from the first claim to the agreement."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from gridmap.cli import cases_adding, cases_folder, cases_settling
from gridmap.cli.cases_adding import Code, Seen
from gridmap.cli.opening import actor, open_record
from gridmap.cli.options import AsJson
from gridmap.cli.telling import json_text

app = typer.Typer(no_args_is_help=True, help="Case files of land disputes: claims, evidence, agreement.")

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="What stood on that day, what shows it.")]
Status = Literal["open", "agreed", "closed", "withdrawn"]


@app.command("list")
def cases_list(
    status: Annotated[Status | None, typer.Option(help="Only those of this status.")] = None, as_json: AsJson = False
) -> None:
    """List the cases, those changed last first."""
    from gridmap.store.cases_heads import list_cases

    with open_record() as engine, engine.connect() as connection:
        held = list_cases(connection, status=status).heads
    if as_json:
        typer.echo(json_text([head.said() for head in held]))
        return
    for head in held:
        typer.echo(f"{head.code}  {head.status:9}  version {head.version}  {head.name}")
    if not held:
        typer.echo("no cases", err=True)


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


app.command("add-claim")(cases_adding.cases_add_claim)
app.command("add-candidate")(cases_adding.cases_add_candidate)
app.command("add-evidence")(cases_adding.cases_add_evidence)
app.command("add-source")(cases_adding.cases_add_source)


@app.command("withdraw")
def cases_withdraw(
    code: Code,
    what: Annotated[Literal["claim", "candidate"], typer.Argument(help="What no longer stands.")],
    number: Annotated[int, typer.Argument(help="Its number in the case.")],
    version: Seen = None,
) -> None:
    """Mark a claim or a candidate as one that no longer stands; it stays in the case, and another may follow it."""
    from gridmap.store import cases

    with open_record() as engine, engine.begin() as connection:
        head = cases.withdraw(connection, code, f"{what}s", number, actor=actor(), version=version)
    typer.echo(f"{what} {number} of case {code} is withdrawn; version {head.version}")


@app.command("status")
def cases_status(
    code: Code,
    status: Annotated[Literal["open", "closed", "withdrawn"], typer.Argument(help="open: one that was withdrawn.")],
    version: Seen = None,
) -> None:
    """Close a case, withdraw it, or open it again."""
    from gridmap.store import cases

    with open_record() as engine, engine.begin() as connection:
        head = cases.set_status(connection, code, status, actor=actor(), version=version)
    typer.echo(f"case {code} is {head.status}; version {head.version}")


@app.command("show")
def cases_show(code: Code, on: Day = None, as_json: AsJson = False) -> None:
    """Show what a case holds; with --on, which claims stood on that day, and which sources show it."""
    from gridmap.service import cases
    from gridmap.service.cases_told import report, said

    with open_record() as engine:
        case = cases.get_case(engine, code)
    told = report(case, on.date() if on else None)
    typer.echo(json_text(told) if as_json else "\n".join(said(told)))


@app.command("verify")
def cases_verify(
    code: Code,
    against: Annotated[Path | None, typer.Option(help="A folder or archive that was handed over earlier.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check every row and file of a case against its hashes and the audit trail; status 1 if one was altered."""
    from dataclasses import asdict, replace

    from gridmap.service import cases
    from gridmap.service.cases_folder import compare_export

    with open_record() as engine:
        found = cases.verify_case(engine, code)
        if against is not None:
            found = replace(found, faults=(*found.faults, *compare_export(engine, code, against)))
    if as_json:
        typer.echo(json_text(asdict(found)))
    else:
        lines = [fault.message for fault in found.faults] or [f"{found.rows} rows, all as they were written"]
        typer.echo("\n".join([*lines, *(f"{part}  {head}" for part, head in found.heads.items())]))
    if found.faults:
        raise typer.Exit(1)


app.command("compare")(cases_settling.cases_compare)
app.command("agree")(cases_settling.cases_agree)
app.command("evidence")(cases_folder.cases_evidence)
app.command("export")(cases_folder.cases_export)
app.command("import")(cases_folder.cases_import)
