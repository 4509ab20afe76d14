"""``gridmap locate``: which area addresses or points are in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap.cli.opening import open_territory
from gridmap.cli.options import AsJson, Columns, Crs, On, mapped, the_day
from gridmap.cli.telling import json_text, progress
from gridmap.errors import InputError

if TYPE_CHECKING:
    from gridmap.territory import Territory


def locate(
    text: Annotated[list[str] | None, typer.Argument(help="Address, or coordinates as lon,lat.")] = None,
    areas: Annotated[Path | None, typer.Option(help="Areas; the record's if left out.")] = None,
    addresses: Annotated[Path | None, typer.Option(help="Addresses; the record's if left out.")] = None,
    source: Annotated[Path | None, typer.Option("--in", help="CSV with query, or lon and lat.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="CSV of answers.")] = None,
    on: On = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer.")] = 1,
    accuracy: Annotated[float | None, typer.Option(min=0, help="Metres; nearer borders make it ambiguous.")] = None,
    crs: Crs = None,
    query_crs: Annotated[str, typer.Option(help="CRS of lon and lat in the question.")] = "EPSG:4326",
    column: Columns = None,
    as_json: AsJson = False,
) -> None:
    """Say which area addresses or points are in, one by one or for a whole file."""
    from gridmap import service

    texts = text or []
    if bool(texts) == (source is not None) or (source is None) != (out is None):
        raise InputError("the question is incomplete", expected="TEXT, or --in queries.csv with --out answers.csv")
    files = {"areas": areas, "addresses": addresses}
    with open_territory(files, on=the_day(on), columns=mapped(column), crs=crs) as territory:
        if source is not None and out is not None:
            question = service.Question(accuracy_m=accuracy, crs=query_crs, columns=mapped(column))
            with progress("locate") as advance:
                counts = service.locate_file(
                    source, out, territory, question=question, workers=workers, progress=lambda done: advance(done, 0)
                )
            said = ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "no rows"
            typer.echo(json_text(counts) if as_json else f"{said}; written to {out}", err=not as_json)
            return
        answers = [_ask(territory, query, accuracy, query_crs) for query in texts]
    _show_answers(answers, as_json=as_json)
    if any(answer["status"] in {"not_found", "outside"} for answer in answers):
        raise typer.Exit(1)


def _ask(territory: Territory, query: str, accuracy_m: float | None, query_crs: str) -> dict[str, Any]:
    """Answer one address, or one point written as lon,lat."""
    from gridmap import crs

    try:
        x, y = (float(part) for part in query.replace("，", ",").split(","))
    except ValueError:
        return territory.find(query, accuracy_m=accuracy_m)
    lon, lat = crs.to_wgs84(x, y, query_crs)
    return {"query": query, **territory.locate(float(lon), float(lat), accuracy_m=accuracy_m)}


def _show_answers(answers: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json_text(answers[0] if len(answers) == 1 else answers))
        return
    typer.echo("\n\n".join("\n".join(_lines(answer)) for answer in answers))


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    """An answer as a person reads it: what was asked, what was found, where, and how sure that is."""
    yield f"{answer['query']}: {answer['status']}"
    if answer["area"]:
        yield f"  {answer['area']}  {' > '.join(str(link['name'] or link['code']) for link in answer['chain'])}"
    if answer.get("address"):
        yield f"  {answer['address']} ({answer['matched_level']})"
    if answer["border_m"] is not None:
        yield f"  {answer['lon']:.6f}, {answer['lat']:.6f}; {answer['border_m']:.1f} m to the nearest border"
    for other in answer.get("candidates", []):
        yield f"  or {other.get('address') or other.get('name') or ''} {other.get('code') or other.get('area') or ''}"
