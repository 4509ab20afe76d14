"""``gridmap locate``: which area addresses or points are in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap.cli.answers import show_answers, show_summary
from gridmap.cli.opening import open_territory
from gridmap.cli.options import AsJson, Columns, Crs, On, mapped, the_day
from gridmap.cli.telling import json_text, progress
from gridmap.errors import InputError

if TYPE_CHECKING:
    from gridmap import service
    from gridmap.territory import Territory

#: Endings of a written summary.
_REPORTS = (".csv", ".xlsx")


def locate(
    text: Annotated[list[str] | None, typer.Argument(help="Address, or coordinates as lon,lat.")] = None,
    areas: Annotated[Path | None, typer.Option(help="Areas; the record's if left out.")] = None,
    addresses: Annotated[Path | None, typer.Option(help="Addresses; the record's if left out.")] = None,
    buildings: Annotated[Path | None, typer.Option(help="Buildings, whose footprints decide at borders.")] = None,
    streets: Annotated[Path | None, typer.Option(help="Streets, whose numbers and crossings are told.")] = None,
    aliases: Annotated[Path | None, typer.Option(help="CSV of what people say: alias, means.")] = None,
    source: Annotated[Path | None, typer.Option("--in", help="CSV or XLSX with query, or lon and lat.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of the questions, where there are several.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="CSV, or XLSX: answers, by_hand, summary.")] = None,
    by_hand: Annotated[Path | None, typer.Option(help="CSV of the answers that are to be checked by hand.")] = None,
    report: Annotated[Path | None, typer.Option(help="CSV or XLSX of the summary.")] = None,
    check_below: Annotated[float, typer.Option(min=0, max=1, help="Lower scores are to be checked.")] = 0.8,
    on: On = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer.")] = 1,
    accuracy: Annotated[float | None, typer.Option(min=0, help="Metres; nearer borders make it ambiguous.")] = None,
    crs: Crs = None,
    query_crs: Annotated[str, typer.Option(help="CRS of lon and lat in the question.")] = "EPSG:4326",
    column: Columns = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the steps of the comparison.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say which area addresses or points are in, one by one or for a whole file."""
    from gridmap import service

    texts = text or []
    if bool(texts) == (source is not None) or (source is None) != (out is None):
        raise InputError("the question is incomplete", expected="TEXT, or --in queries.csv with --out answers.csv")
    if source is None and (by_hand or report or sheet):
        raise InputError("--by-hand, --report and --sheet are for files", expected="--in and --out with them")
    layers = {"areas": areas, "addresses": addresses, "buildings": buildings, "streets": streets, "aliases": aliases}
    question = service.Question(accuracy_m=accuracy, crs=query_crs, columns=mapped(column), check_below=check_below)
    with open_territory(layers, on=the_day(on), columns=mapped(column), crs=crs) as territory:
        if source is not None and out is not None:
            files = service.Files(source=source, out=out, by_hand=by_hand, sheet=sheet)
            _answer_file(files, territory, question, workers=workers, report=report, as_json=as_json)
            return
        answers = [_ask(territory, query, question, explain=explain) for query in texts]
    show_answers(answers, as_json=as_json)
    if any(answer["status"] in {"not_found", "outside"} for answer in answers):
        raise typer.Exit(1)


def _answer_file(
    files: service.Files,
    territory: Territory,
    question: service.Question,
    *,
    workers: int,
    report: Path | None,
    as_json: bool,
) -> None:
    """Answer a file, and say how many rows got which answer."""
    from gridmap import formats, service

    if report is not None and report.suffix.lower() not in _REPORTS:
        raise InputError(f"{report.name}", expected=f"a name that ends in {' or '.join(_REPORTS)}")
    with progress("locate") as advance:
        summary = service.locate_file(files, territory, question=question, workers=workers, progress=advance)
    if report is not None:
        formats.write({"summary": summary.table()}, report)
    for remark in summary.remarks:
        typer.echo(remark, err=True)
    if as_json:
        typer.echo(json_text(summary.said()))
    else:
        show_summary(summary, files)


def _ask(territory: Territory, query: str, question: service.Question, *, explain: bool) -> dict[str, Any]:
    """Answer one address, or one point written as lon,lat."""
    from gridmap import crs

    try:
        x, y = (float(part) for part in query.replace("，", ",").split(","))
    except ValueError:
        return territory.find(query, accuracy_m=question.accuracy_m, explain=explain)
    lon, lat = crs.to_wgs84(x, y, question.crs)
    return {"query": query, **territory.locate(float(lon), float(lat), accuracy_m=question.accuracy_m)}
