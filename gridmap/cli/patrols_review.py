"""``gridmap patrols settle | release``: shifts of the record entered into its ledger, and held ones let count."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from gridmap.cli.opening import actor, open_record
from gridmap.cli.options import AsJson
from gridmap.cli.telling import json_text, progress


def patrols_settle(as_json: AsJson = False) -> None:
    """Enter what was walked in shifts that have closed into the ledger of the record; the service does so by itself.

    Status 1: a shift is held for review, or its day has no streets.
    """
    from gridmap.service.patrol_settling import settle

    with open_record() as engine, progress("settle shifts"):
        done = settle(engine, actor=actor())
    said = f"{done.shifts} shifts of posts settled: {done.fixes:,} fixes, {done.visits:,} visits; {done.held} are held"
    if done.too_late:
        said += f"\n{done.too_late} had fixes that came after the others were deleted: their ledger stays"
    if done.without_streets:
        said += f"\nno streets on the day of {', '.join(done.without_streets)}: load streets, and settle again"
    typer.echo(json_text(asdict(done)) if as_json else said)
    if done.held or done.without_streets:
        raise typer.Exit(1)


def patrols_release(
    post: Annotated[str, typer.Argument(help="Whose shift; a post, never a person.")],
    shift: Annotated[str, typer.Argument(help="Which, as it is told: '2024-05-06 day'.")],
    read_as: Annotated[
        Literal["GCJ-02", "BD-09"] | None,
        typer.Option("--read-as", help="The datum that its fixes are truly in: they are matched anew."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let a shift count that the record holds for review: somebody has looked at it. The audit trail tells who."""
    from gridmap.service.patrol_review import release

    with open_record() as engine:
        row = release(engine, post, shift, actor=actor(), read_as=read_as)
    reasons = ", ".join(row["released"])
    typer.echo(json_text(row) if as_json else f"{post} in {shift} counts, though held for: {reasons}")
