"""``gridmap cases evidence``, ``export``, ``import``: a file of a case, and a case whole, out of the record and in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gridmap.cli.cases_adding import Code
from gridmap.cli.opening import actor, open_record
from gridmap.drafts import drafts
from gridmap.errors import InputError


def cases_evidence(
    code: Code,
    number: Annotated[int, typer.Argument(help="Number of the evidence.")],
    out: Annotated[Path, typer.Option(help="The file that is written, which is not there yet.")],
) -> None:
    """Write a file of evidence as it was handed in; the look at it is audited."""
    from gridmap.store.cases_evidence import read_evidence

    if out.exists():
        raise InputError(f"{out} is there already", expected="a new file", code="file_taken")
    with open_record() as engine, drafts(out) as draft:
        with engine.begin() as connection:
            row, content = read_evidence(connection, code, number, actor=actor())
        draft[out].write_bytes(content)
    typer.echo(f"{row['file']}  {row['bytes']} bytes  {row['sha256']}")


def cases_export(
    code: Code, target: Annotated[Path, typer.Argument(help="A folder that is not there yet, or a new .zip.")]
) -> None:
    """Write a case into one folder or archive, with all evidence."""
    from gridmap.service.cases_folder import export_case

    with open_record() as engine:
        export_case(engine, code, target, actor=actor())
    typer.echo(f"case {code} written to {target}", err=True)


def cases_import(source: Annotated[Path, typer.Argument(help="What `gridmap cases export` wrote.")]) -> None:
    """Take a case from a folder or archive: identical to the last bit, or refused."""
    from gridmap.service.cases_folder import import_case

    with open_record() as engine:
        done = import_case(engine, source, actor=actor())
    found = f"{done.rows} rows, {done.files} files of evidence"
    typer.echo(f"case {done.code}: {found}" + ("" if done.new else "; the record holds the very same, nothing changed"))
