"""``gridmap load``, ``publish`` and ``dump``: what goes into the record, and comes out of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gridmap.cli.opening import actor, open_record
from gridmap.cli.options import AsJson, Columns, Crs, Effective, Encoding, File, Mend, On, Sublayer, mapped, the_day
from gridmap.cli.telling import json_text, progress
from gridmap.errors import ConflictError, InputError

if TYPE_CHECKING:
    from gridmap.service import Loaded


def load(
    layer: Annotated[str, typer.Argument(help="areas, buildings, streets, addresses, cameras, ...")],
    file: File,
    effective: Effective = None,
    replace: Annotated[bool, typer.Option("--replace", help="Rows that the file lacks end on that day.")] = False,
    crs: Crs = None,
    column: Columns = None,
    encoding: Encoding = None,
    sublayer: Sublayer = None,
    mend: Mend = False,
    as_json: AsJson = False,
) -> None:
    """Load a file into the record: all of it, or nothing with every fault listed."""
    from gridmap import service

    if layer not in service.LAYERS:
        raise InputError(f"layer {layer}", expected="one of " + ", ".join(service.LAYERS))
    with open_record() as engine, progress(f"load {layer}") as advance:
        loaded = service.load_file(
            engine,
            layer,
            file,
            deed=service.Deed(actor=actor(), effective=the_day(effective)),
            replace=replace,
            progress=advance,
            crs=crs,
            columns=mapped(column) or None,
            encoding=encoding,
            sublayer=sublayer,
            mend=mend,
        )
    _show_loaded(loaded, as_json=as_json)


def publish(
    file: File,
    effective: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day of force.")],
    crs: Crs = None,
    column: Columns = None,
    encoding: Encoding = None,
    sublayer: Sublayer = None,
    mend: Mend = False,
    as_json: AsJson = False,
) -> None:
    """Make an area set the plan in force on a day, all levels at once."""
    from gridmap import service

    with open_record() as engine:
        try:
            loaded = service.publish_file(
                engine,
                file,
                deed=service.Deed(actor=actor(), effective=effective.date()),
                crs=crs,
                columns=mapped(column) or None,
                encoding=encoding,
                sublayer=sublayer,
                mend=mend,
            )
        except ConflictError as refusal:
            typer.echo(f"refused: {refusal}", err=True)
            raise typer.Exit(1) from refusal
    _show_loaded(loaded, as_json=as_json)


def dump(
    layer: Annotated[str, typer.Argument(help="areas, buildings, streets, ...")],
    file: File,
    on: On = None,
) -> None:
    """Write a layer of the record to a file: as of a day, or every row ever; of an empty layer its columns alone."""
    from gridmap import service

    if layer not in service.LAYERS:
        raise InputError(f"layer {layer}", expected="one of " + ", ".join(service.LAYERS))
    with open_record() as engine:
        rows = service.dump_file(engine, layer, file, on=on.date() if on else None)
    typer.echo(f"{rows} rows of {layer} written to {file}" + _none(on, rows), err=True)


def _none(on: datetime | None, rows: int) -> str:
    """Why no row was written; the file has the columns that are promised, for others to read it all the same."""
    if rows:
        return ""
    return ": the record holds none" + (f" in force on {on.date()}" if on else "") + "; the file has its columns alone"


def _show_loaded(loaded: Loaded, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        warnings = [{"code": fault.code, "message": fault.message} for fault in loaded.warnings]
        typer.echo(json_text({**asdict(loaded.report), "reading": loaded.reading, "warnings": warnings}))
        return
    rows = {what: count for what, count in asdict(loaded.report).items() if what != "load_id"}
    typer.echo(", ".join(f"{count} {what}" for what, count in rows.items()))
    typer.echo(str(loaded.reading["crs"]), err=True)
    for mend in loaded.reading["mended"]:  # type: ignore[attr-defined]
        typer.echo(f"mended feature {mend['feature']}: {mend['changed_m2']:.2f} m2 changed", err=True)
    for message in (*(warning["message"] for warning in loaded.reading["warnings"]), *loaded.warnings):  # type: ignore[attr-defined]
        typer.echo(f"warning: {message}", err=True)
