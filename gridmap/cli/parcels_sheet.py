"""The sheet of a comparison on files, which both parties sign."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmap.cli.opening import settings
from gridmap.drafts import refuse_missing_folder
from gridmap.errors import InputError

if TYPE_CHECKING:
    import datetime as dt

    from gridmap.disputes import Comparison
    from gridmap.service.disputes import Claims

Sheet = Annotated[Path | None, typer.Option("--sheet", help="The same as a sheet to sign, .pdf.")]
Paper = Annotated[str, typer.Option(help="Paper of the sheet: A4 or A3.")]
Scale = Annotated[float | None, typer.Option(help="Scale of the sheet, as 500; the next round one if left out.")]
SheetLang = Annotated[str, typer.Option(help="Languages of the sheet: zh, en, or both.")]
Title = Annotated[str, typer.Option(help="Title of the sheet.")]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a sheet is to look."""

    #: ``A4`` or ``A3``
    paper: Any
    #: denominator; None: the next round one at which the ground fits
    scale: float | None
    #: ``zh``, ``en`` or ``both``
    lang: Any
    #: instead of the usual one
    title: str
    #: the day that it bears
    on: dt.date


def refuse_unwritable_sheet(path: Path) -> None:
    """Refuse a sheet that could not be written, before the work is done."""
    if path.suffix.lower() != ".pdf":
        raise InputError(f"--sheet {path.name}", expected="a file that ends in .pdf", code="unknown_ending")
    refuse_missing_folder(path)


def write_sheet(compared: Comparison, read: Claims, path: Path, asked: Asked) -> None:
    """Write the sheet of a comparison, with what had to be taken for granted to read the claims.

    Raises
    ------
    InputError, TooLargeError, NotFoundError, FormatError, CrsError
        As `gridmap.maps.sheet.sheet`.
    """
    from gridmap.maps.sheet import sheet

    told = replace(compared, warnings=[*read.warnings, *compared.warnings])
    content = sheet(
        told,
        paper=asked.paper,
        scale=asked.scale,
        lang=asked.lang,
        on=asked.on,
        title=asked.title,
        font=settings().font,
    )
    path.write_bytes(content)
