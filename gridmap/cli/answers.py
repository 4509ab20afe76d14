"""Answers and summaries as a person reads them, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from gridmap.cli.telling import json_text

if TYPE_CHECKING:
    from rich.table import Table

    from gridmap.service import Files, Summary

#: Other places that a person is shown; all of them stand in the JSON.
_SHOWN = 20


def show_answers(answers: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print answers."""
    if as_json:
        typer.echo(json_text(answers[0] if len(answers) == 1 else answers))
        return
    for place, answer in enumerate(answers):
        typer.echo(("\n" if place else "") + "\n".join(_lines(answer)))
        if answer.get("steps"):
            _print(_steps(answer["steps"]), err=False)


def show_summary(summary: Summary, files: Files) -> None:
    """Print on standard error how many rows got which answer, and where the answers are."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("what", "value", "rows", "share", "", ""):
        table.add_column(name, justify="right" if name in {"rows", "share"} else "left", overflow="fold")
    for what, value, rows, share, zh, en in summary.table().itertuples(index=False):
        table.add_row(what, value, str(rows), f"{share:.1%}", zh, en)
    _print(table, err=True)
    sheet = "" if files.out.suffix.lower() == ".csv" else ", sheets answers, by_hand and summary"
    beside = f"; to be checked by hand: {files.by_hand}" if files.by_hand else ""
    typer.echo(f"{summary.rows} rows; written to {files.out}{sheet}{beside}", err=True)


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    """An answer as a person reads it: what was asked, what was found, where, how sure that is, and why."""
    yield f"{answer['query']}: {answer['status']}"
    yield from _why(answer)
    if answer["area"]:
        yield f"  {answer['area']}  {' > '.join(str(link['name'] or link['code']) for link in answer['chain'])}"
    if answer.get("address"):
        yield f"  {answer['standard'] or answer['address']} ({_level(answer['matched_level'])})"
    if answer["lon"] is not None:
        yield f"  {answer['lon']:.6f}, {answer['lat']:.6f}{_distance(answer)}"
    yield from (f"  or {_other(other)}" for other in answer.get("candidates", [])[:_SHOWN])


def _why(answer: dict[str, Any]) -> Iterator[str]:
    """Why there is no one answer, what is known all the same, and what was taken on trust."""
    from gridmap.territory import terms

    if answer.get("reason"):
        yield f"  {answer['reason']}: {terms.meaning(terms.REASONS, answer['reason'])}"
    if known := answer.get("known"):
        yield f"  known 已知: {known['text']} ({_level(known['level'])}) {known['area'] or ''}".rstrip()
    for note in answer.get("notes", ()):
        change = f"{note['given']} → {note['taken']}" if note["taken"] else note["given"]
        yield f"  {note['code']}: {change} ({terms.meaning(terms.NOTES, note['code'])})"


def _distance(answer: dict[str, Any]) -> str:
    """How sure a place is, and how far the nearest border."""
    within = "" if answer.get("accuracy_m") is None else f" ± {answer['accuracy_m']:.0f} m"
    border = "" if answer["border_m"] is None else f"; {answer['border_m']:.1f} m to the nearest border"
    return within + border


def _other(other: dict[str, Any]) -> str:
    """One of several places or areas."""
    share = f" {other['share']:.0%}" if "share" in other else ""
    return f"{other.get('address') or other.get('name') or ''} {other.get('code') or other.get('area') or ''}{share}"


def _level(level: str) -> str:
    """A level in both languages."""
    from gridmap.territory import terms

    return f"{level} {terms.LEVELS[level][0]}" if level in terms.LEVELS else level


def _steps(steps: list[dict[str, Any]]) -> Table:
    """The steps of a comparison as a table."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2))
    table.add_column("step")
    table.add_column("gain", justify="right")
    table.add_column("detail", overflow="fold")
    for step in steps:
        table.add_row(str(step["name"]), f"{step['gain']:+.2f}", str(step["detail"]))
    return table


def _print(table: Table, *, err: bool) -> None:
    """Print a table; what stands in its cells is text, never markup."""
    from rich.console import Console

    Console(stderr=err, markup=False, highlight=False, emoji=False, soft_wrap=True).print(table)
